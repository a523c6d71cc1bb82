/**
 * `parix tb export transfers` from the local service, beside a client that asks for the same pages and throws them away.
 * In turn, on the same database. `npm run bench:export -- [transfers] [rounds]`. Goals: 0.9 of the bare client's rate, RSS
 * of 150 MB at any size.
 */

import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {accountBatches, EVENTS, transferBatches} from './http/batches.js'
import {post, startTarget, type Target} from './http/client.js'

const transfers = Number(process.argv[2] ?? 500_000)
const rounds = Number(process.argv[3] ?? 3)
const directory = mkdtempSync(join(tmpdir(), 'parix-bench-export-'))
const KIND = 'short'

async function fill(target: Target): Promise<string> {
  const made = await post(target, '/api/v1/databases', Buffer.from(JSON.stringify({name: 'books'})))
  const {database} = JSON.parse(made.body.toString('utf8')) as {database: {id: string}}
  const path = `/api/v1/databases/${database.id}/tb`
  for (const batch of accountBatches(KIND)) {
    let response = await post(target, `${path}/create_accounts`, batch)
    while (response.status === 503) response = await post(target, `${path}/create_accounts`, batch)
  }
  for (let done = 0; done < transfers; done += EVENTS) {
    const [batch] = transferBatches(1, KIND) as [Buffer]
    const {status, body} = await post(target, `${path}/create_transfers`, batch)
    if (status !== 200) throw new Error(body.toString('utf8').slice(0, 300))
  }
  return path
}

/** Pages through all transfers and keeps nothing. */
async function bare(target: Target, path: string): Promise<number> {
  let rows = 0
  for (let min = 0n; ; ) {
    const filter = `{"timestamp_min":"${min}","limit":8189,"flags":0}`
    const {body} = await post(target, `${path}/query_transfers`, Buffer.from(filter))
    const tail = body.toString('latin1', body.lastIndexOf('"timestamp":"'))
    const last = /^"timestamp":"(\d+)"/.exec(tail)
    if (last === null) return rows
    rows += 8189
    min = BigInt(last[1]!) + 1n
  }
}

interface Usage {
  cpuSeconds: number
  rssMb: number
}

/** The CLI as a process; its CPU and its largest RSS are read from /proc, so on Linux only. */
function cli(target: Target, path: string, format: string): Promise<Usage> {
  const database = path.split('/')[4]!
  const words = [
    'bin/run.js',
    'tb',
    'export',
    'transfers',
    database,
    '--format',
    format,
    '-o',
    join(directory, format),
    '-q',
  ]
  const env = {
    ...process.env,
    PARIX_BASE_URL: `http://127.0.0.1:${target.port}`,
    PARIX_API_KEY: target.key,
    HOME: directory,
  }
  const child = spawn(process.execPath, words, {env, stdio: ['ignore', 'ignore', 'inherit']})
  const usage: Usage = {cpuSeconds: 0, rssMb: 0}
  const look = () => {
    try {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
      usage.cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100
      usage.rssMb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
    } catch {
      // It has just ended.
    }
  }
  const timer = setInterval(look, 20)
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      clearInterval(timer)
      if (code === 0) resolve(usage)
      else reject(new Error(`parix tb export ended with ${code}`))
    })
  })
}

async function timed<T>(work: () => Promise<T>): Promise<{seconds: number; value: T}> {
  const started = performance.now()
  const value = await work()
  return {seconds: (performance.now() - started) / 1000, value}
}

const target = await startTarget('./service-server.ts', join(directory, 'service'))
try {
  const path = await fill(target)
  for (let round = 1; round <= rounds; round++) {
    const plain = await timed(() => bare(target, path))
    console.log(`round ${round}: bare client ${Math.round(transfers / plain.seconds)} rows/s`)
    for (const format of ['ndjson', 'csv']) {
      const {seconds, value} = await timed(() => cli(target, path, format))
      const {size} = statSync(join(directory, format))
      console.log(
        `  export ${format}: ${Math.round(transfers / seconds)} rows/s (${(plain.seconds / seconds).toFixed(2)} of it), ` +
          `${((value.cpuSeconds * 1e6) / transfers).toFixed(2)} µs of CPU per row, ${Math.round(value.rssMb)} MB, file ${Math.round(size / 1e6)} MB`,
      )
    }
  }
} finally {
  target.stop()
  rmSync(directory, {recursive: true, force: true})
}
