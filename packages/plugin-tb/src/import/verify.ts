/** Holds every row of an imported file against the ledger. */

import type {CreateKind} from '@parix/ledger/schema'
import {isSame} from '../events/compare.js'
import type {FieldName, LedgerRecord} from '../records/kinds.js'
import type {ReadEvent} from './events.js'

export interface VerifyFinding {
  line: number
  /** Empty where the row can't be read. */
  id: string
  /** `missing`, the fields that differ, or why the row can't be read: it was changed since it was imported. */
  difference: 'missing' | 'differs' | 'unreadable'
  fields?: Record<string, {file: string; ledger: string}>
  why?: string
}

export interface VerifyResult {
  rows: number
  findings: VerifyFinding[]
  findingsCount: number
}

const LOOKUP_MAX = 8189
const SHOWN_MAX = 100

/** @param lookUp objects by their ids, at most 8,189 at a time */
export async function verifyFile(
  kind: CreateKind,
  events: AsyncIterable<ReadEvent[]>,
  lookUp: (ids: readonly bigint[]) => Promise<Map<bigint, LedgerRecord>>,
  progress: (rows: number) => void,
): Promise<VerifyResult> {
  const result: VerifyResult = {rows: 0, findings: [], findingsCount: 0}
  let group: {line: number; record: LedgerRecord}[] = []
  const flush = async () => {
    const found = await lookUp(group.map(({record}) => record.id!))
    for (const {line, record} of group) compare(kind, line, record, found.get(record.id!), result)
    progress(result.rows)
    group = []
  }
  for await (const chunk of events) {
    for (const {line, record, faults} of chunk) {
      result.rows++
      if (record === undefined) {
        const why = faults.map(({message}) => message).join('; ')
        add(result, () => ({line, id: '', difference: 'unreadable', why}))
        continue
      }
      group.push({line, record})
      if (group.length === LOOKUP_MAX) await flush()
    }
  }
  if (group.length > 0) await flush()
  return result
}

function compare(
  kind: CreateKind,
  line: number,
  record: LedgerRecord,
  there: LedgerRecord | undefined,
  result: VerifyResult,
): void {
  if (there !== undefined && isSame(kind, there, record)) return
  const id = String(record.id)
  add(result, () =>
    there === undefined
      ? {line, id, difference: 'missing'}
      : {line, id, difference: 'differs', fields: differing(record, there)},
  )
}

function add(result: VerifyResult, finding: () => VerifyFinding): void {
  result.findingsCount++
  if (result.findings.length < SHOWN_MAX) result.findings.push(finding())
}

function differing(record: LedgerRecord, there: LedgerRecord): Record<string, {file: string; ledger: string}> {
  const names = Object.keys(record) as FieldName[]
  const fields = names.filter((field) => field !== 'timestamp' && (there[field] ?? 0n) !== record[field])
  return Object.fromEntries(
    fields.map((field) => [field, {file: String(record[field]), ledger: String(there[field] ?? 0n)}]),
  )
}
