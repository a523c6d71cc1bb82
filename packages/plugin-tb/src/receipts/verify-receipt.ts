import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import {type NamedFile, readNamedText} from '@parix/kit/named-file'
import {nextCommand} from '@parix/kit/next-command'
import {rowRecord} from '../reads/rows.js'
import {FLAGS} from '../records/flags.js'
import type {FieldName, LedgerRecord} from '../records/kinds.js'
import {FIELDS} from '../records/kinds.js'
import {lookUpRecords} from '../submit/confirm-existing.js'
import type {Receipt} from './receipt.js'

/** What is not as the receipt has it. `ledger` is missing where there is no such object. */
export interface ReceiptDifference {
  id: string
  field: string
  receipt?: string
  ledger?: string
}

export interface VerifyResult {
  receipt: string
  at: string
  operation: string
  database: {id: string; name: string}
  rows: number
  refused: number
  differences: ReceiptDifference[]
}

const BYTES_MAX = 256 * 1024 * 1024

/** @throws ParixError BAD_INPUT where it can't be read, or is not a receipt of this format */
export async function readReceipt(path: string, terminal: NamedFile['terminal']): Promise<Receipt> {
  const text = await readNamedText(path, {terminal, bytesMax: BYTES_MAX, code: 'receipt_unreadable'})
  let value: Partial<Receipt>
  try {
    value = JSON.parse(text) as Partial<Receipt>
  } catch (error) {
    throw noReceipt(path, 'it is not JSON', error)
  }
  if (value?.format !== 'parix-receipt/1')
    throw noReceipt(path, `its format is ${JSON.stringify(value?.format ?? null)}`)
  const isText = (one: unknown) => typeof one === 'string'
  if (
    !isText(value.service) ||
    !/^https?:$/.test(protocolOf(value.service!)) ||
    !isText(value.at) ||
    !isText(value.database?.id) ||
    !isText(value.database?.name)
  )
    throw noReceipt(path, 'it does not say which database it is of')
  if (value.operation !== 'create_transfers' && value.operation !== 'create_accounts')
    throw noReceipt(path, 'its operation is unknown')
  const {rows, refused} = value
  if (!isRows(rows) || !isRows(refused)) throw noReceipt(path, 'its rows are not a list of objects with ids')
  if (!refused.every(({result}) => isText(result))) throw noReceipt(path, 'it does not say why something was refused')
  // Otherwise a receipt that lost its rows would be one that the ledger agrees with.
  if (rows.length + refused.length === 0) throw noReceipt(path, 'it has no rows')
  return value as Receipt
}

function protocolOf(address: string): string {
  return URL.canParse(address) ? new URL(address).protocol : ''
}

function isRows(value: unknown): value is {id: string; result?: unknown}[] {
  return Array.isArray(value) && value.every((row) => /^\d{1,39}$/.test(String(row?.id)))
}

function noReceipt(path: string, why: string, cause?: unknown): ParixError {
  return new ParixError('BAD_INPUT', `${path} is not a receipt that this version reads: ${why}.`, {
    code: 'no_receipt',
    ...(cause !== undefined && {cause}),
  })
}

/** @throws ParixError BAD_INPUT where the receipt is of another service */
export function assertSameService({service}: Receipt, api: Api): void {
  if (new URL(service).origin === api.base.url.origin) return
  throw new ParixError(
    'BAD_INPUT',
    `The receipt is of ${service}, and the current service is ${api.base.url.origin}.`,
    {
      code: 'other_service',
      hint: `Name the service: --base-url ${service}`,
    },
  )
}

/** Compares every row of a receipt with the ledger, and that nothing of what was refused is there. @throws as `lookUpRecords` */
export async function verifyReceipt(
  api: Api,
  database: ResolvedDatabase,
  path: string,
  receipt: Receipt,
): Promise<VerifyResult> {
  const {operation, rows, refused, at} = receipt
  const kind = operation === 'create_accounts' ? 'account' : 'transfer'
  const records = rows.map(rowRecord)
  const ids = [...records.map(({id}) => id!), ...refused.map(({id}) => BigInt(id))]
  const stored = await lookUpRecords(api, {operation, database}, [...new Set(ids)])
  const differences = [
    ...records.flatMap((record) => rowDifferences(kind, record, stored.get(record.id!))),
    // An id that was refused because it exists with other contents is there, and was before.
    ...refused
      .filter(({id, result}) => stored.has(BigInt(id)) && !result.startsWith('exists'))
      .map(({id, result}) => ({id, field: 'id', receipt: `refused: ${result}`, ledger: 'in the ledger'})),
  ]
  return {
    receipt: path,
    at,
    operation,
    database: {id: database.id, name: database.name},
    rows: rows.length,
    refused: refused.length,
    differences,
  }
}

/** Balances of an account change, and so does whether it is closed. */
const CHANGING = ['debits_pending', 'debits_posted', 'credits_pending', 'credits_posted']

function rowDifferences(
  kind: 'account' | 'transfer',
  record: LedgerRecord,
  stored: LedgerRecord | undefined,
): ReceiptDifference[] {
  const id = String(record.id)
  if (stored === undefined) return [{id, field: 'id', receipt: id}]
  const value = (of: LedgerRecord, field: FieldName) => {
    const given = of[field] ?? 0n
    return kind === 'account' && field === 'flags' ? given & ~FLAGS.account.closed! : given
  }
  return Object.keys(FIELDS[kind])
    .filter((field) => kind !== 'account' || !CHANGING.includes(field))
    .filter((field) => value(record, field as FieldName) !== value(stored, field as FieldName))
    .map((field) => ({
      id,
      field,
      receipt: String(value(record, field as FieldName)),
      ledger: String(value(stored, field as FieldName)),
    }))
}

const SHOWN_MAX = 20

/** @throws ParixError REFUSED where there are differences */
export function throwDifferences({differences, receipt, database}: VerifyResult): void {
  if (differences.length === 0) return
  const lines = differences
    .slice(0, SHOWN_MAX)
    .map(({id, field, receipt: expected, ledger}) =>
      ledger === undefined
        ? `id ${id}: not in the ledger`
        : field === 'id'
          ? `id ${id}: ${expected} by the receipt, and ${ledger}`
          : `id ${id}: ${field} is ${ledger} in the ledger, ${expected} in the receipt`,
    )
  const more =
    differences.length > lines.length ? [`and ${differences.length - lines.length} more (--json lists all)`] : []
  throw new ParixError(
    'REFUSED',
    `${database.name} is not as ${receipt} says: ${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}.`,
    {
      code: 'receipt_differs',
      errors: [...lines, ...more],
      ids: [...new Set(differences.map(({id}) => id))],
      retryable: false,
      next: nextCommand('tb audit', {args: [database.name]}),
    },
  )
}
