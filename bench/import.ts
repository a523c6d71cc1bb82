/**
 * tb import, create-transfers --file and tb export of many rows, beside a bare HTTP client that posts prepared bodies and one
 * that pages and throws away, in turn, against the local service in a process of its own.
 *
 * `npm run bench:import -- [rows] [rounds]`. Other work on the machine moves the rates; ratios and CPU time move less.
 */

import {once} from 'node:events'
import {createWriteStream, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ACCOUNTS, accountBatches, accountId, EVENTS} from './http/batches.js'
import {cli, type Usage} from './http/cli.js'
import {post, startTarget, type Target} from './http/client.js'

const rows = Number(process.argv[2] ?? 1_000_000)
const rounds = Number(process.argv[3] ?? 3)
const parts = (process.argv[4] ?? 'ndjson,csv,create,check,export').split(',')
const directory = mkdtempSync(join(tmpdir(), 'parix-bench-import-'))
const ACCOUNT_IDS = 'short'

/** The same transfers in every round and form: pseudo-random, from the number of the row. */
function transferOf(row: number): {id: string; from: string; to: string; amount: number} {
  const from = (row * 7919) % ACCOUNTS
  const to = (from + 1 + ((row * 104_729) % (ACCOUNTS - 1))) % ACCOUNTS
  return {
    id: String((1n << 120n) + BigInt(row)),
    from: accountId(from, ACCOUNT_IDS),
    to: accountId(to, ACCOUNT_IDS),
    amount: 1 + (row % 1000),
  }
}

const asJson = (row: number) => {
  const {id, from, to, amount} = transferOf(row)
  return `{"id":"${id}","debit_account_id":"${from}","credit_account_id":"${to}","amount":"${amount}","ledger":1,"code":1}`
}
const asCsv = (row: number) => {
  const {id, from, to, amount} = transferOf(row)
  return `${id},${from},${to},${amount},1,1`
}

async function writeRows(path: string, head: string, line: (row: number) => string): Promise<void> {
  const stream = createWriteStream(path)
  stream.write(head)
  for (let row = 0; row < rows; row += 1000) {
    const lines = Array.from({length: Math.min(1000, rows - row)}, (_, i) => `${line(row + i)}\n`)
    if (!stream.write(lines.join(''))) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'close')
}

async function makeDatabase(target: Target, name: string): Promise<{id: string; path: string}> {
  const made = await post(target, '/api/v1/databases', Buffer.from(JSON.stringify({name})))
  const {database} = JSON.parse(made.body.toString('utf8')) as {database: {id: string}}
  const path = `/api/v1/databases/${database.id}/tb`
  for (const batch of accountBatches(ACCOUNT_IDS)) {
    let response = await post(target, `${path}/create_accounts`, batch)
    while (response.status === 503) response = await post(target, `${path}/create_accounts`, batch)
  }
  return {id: database.id, path}
}

/** Posts bodies that are prepared before the clock runs, a hundred at a time. @returns seconds */
async function postPrepared(target: Target, path: string): Promise<number> {
  let seconds = 0
  for (let row = 0; row < rows; ) {
    const bodies: Buffer[] = []
    for (; bodies.length < 100 && row < rows; row += EVENTS) {
      const events = Array.from({length: Math.min(EVENTS, rows - row)}, (_, i) => asJson(row + i))
      bodies.push(Buffer.from(`[${events.join(',')}]`))
    }
    const started = performance.now()
    for (const body of bodies) {
      const {status, body: response} = await post(target, `${path}/create_transfers`, body)
      if (status !== 200) throw new Error(response.toString('utf8').slice(0, 300))
    }
    seconds += (performance.now() - started) / 1000
  }
  return seconds
}

/** Pages through all transfers and keeps nothing. @returns seconds */
async function readPages(target: Target, path: string): Promise<number> {
  const started = performance.now()
  for (let min = 0n; ; ) {
    const filter = Buffer.from(`{"timestamp_min":"${min}","limit":8189,"flags":0}`)
    const {body} = await post(target, `${path}/query_transfers`, filter)
    const last = /^"timestamp":"(\d+)"/.exec(body.toString('latin1', body.lastIndexOf('"timestamp":"')))
    if (last === null) return (performance.now() - started) / 1000
    min = BigInt(last[1]!) + 1n
  }
}

function say(name: string, bareSeconds: number, {seconds, cpuSeconds, rssMb, curve}: Usage): void {
  const perRow = ((cpuSeconds * 1e6) / rows).toFixed(2)
  console.log(
    `  ${name}: ${Math.round(rows / seconds)} rows/s (${(bareSeconds / seconds).toFixed(2)} of it), ${perRow} µs of CPU per row, ${Math.round(rssMb)} MB`,
  )
  if (rows < 1_000_000) return
  const tenths = Array.from({length: 10}, (_, i) => Math.round(curve[Math.floor((i * curve.length) / 10)] ?? 0))
  console.log(`    RSS over the run, MB: ${tenths.join(' ')}`)
}

const target = await startTarget('./service-server.ts', join(directory, 'service'))
const ndjson = join(directory, 'rows.ndjson')
const csv = join(directory, 'rows.csv')
const run = (...words: string[]) => cli(target, directory, [...words, '-q'])
try {
  await writeRows(ndjson, '', asJson)
  await writeRows(csv, 'id,from,to,amount,ledger,code\n', asCsv)
  for (let round = 1; round <= rounds; round++) {
    const fresh = (name: string) => makeDatabase(target, `${name}-${round}`)
    const bare = await fresh('bare')
    const seconds = await postPrepared(target, bare.path)
    console.log(`round ${round}: ${rows} rows; prepared bodies ${Math.round(rows / seconds)} rows/s`)
    if (parts.includes('ndjson'))
      say('import NDJSON', seconds, await run('tb', 'import', 'transfers', ndjson, (await fresh('ndjson')).id))
    if (parts.includes('csv'))
      say('import CSV', seconds, await run('tb', 'import', 'transfers', csv, (await fresh('csv')).id))
    if (parts.includes('create'))
      say(
        'create-transfers --file',
        seconds,
        await run('tb', 'create-transfers', (await fresh('create')).id, '--file', ndjson),
      )
    if (parts.includes('check'))
      say(
        'import --check',
        seconds,
        await run('tb', 'import', 'transfers', ndjson, (await fresh('check')).id, '--check'),
      )
    if (!parts.includes('export')) continue
    const paged = await readPages(target, bare.path)
    console.log(`  pages thrown away ${Math.round(rows / paged)} rows/s`)
    for (const format of ['ndjson', 'csv']) {
      const out = join(directory, `out-${round}.${format}`)
      say(`export ${format}`, paged, await run('tb', 'export', 'transfers', bare.id, '--format', format, '-o', out))
      rmSync(out)
    }
  }
} finally {
  target.stop()
  rmSync(directory, {recursive: true, force: true})
}
