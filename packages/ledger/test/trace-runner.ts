/** Replays traces recorded from a real TigerBeetle cluster against a ledger, and counts every difference. */

import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import {type Ledger, openLedger} from '@parix/ledger'

type Row = Record<string, string | number>

interface Repeat {
  repeat: {count: number; base: Row | string; inc: Record<string, string | number> | string}
}

interface TraceLine {
  n: number
  op: string
  ts?: string
  req?: Row[] | string[] | Row | Repeat
  res?: Row[] | {summary: {count: number; first?: Row; last?: Row}}
  err?: string
  expired?: Row[]
}

export interface TraceReport {
  name: string
  requests: number
  events: number
  rows: number
  differences: string[]
}

const WIDE = new Set([
  'id',
  'debit_account_id',
  'credit_account_id',
  'account_id',
  'amount',
  'pending_id',
  'debits_pending',
  'debits_posted',
  'credits_pending',
  'credits_posted',
  'user_data_128',
  'user_data_64',
  'timestamp',
  'timestamp_min',
  'timestamp_max',
])

const SHAPES: Record<string, string[]> = {
  create_accounts:
    'id debits_pending debits_posted credits_pending credits_posted user_data_128 user_data_64 user_data_32 reserved ledger code flags timestamp'.split(
      ' ',
    ),
  create_transfers:
    'id debit_account_id credit_account_id amount pending_id user_data_128 user_data_64 user_data_32 timeout ledger code flags timestamp'.split(
      ' ',
    ),
  account_filter:
    'account_id user_data_128 user_data_64 user_data_32 code timestamp_min timestamp_max limit flags'.split(' '),
  query_filter: 'user_data_128 user_data_64 user_data_32 ledger code timestamp_min timestamp_max limit flags'.split(
    ' ',
  ),
}

/** Replays one trace (`.jsonl`, or gzipped) on a fresh ledger on disk. */
export async function runTrace(file: string): Promise<TraceReport> {
  const bytes = readFileSync(file)
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const lines = text.split('\n').filter((line) => line !== '')
  const directory = mkdtempSync(join(tmpdir(), 'parix-trace-'))
  const report: TraceReport = {name: file.split('/').at(-1)!, requests: 0, events: 0, rows: 0, differences: []}
  let time = 1n
  const ledger = await openLedger({directory, now: () => time})
  try {
    for (const line of lines) {
      const entry = JSON.parse(line) as TraceLine
      if (entry.op === undefined) continue
      if (entry.ts !== undefined) time = BigInt(entry.ts)
      await runLine(ledger, entry, report)
    }
  } finally {
    await ledger.close()
    rmSync(directory, {recursive: true})
  }
  return report
}

/** The traces of a directory, by name. */
export function tracesIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => /\.jsonl(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(directory, name))
}

async function runLine(ledger: Ledger, entry: TraceLine, report: TraceReport): Promise<void> {
  report.requests++
  let got: unknown
  try {
    got = await call(ledger, entry, report)
  } catch (error) {
    got = {err: (error as {code?: string}).code ?? String(error)}
  }
  const wanted = entry.err ? {err: entry.err} : (entry.res ?? entry.expired ?? [])
  compare(entry, got, wanted, report)
}

function compare(entry: TraceLine, got: unknown, wanted: unknown, report: TraceReport): void {
  const where = `line n=${entry.n} ${entry.op}`
  if (!Array.isArray(got) || (!Array.isArray(wanted) && !isSummary(wanted))) {
    if (JSON.stringify(got) !== JSON.stringify(wanted))
      report.differences.push(`${where}: ${show(got)}, not ${show(wanted)}`)
    return
  }
  const rows = got.map((row) => compact(row as Record<string, unknown>))
  report.rows += rows.length
  if (isSummary(wanted)) {
    const {count, first, last} = wanted.summary
    if (rows.length !== count) report.differences.push(`${where}: ${rows.length} rows, not ${count}`)
    if (first) compareRow(`${where} first`, rows[0], first, report)
    if (last) compareRow(`${where} last`, rows.at(-1), last, report)
    return
  }
  const expected = wanted as Row[]
  if (rows.length !== expected.length) report.differences.push(`${where}: ${rows.length} rows, not ${expected.length}`)
  for (let i = 0; i < Math.max(rows.length, expected.length); i++) {
    compareRow(`${where} row ${i}`, rows[i], expected[i], report)
  }
}

function compareRow(where: string, got: Row | undefined, wanted: Row | undefined, report: TraceReport): void {
  const keys = new Set([...Object.keys(got ?? {}), ...Object.keys(wanted ?? {})])
  const isSame = got && wanted && [...keys].every((key) => String(got[key] ?? 0) === String(wanted[key] ?? 0))
  if (!isSame) report.differences.push(`${where}: ${show(got)}, not ${show(wanted)}`)
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 300) ?? 'nothing'
}

/** As the traces write it: wide numbers as text, zeros left out. */
function compact(row: Record<string, unknown>): Row {
  const result: Row = {}
  for (const [key, value] of Object.entries(row)) {
    if (typeof value === 'bigint' ? value !== 0n : value !== 0) {
      result[key] = typeof value === 'bigint' ? value.toString() : (value as number)
    }
  }
  return result
}

function isSummary(value: unknown): value is {summary: {count: number; first?: Row; last?: Row}} {
  return typeof value === 'object' && value !== null && 'summary' in value
}

function isRepeat(value: unknown): value is Repeat {
  return typeof value === 'object' && value !== null && 'repeat' in value
}

async function call(ledger: Ledger, entry: TraceLine, report: TraceReport): Promise<unknown> {
  const request = isRepeat(entry.req) ? expand(entry.req) : entry.req
  if (Array.isArray(request)) report.events += request.length
  const rows = request as Row[]
  switch (entry.op) {
    case 'create_accounts':
      return ledger.createAccounts(rows.map((row) => widen(row, 'create_accounts')))
    case 'create_transfers':
      return ledger.createTransfers(rows.map((row) => widen(row, 'create_transfers')))
    case 'lookup_accounts':
      return ledger.lookupAccounts((request as string[]).map(BigInt))
    case 'lookup_transfers':
      return ledger.lookupTransfers((request as string[]).map(BigInt))
    case 'get_account_transfers':
      return ledger.getAccountTransfers(widen(request as Row, 'account_filter'))
    case 'get_account_balances':
      return ledger.getAccountBalances(widen(request as Row, 'account_filter'))
    case 'query_accounts':
      return ledger.queryAccounts(widen(request as Row, 'query_filter'))
    case 'query_transfers':
      return ledger.queryTransfers(widen(request as Row, 'query_filter'))
    case 'pulse':
      return ledger.expirePendingTransfers()
    default:
      throw new Error(`no such operation: ${entry.op}`)
  }
}

function widen<T>(row: Row, shape: string): T {
  const result: Record<string, unknown> = {}
  for (const field of SHAPES[shape]!)
    result[field] = WIDE.has(field) ? BigInt(row[field] ?? 0) : Number(row[field] ?? 0)
  return result as T
}

function expand({repeat: {count, base, inc}}: Repeat): Row[] | string[] {
  const indexes = Array.from({length: count}, (_, k) => BigInt(k))
  if (typeof base === 'string') return indexes.map((k) => String(BigInt(base) + k * BigInt(inc as string)))
  return indexes.map((k) => {
    const row = {...base}
    for (const [field, step] of Object.entries(inc as Record<string, string | number>)) {
      const value = BigInt(base[field] ?? 0) + k * BigInt(step)
      row[field] = WIDE.has(field) ? String(value) : Number(value)
    }
    return row
  })
}
