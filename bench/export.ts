/**
 * `parix tb export transfers` from the local service, beside a client that asks for the same pages and throws them away.
 * In turn, on the same database. `npm run bench:export -- [transfers] [rounds]`. Goals: 0.9 of the bare client's rate, RSS
 * of 150 MB at any size.
 */

import {mkdtempSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {accountBatches, EVENTS, transferBatches} from './http/batches.js'
import {cli, type Usage} from './http/cli.js'
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

function exportTo(target: Target, path: string, format: string): Promise<Usage> {
  const database = path.split('/')[4]!
  const file = join(directory, format)
  return cli(target, directory, ['tb', 'export', 'transfers', database, '--format', format, '-o', file, '-q'])
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
      const {seconds, value} = await timed(() => exportTo(target, path, format))
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
