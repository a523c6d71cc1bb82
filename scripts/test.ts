import {spawn, spawnSync} from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {availableParallelism, tmpdir} from 'node:os'
import {dirname, join, relative} from 'node:path'
import {newerThanBuild} from './build/stamp.js'
import {ROOT} from './build/workspaces.js'
import {type Failure, REPORT_VARIABLE, type Report} from './test-report.js'

const USE = `npm test                          lint, types, and every test, in parallel
npm test -- PATH… [MOCHA-FLAGS]   the tests of these files and directories, such as packages/kit, without lint and types
npm test -- --again               as the first, and files with failures once more, one after the other`

/** The files that take longest, as measured on two processors: one that began last would leave the other processors idle. */
const LONG = [
  'test/platform/plugins.test.ts',
  'packages/plugin-local/test/commands/local.test.ts',
  'packages/plugin-local/test/commands/exec.test.ts',
  'test/plugins/ecosystem.test.ts',
  'packages/plugin-tb/test/commands/tb/create-large-files.test.ts',
  'test/tidy/commands.test.ts',
  'test/plugins/guards.test.ts',
  'test/stories/next-steps-of-all.test.ts',
  'test/stories/next-steps.test.ts',
  'test/platform/runners.test.ts',
  'test/runner/guard.test.ts',
  'test/stories/what-leaves-the-machine.test.ts',
  'packages/kit/test/command/command.test.ts',
  'packages/plugin-local/test/commands/demo.test.ts',
  'test/platform/platforms.test.ts',
  'packages/console/test/chromium.test.ts',
  'test/stories/unshown-results.test.ts',
  'test/platform/two-kits.test.ts',
  'packages/ledger/test/kills/kills.test.ts',
  'packages/plugin-local/test/api/fuzz.test.ts',
  'test/stories/exit-codes.test.ts',
  'test/faults/hostile-text.test.ts',
  'test/tidy/modules.test.ts',
  'test/commands/auth/login.test.ts',
  'test/tidy/output.test.ts',
  'test/faults/every-command-every-fault.test.ts',
  'packages/plugin-local/test/server/identity/people.test.ts',
  'test/stories/two-organizations.test.ts',
  'test/faults/files.test.ts',
  'packages/ledger/test/segments.test.ts',
  'packages/plugin-tb/test/books/names.test.ts',
  'packages/plugin-api/test/commands/api.test.ts',
  'packages/plugin-tb/test/import/import.test.ts',
  'test/tidy/files.test.ts',
  'packages/plugin-local/test/testing/start-parix.test.ts',
  'packages/plugin-database/test/commands/database.test.ts',
  'packages/kit/test/http/proxy.test.ts',
  'test/stories/import.test.ts',
  'test/faults/wrong-words.test.ts',
  'test/tidy/citations.test.ts',
]
/** Much of a test is waiting for a process to start or a time to pass. */
const JOBS = availableParallelism() + 2

/** How long each file took at the last whole run, if there was one: seconds, a tab, the path. */
const DURATIONS = join(ROOT, 'tmp', 'test-durations.tsv')

async function main(argv: string[]): Promise<number> {
  if (argv.includes('--help')) {
    console.log(USE)
    return 0
  }
  const newer = newerThanBuild()
  if (newer !== undefined) {
    console.error(
      `${relative(ROOT, newer)} is newer than the build: the CLI is run from its sources, which takes longer.`,
    )
  }
  const paths = argv.flatMap((word) => (isDirectory(word) ? testFiles(word) : word))
  if (paths.some((word) => word.endsWith('.ts'))) return (await mocha(paths)).status
  const status = await run(npm(), ['run', 'lint'])
  if (status !== 0) return status
  const flags = argv.filter((word) => word !== '--again')
  // Types are checked while the first files wait for their processes.
  const [tests, types] = await Promise.all([
    everything(flags, argv.includes('--again')),
    run(npm(), ['run', 'typecheck']),
  ])
  if (types !== 0) console.error('npm run typecheck has found what is above.')
  return tests || types
}

/**
 * Processes of a suite that runs in parallel disturb each other on a machine that does other work as well. With `again` a
 * failure counts when it is there again without them; both are printed.
 */
async function everything(flags: string[], again: boolean): Promise<number> {
  const files = ['test', ...readdirSync(join(ROOT, 'packages')).map((name) => join('packages', name, 'test'))]
    .filter(isDirectory)
    .flatMap(testFiles)
  const first = await inMemory(async (place) => {
    const noted = join(place ?? tmpdir(), `parix-test-durations-${process.pid}`)
    const environment = {PARIX_TEST_DURATIONS: noted, ...(place !== undefined && {PARIX_TEST_TMPDIR: place})}
    const result = await mocha(['--parallel', '--jobs', String(JOBS), ...flags, ...inOrder(files)], environment)
    keepDurations(noted)
    return result
  })
  if (first.status === 0 || !again || first.report.failures.length === 0) {
    if (first.finished) print(first.report.passing, first.report.failures)
    return first.status
  }
  const files2 = [...new Set(first.report.failures.map(({file}) => file))]
  console.log(`\nOnce more, one after the other: ${files2.map((file) => relative(ROOT, file)).join(', ')}\n`)
  const second = await mocha([...flags, ...files2])
  if (second.finished) print(first.report.passing, second.report.failures)
  return second.status
}

