/**
 * `npm run bench:local`: how long `parix local start` takes until `GET /health` answers, what memory it holds then, and how much
 * processor time it takes until it is stopped; and what `parix local exec -- node --version` and a suite with `startParix` take.
 * Each run is a new process on a free port; the first of a directory makes the database, the others find it.
 */
import {type ChildProcess, spawn, spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const PARIX = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const TESTING = new URL('../packages/plugin-local/lib/testing/start-parix.js', import.meta.url).href
const RUNS = 11

interface Measured {
  readyMs: number
  /** Undefined where there is no /proc. */
  processorMs: number | undefined
  residentMb: number | undefined
}

// The first of all compiles, and keeps what it has compiled.
const EXEC = [PARIX, 'local', 'exec', '--', process.execPath, '--version']
const SUITE = ['-e', `import(${JSON.stringify(TESTING)}).then(async ({startParix}) => (await startParix()).close())`]
whole(EXEC)
const firstStarts: Measured[] = []
for (let run = 0; run < RUNS; run++) firstStarts.push(...(await starts(1)))
console.log(`first start            ${line(firstStarts)}`)
console.log(`later starts           ${line((await starts(RUNS)).slice(1))}`)
console.log(`local exec             ${line(Array.from({length: RUNS}, () => whole(EXEC)))}`)
console.log(`startParix             ${line(Array.from({length: RUNS}, () => whole(SUITE)))}`)

/** So many starts, one after the other, of a directory that is new. */
async function starts(count: number): Promise<Measured[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'parix-bench-'))
  try {
    const runs: Measured[] = []
    while (runs.length < count) runs.push(await start(dataDir))
    return runs
  } finally {
    rmSync(dataDir, {recursive: true, force: true})
  }
}

async function start(dataDir: string): Promise<Measured> {
  const [started, before] = [performance.now(), processorOfChildren()]
  const child = spawn(
    process.execPath,
    [PARIX, 'local', 'start', '--port', '0', '--json', '--quiet', '--data-dir', dataDir],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const {baseUrl} = await firstDocument(child)
  const answer = await fetch(`${baseUrl}/health`)
  if (answer.status !== 200) throw new Error(`/health answered ${answer.status}`)
  const readyMs = performance.now() - started
  const residentMb = residentMemory(child.pid!)
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await ended
  return {readyMs, processorMs: since(before), residentMb}
}

/** A process that ends by itself. */
function whole(words: string[]): Measured {
  const [started, before] = [performance.now(), processorOfChildren()]
  const {status} = spawnSync(process.execPath, words, {stdio: ['ignore', 'ignore', 'inherit']})
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}`)
  return {readyMs: performance.now() - started, processorMs: since(before), residentMb: undefined}
}

/** What all children have taken that have ended, to a hundredth of a second. */
function processorOfChildren(): number | undefined {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[13]) + Number(fields[14])) * 10
  } catch {
    return undefined
  }
}

function since(before: number | undefined): number | undefined {
  const now = processorOfChildren()
  return now === undefined || before === undefined ? undefined : now - before
}

function firstDocument(child: ChildProcess): Promise<{baseUrl: string}> {
  let text = ''
  return new Promise((resolve, reject) => {
    child.once('close', () => reject(new Error(`It ended before it was ready: ${text}`)))
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      if (text.endsWith('}\n')) resolve(JSON.parse(text) as {baseUrl: string})
    })
  })
}

function residentMemory(pid: number): number | undefined {
  try {
    const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? undefined : Number(kib) / 1024
  } catch {
    return undefined
  }
}

function line(runs: readonly Measured[]): string {
  const middle = (values: (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined)
    return known.length === 0 ? undefined : median(known).toFixed(0)
  }
  const memory = middle(runs.map((run) => run.residentMb))
  return [
    `${middle(runs.map((run) => run.readyMs))} ms`,
    `${middle(runs.map((run) => run.processorMs)) ?? 'unknown'} ms of processor time`,
    ...(memory === undefined ? [] : [`${memory} MB`]),
    `(median of ${runs.length})`,
  ].join(', ')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
