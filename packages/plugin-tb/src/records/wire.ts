import {FIELDS, type FieldName, type LedgerRecord, type RecordKind} from './kinds.js'

/**
 * Records as they are sent: fields in one order, 64 and 128 bits as decimal strings (they can pass 2^53), the others as
 * numbers. The same record always gives the same bytes.
 */
export function wireList(kind: RecordKind, records: readonly LedgerRecord[]): string {
  return `[${records.map((record) => wireObject(kind, record)).join(',')}]`
}

export function wireObject(kind: RecordKind, record: LedgerRecord): string {
  const members: string[] = []
  for (const [field, {bits}] of Object.entries(FIELDS[kind])) {
    const value = record[field as FieldName]
    if (value !== undefined) members.push(bits > 32 ? `"${field}":"${value}"` : `"${field}":${value}`)
  }
  return `{${members.join(',')}}`
}

export function wireIds(ids: readonly bigint[]): string {
  return `[${ids.map((id) => `"${id}"`).join(',')}]`
}