/** What took longest at the last run comes first; where there was none, what took longest when LONG was written. */
function inOrder(files: string[]): string[] {
  const seconds = new Map<string, number>(LONG.map((file, index) => [file, 1000 - index]))
  if (existsSync(DURATIONS)) {
    for (const line of readFileSync(DURATIONS, 'utf8').split('\n')) {
      const [time, file] = line.split('\t')
      if (file !== undefined) seconds.set(file, Number(time))
    }
  }
  return files.toSorted((a, b) => (seconds.get(b) ?? 0) - (seconds.get(a) ?? 0))
}

function keepDurations(noted: string): void {
  if (!existsSync(noted)) return
  const lines = readFileSync(noted, 'utf8').trimEnd().split('\n')
  rmSync(noted)
  // A run that was cut short, or of some titles, says nothing of the others.
  if (lines.length < 300) return
  mkdirSync(dirname(DURATIONS), {recursive: true})
  writeFileSync(`${DURATIONS}.new`, `${lines.sort((a, b) => Number.parseFloat(b) - Number.parseFloat(a)).join('\n')}\n`)
  renameSync(`${DURATIONS}.new`, DURATIONS)
}

const MEMORY = '/dev/shm'
const MEMORY_BYTES_MIN = 4 * 1024 ** 3

/**
 * Gives `work` a directory for temporary files that is in memory, where there is one with enough space whose files may be run:
 * installed packages alone are 100,000 files, and a disk's file system takes longer to find a free inode for each than npm for all else.
 */
async function inMemory<T>(work: (place: string | undefined) => Promise<T>): Promise<T> {
  let place: string | undefined
  try {
    const {bavail, bsize} = statfsSync(MEMORY)
    if (bavail * bsize < MEMORY_BYTES_MIN) return await work(undefined)
    place = mkdtempSync(join(MEMORY, 'parix-tests-'))
    // As /tmp: tests run programs as another user, who must get there.
    chmodSync(place, 0o1777)
    const program = join(place, 'program')
    writeFileSync(program, '#!/bin/sh\n', {mode: 0o700})
    if (spawnSync(program).status !== 0) return await work(undefined)
    return await work(place)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === 'statfs') return await work(undefined)
    throw error
  } finally {
    if (place !== undefined) rmSync(place, {recursive: true, force: true})
  }
}

function print(passing: number, failures: Failure[]): void {
  for (const {file, title} of failures) console.log(`failed: ${relative(ROOT, file)}: ${title}`)
  console.log(`\n${passing} passing, ${failures.length} failing`)
}

interface MochaResult {
  status: number
  /** Whether it came to its end, however it went. */
  finished: boolean
  report: Report
}

async function mocha(words: string[], environment: Record<string, string> = {}): Promise<MochaResult> {
  const directory = mkdtempSync(join(tmpdir(), 'parix-test-report-'))
  const path = join(directory, 'report.json')
  try {
    const program = join(ROOT, 'node_modules/mocha/bin/mocha.js')
    const more = {...environment, [REPORT_VARIABLE]: path}
    const status = await run(program, ['--reporter', './scripts/test-report.ts', ...words], more)
    const finished = existsSync(path)
    if (!finished) console.error('mocha has not come to its end: how many tests there would have been is unknown.')
    const report = finished ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : {passing: 0, failures: []}
    return {status: finished ? status : status || 1, finished, report}
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}

function npm(): string {
  return process.env.npm_execpath ?? 'npm'
}

/** Runs a script of JavaScript by this Node (which needs no shell on Windows), else a program. What ends it by a signal is said. */
function run(program: string, args: string[], more: Record<string, string> = {}): Promise<number> {
  const [command, words] = /\.c?js$/.test(program) ? [process.execPath, [program, ...args]] : [program, args]
  const child = spawn(command, words, {cwd: ROOT, stdio: 'inherit', env: {...process.env, ...more}})
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.once('exit', (code, signal) => {
      if (signal !== null) console.error(`${relative(ROOT, program)} was killed by ${signal}.`)
      resolve(code ?? 1)
    })
  })
}

function testFiles(directory: string): string[] {
  return readdirSync(join(ROOT, directory), {recursive: true, encoding: 'utf8'})
    .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
    .map((name) => join(directory, name))
    .sort()
}

function isDirectory(path: string): boolean {
  return statSync(join(ROOT, path), {throwIfNoEntry: false})?.isDirectory() ?? false
}

// Ctrl-C goes to mocha as well, which ends first; what was begun for it is removed after that.
process.on('SIGINT', () => {})
process.exitCode = await main(process.argv.slice(2))
