import {FIELDS, type FieldName, type LedgerRecord, type RecordKind} from './kinds.js'

/**
 * Records as they are sent: fields in one order, 64 and 128 bits as decimal strings (they can pass 2^53), the others as
 * numbers. The same record always gives the same bytes.
 */
export function wireList(kind: RecordKind, records: readonly LedgerRecord[]): string {
  return `[${records.map((record) => wireObject(kind, record)).join(',')}]`
}

const members = (kind: RecordKind) =>
  Object.entries(FIELDS[kind]).map(([field, {bits}]) => ({field: field as FieldName, quote: bits > 32 ? '"' : ''}))

const MEMBERS: Readonly<Record<RecordKind, ReturnType<typeof members>>> = {
  account: members('account'),
  transfer: members('transfer'),
  account_filter: members('account_filter'),
  query_filter: members('query_filter'),
}

export function wireObject(kind: RecordKind, record: LedgerRecord): string {
  const members: string[] = []
  for (const {field, quote} of MEMBERS[kind]) {
    const value = record[field]
    if (value !== undefined) members.push(`"${field}":${quote}${value}${quote}`)
  }
  return `{${members.join(',')}}`
}

export function wireIds(ids: readonly bigint[]): string {
  return `[${ids.map((id) => `"${id}"`).join(',')}]`
}
