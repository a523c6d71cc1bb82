import {spawn} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {availableParallelism, tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {ROOT} from './build/workspaces.js'

/**
 * `npm run test:faults`: every command, whatever happens to its requests, in some more processes than there are processors,
 * each with a service of its own and a part of the table. Words go to mocha: `-g 'tb entry'`. What failed is printed at once and
 * at the end, and kept in a file: one object per line, with `title` and `err`.
 */
const FILE = 'test/faults/every-command-every-fault.test.ts'
/** Much of a cell is waiting. */
const PARTS = availableParallelism() + 2
const LOG = join(tmpdir(), 'parix-faults.ndjson')

interface Failure {
  title: string
  err: string
}

async function main(words: string[]): Promise<void> {
  const begun = performance.now()
  const scratch = mkdtempSync(join(tmpdir(), 'parix-test-faults-'))
  const failures: Failure[] = []
  let passing = 0
  const told = (event: string, about: Failure) => {
    if (event === 'pass' && ++passing % 500 === 0) console.log(`${passing} passing`)
    if (event !== 'fail') return
    failures.push(about)
    writeFileSync(LOG, failures.map(({title, err}) => `${JSON.stringify({title, err})}\n`).join(''))
    console.log(`failed: ${about.title}\n${about.err}`)
  }
  const ended = await Promise.all(Array.from({length: PARTS}, (_, part) => mocha(part + 1, words, scratch, told)))
  rmSync(scratch, {recursive: true, force: true})
  if (failures.length > 0) console.log(['', ...failures.map(({title}) => `failed: ${title}`)].join('\n'))
  const minutes = ((performance.now() - begun) / 60_000).toFixed(1)
  console.log(
    `\n${passing} passing, ${failures.length} failing, in ${minutes} minutes${failures.length > 0 ? `; ${LOG}` : ''}`,
  )
  process.exitCode = ended.every((code) => code === 0) ? 0 : 1
}

/** @returns the exit code */
function mocha(
  part: number,
  words: string[],
  scratch: string,
  told: (event: string, about: Failure) => void,
): Promise<number | null> {
  const program = join(ROOT, 'node_modules/mocha/bin/mocha.js')
  const child = spawn(process.execPath, [program, '--reporter', 'json-stream', ...words, FILE], {
    cwd: ROOT,
    env: {...process.env, PARIX_TEST_FAULTS: 'all', PARIX_TEST_FAULTS_PART: `${part}/${PARTS}`, TMPDIR: scratch},
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface(child.stdout).on('line', (line) => {
    if (!line.startsWith('[')) return console.log(line)
    const [event, about] = JSON.parse(line) as [string, Failure]
    told(event, about)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
}

await main(process.argv.slice(2))
