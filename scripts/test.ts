import {spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs'
import {availableParallelism, tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import {ROOT} from './build/workspaces.js'
import {type Failure, REPORT_VARIABLE, type Report} from './test-report.js'

const USE = `npm test                          lint, types, and every test, in parallel
npm test -- PATH… [MOCHA-FLAGS]   the tests of these files and directories, such as packages/kit, without lint and types
npm test -- --again               as the first, and files with failures once more, one after the other`

/** The files that take longest begin first: one that began last would leave the other processors idle. */
const LONG = [
  'test/plugins/ecosystem.test.ts',
  'test/platform/plugins.test.ts',
  'packages/plugin-local/test/commands/exec.test.ts',
  'test/platform/platforms.test.ts',
  'test/stories/exit-codes.test.ts',
  'test/runner/guard.test.ts',
  'test/tidy/commands.test.ts',
  'test/faults/every-command-every-fault.test.ts',
  'test/platform/runners.test.ts',
  'test/stories/unshown-results.test.ts',
  'packages/plugin-local/test/commands/local.test.ts',
  'test/plugins/guards.test.ts',
  'packages/plugin-tb/test/import/import.test.ts',
  'packages/plugin-local/test/commands/demo.test.ts',
  'packages/kit/test/session/processes.test.ts',
  'packages/ledger/test/kills/kills.test.ts',
  'packages/ledger/test/laws.test.ts',
]
/** Much of a test is waiting for a process to start or a time to pass. */
const JOBS = availableParallelism() + 2

function main(argv: string[]): number {
  if (argv.includes('--help')) {
    console.log(USE)
    return 0
  }
  const paths = argv.flatMap((word) => (isDirectory(word) ? testFiles(word) : word))
  if (paths.some((word) => word.endsWith('.ts'))) return mocha(paths).status
  for (const script of ['lint', 'typecheck']) {
    const status = run(process.env.npm_execpath ?? 'npm', ['run', script])
    if (status !== 0) return status
  }
  const flags = argv.filter((word) => word !== '--again')
  return everything(flags, argv.includes('--again'))
}

/**
 * Processes of a suite that runs in parallel disturb each other on a machine that does other work as well. With `again` a
 * failure counts when it is there again without them; both are printed.
 */
function everything(flags: string[], again: boolean): number {
  const files = ['test', ...readdirSync(join(ROOT, 'packages')).map((name) => join('packages', name, 'test'))]
    .filter(isDirectory)
    .flatMap(testFiles)
  const long = LONG.filter((file) => files.includes(file))
  const order = [...long, ...files.filter((file) => !long.includes(file))]
  const first = mocha(['--parallel', '--jobs', String(JOBS), ...flags, ...order])
  if (first.status === 0 || !again || first.report.failures.length === 0) {
    print(first.report.passing, first.report.failures)
    return first.status
  }
  const files2 = [...new Set(first.report.failures.map(({file}) => file))]
  console.log(`\nOnce more, one after the other: ${files2.map((file) => relative(ROOT, file)).join(', ')}\n`)
  const second = mocha([...flags, ...files2])
  print(first.report.passing, second.report.failures)
  return second.status
}

function print(passing: number, failures: Failure[]): void {
  for (const {file, title} of failures) console.log(`failed: ${relative(ROOT, file)}: ${title}`)
  console.log(`\n${passing} passing, ${failures.length} failing`)
}

function mocha(words: string[]): {status: number; report: Report} {
  const directory = mkdtempSync(join(tmpdir(), 'parix-test-report-'))
  const path = join(directory, 'report.json')
  try {
    const program = join(ROOT, 'node_modules/mocha/bin/mocha.js')
    const status = run(program, ['--reporter', './scripts/test-report.ts', ...words], {[REPORT_VARIABLE]: path})
    const report = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : {passing: 0, failures: []}
    return {status, report}
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}

/** Runs a script of JavaScript by this Node (which needs no shell on Windows), else a program. */
function run(program: string, args: string[], more: Record<string, string> = {}): number {
  const [command, words] = /\.c?js$/.test(program) ? [process.execPath, [program, ...args]] : [program, args]
  const {status, error} = spawnSync(command, words, {cwd: ROOT, stdio: 'inherit', env: {...process.env, ...more}})
  if (error !== undefined) console.error(error.message)
  return status ?? 1
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

process.exitCode = main(process.argv.slice(2))
