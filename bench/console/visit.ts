/** Run in a process of its own: opens the ledger, mounts the console, and says how long each page takes. */

import {setTimeout as pause} from 'node:timers/promises'
import {createConsole} from '@parix/console'
import {id as newId, openLedger} from '@parix/ledger'
import {BLANK_QUERY_FILTER, BLANK_TRANSFER} from '@parix/ledger/schema'

export interface Visit {
  page: string
  /** Of the clock, which counts what other programs take as well. */
  firstMs: number
  againMs: number[]
  /** Of processor time, all threads. */
  firstCpuMs: number
  againCpuMs: number[]
  bytes: number
}

const AGAIN = 20
const NEWEST = {...BLANK_QUERY_FILTER, flags: 1}

const ledger = await openLedger({directory: process.argv[2]!})
// After a replay the rows are indexed in the background, a few milliseconds at a time.
for (let quiet = 0; quiet < 50; quiet++) {
  const started = performance.now()
  await new Promise(setImmediate)
  if (performance.now() - started > 2) quiet = 0
}
const console_ = createConsole({
  base: '/console',
  tag: 'local',
  admit: async () => ({
    label: 'you@localhost · Local',
    databases: async () => [
      {id: 'db', name: 'books', status: 'READY', place: 'local', createdAt: '2026-11-01T09:00:00.000Z'},
    ],
    database: async () => ({id: 'db', name: 'books', reader: ledger, chart: undefined}),
  }),
  // Those of the local service.
  limits: {pageRows: 8_189, recentPagesMax: 6, accountPagesMax: 25, livePollMs: 100},
  log: (message) => process.stderr.write(`${message}\n`),
})

async function get(path: string): Promise<{ms: number; cpuMs: number; bytes: number}> {
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  const response = await console_.fetch(new Request(`http://localhost:1/console${path}`))
  const text = await response.text()
  const ms = performance.now() - started
  const {user, system} = process.cpuUsage(cpuBefore)
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`)
  return {ms, cpuMs: (user + system) / 1000, bytes: Buffer.byteLength(text)}
}

async function visit(page: string): Promise<Visit> {
  const first = await get(page)
  const again = []
  for (let n = 0; n < AGAIN; n++) again.push(await get(page))
  return {
    page,
    firstMs: first.ms,
    firstCpuMs: first.cpuMs,
    againMs: again.map(({ms}) => ms),
    againCpuMs: again.map(({cpuMs}) => cpuMs),
    bytes: first.bytes,
  }
}

/** Milliseconds from the creation of the newest row of each event to the event, while `perSecond` transfers are created. */
async function liveDelays(perSecond: number, seconds: number): Promise<number[]> {
  const [last] = await ledger.queryTransfers({...NEWEST, limit: 1})
  const response = await console_.fetch(new Request(`http://localhost:1/console/books/live?after=${last!.timestamp}`))
  const created = new Map<string, number>()
  const delays: number[] = []
  const reader = response.body!.getReader()
  const reading = (async () => {
    for (;;) {
      const {value} = await reader.read()
      if (value === undefined) return
      const [, id] = /transfers\/(\d+)/.exec(Buffer.from(value).toString()) ?? []
      const at = created.get(id ?? '')
      if (at !== undefined) delays.push(performance.now() - at)
    }
  })()
  const {debit_account_id, credit_account_id} = last!
  for (let batch = 0; batch < seconds * 10; batch++) {
    const rows = Array.from({length: perSecond / 10}, () => {
      return {...BLANK_TRANSFER, id: newId(), debit_account_id, credit_account_id, amount: 1n, ledger: 1, code: 1}
    })
    await ledger.createTransfers(rows)
    created.set(String(rows.at(-1)!.id), performance.now())
    await pause(100)
  }
  await reader.cancel()
  await reading
  return delays
}

if (process.argv[3] === 'live') {
  process.send!(await liveDelays(5_000, 5))
  await ledger.close()
  process.exit()
}

const found: Visit[] = []
const newest = await ledger.queryTransfers({...NEWEST, limit: 100})
const hold = newest.find(({flags}) => (flags & 2) !== 0) ?? newest[0]!
const today = new Date().toISOString().slice(0, 10)
for (const page of [
  '/books',
  '/books/accounts',
  `/books/accounts/${hold.debit_account_id}`,
  '/books/transfers',
  `/books/transfers/${hold.id}`,
  '/books/holds',
  '/books/reports',
  `/books/reports?at=${today}`,
])
  found.push(await visit(page))
process.send!(found.map((one) => ({...one, page: one.page.replace(/\d{2,}$/, 'ID').replace(/at=.*/, 'at=…')})))
await ledger.close()
