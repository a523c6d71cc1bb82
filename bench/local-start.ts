/**
 * `npm run bench:local`: how long `parix local start` takes until `GET /health` answers, and what memory it holds then.
 * Each run is a new process on a free port; the first of a directory makes the database, the others find it.
 */
import {type ChildProcess, spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const PARIX = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const RUNS = 7

interface Measured {
  readyMs: number
  /** Undefined where there is no /proc. */
  residentMb: number | undefined
}

const dataDir = mkdtempSync(join(tmpdir(), 'parix-bench-'))
try {
  const runs: Measured[] = []
  for (let run = 0; run < RUNS; run++) runs.push(await measure(dataDir))
  const [first, ...later] = runs
  console.log(`first start  ${line([first!])}`)
  console.log(`later starts ${line(later)}   (median of ${later.length})`)
} finally {
  rmSync(dataDir, {recursive: true, force: true})
}

async function measure(dataDir: string): Promise<Measured> {
  const started = performance.now()
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
  return {readyMs, residentMb}
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
  const memory =
    runs[0]!.residentMb === undefined ? 'memory unknown' : `${median(runs.map((run) => run.residentMb!)).toFixed(0)} MB`
  return `${median(runs.map((run) => run.readyMs)).toFixed(0)} ms to /health, ${memory}`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
