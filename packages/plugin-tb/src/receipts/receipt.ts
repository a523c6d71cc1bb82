/** Receipts: what a call wrote, as the ledger had it right afterwards, in a file that can be compared with the ledger later. */

import {existsSync, readFileSync, statSync} from 'node:fs'
import {type Reservation, reserveReplacement} from '@parix/files/atomic-write'
import {isFileError} from '@parix/files/errors'
import type {Api} from '@parix/kit/api'
import {isParixError, ParixError} from '@parix/kit/errors'
import {isTransportError} from '@parix/kit/http'
import {type Entry, kindOf} from '../outbox/entry.js'
import type {Row} from '../reads/rows.js'
import {FIELDS, type FieldName, type LedgerRecord} from '../records/kinds.js'
import {lookUpRecords} from '../submit/confirm-existing.js'
import type {Submission} from '../submit/submit-entry.js'

export interface Receipt {
  format: 'parix-receipt/1'
  service: string
  database: {id: string; name: string}
  /** As the service names it, where it does. */
  ledger?: string
  operation: 'create_accounts' | 'create_transfers'
  /** ISO 8601, UTC: when the receipt was written. */
  at: string
  /** Rows as the ledger has them; integers of 64 and 128 bits as text. */
  rows: Row[]
  /** What the ledger refused. */
  refused: {id: string; result: string}[]
}

/** A receipt whose place on the disk is taken before anything is sent. */
export interface ReceiptFile {
  /**
   * Called before the call is sent.
   *
   * @throws ParixError BAD_INPUT where the file has the receipt of another call
   */
  admit(entry: Entry): void
  /**
   * Looks up what was created and writes it down.
   * @throws ParixError UNAVAILABLE: what was created stands, and the same command writes the receipt again
   */
  write(api: Api, submission: Submission, records: readonly LedgerRecord[]): Promise<void>
  /** Removes what was prepared; does nothing after `write`. */
  discard(): void
}

const RESERVED_BYTES = 4096

/** @throws ParixError BAD_INPUT where the file exists or can't be created: nothing was sent */
export function openReceipt(path: string): ReceiptFile {
  if (existsSync(path)) return earlierReceipt(path)
  const reservation = reserve(path)
  return {
    admit() {},
    discard: () => reservation.discard(),
    async write(api, submission, records) {
      try {
        reservation.commit(`${JSON.stringify(await receiptOf(api, submission, records), null, 2)}\n`)
      } catch (error) {
        if (!isFileError(error) && !isParixError(error) && !isTransportError(error)) throw error
        throw missing(submission, error)
      }
    },
  }
}

/** A call whose outcome was not shown may have written its receipt: given again, it finds it. */
function earlierReceipt(path: string): ReceiptFile {
  const exists = new ParixError('BAD_INPUT', `${path} exists, and a receipt replaces no file. Nothing was sent.`, {
    code: 'receipt_exists',
  })
  let earlier: Partial<Receipt> | null
  try {
    // A pipe can't be an earlier receipt, and reading it would wait for a writer.
    if (!statSync(path).isFile()) throw exists
    earlier = JSON.parse(readFileSync(path, 'utf8')) as Partial<Receipt> | null
  } catch {
    throw exists
  }
  const {format, database, rows, refused} = earlier ?? {}
  if (format !== 'parix-receipt/1' || !Array.isArray(rows) || !Array.isArray(refused)) throw exists
  const ids = new Set([...rows, ...refused].map((row) => String(row?.id)))
  return {
    admit({file}) {
      const sent = file.batches.flatMap(({firstId, lastId}) => [firstId, lastId])
      if (database?.id !== file.database.id || !sent.every((id) => ids.has(id))) throw exists
    },
    write: () => Promise.resolve(),
    discard() {},
  }
}

function missing({entry, events}: Submission, error: Error): ParixError {
  return new ParixError('UNAVAILABLE', `The call has an outcome, but its receipt is missing. ${error.message}`, {
    code: 'receipt_not_written',
    errors: ['The outcome is kept in the outbox: the same command writes the receipt, and creates nothing again.'],
    ids: events.filter(({state}) => state !== 'refused').map(({id}) => id),
    outbox: entry.file.id,
    retryable: true,
    cause: error,
  })
}

/** Rows as they are in the ledger: a balancing transfer may have moved less than was asked for. */
async function receiptOf(api: Api, {entry, events}: Submission, records: readonly LedgerRecord[]): Promise<Receipt> {
  const {baseUrl, database, ledger, operation} = entry.file
  const kind = kindOf(operation)
  const refused = events.filter(({state}) => state === 'refused')
  const notThere = new Set(refused.map(({id}) => BigInt(id)))
  const ids = records.map(({id}) => id!).filter((id) => !notThere.has(id))
  const stored = ids.length === 0 ? new Map() : await lookUpRecords(api, entry.file, ids)
  const rows = ids.map((id): Row => {
    const record = stored.get(id)
    if (record === undefined)
      throw new ParixError('UNAVAILABLE', `${kind} ${id} was created, and a lookup does not find it.`)
    return Object.fromEntries(
      Object.entries(FIELDS[kind]).map(([field, {bits}]) => {
        const value = record[field as FieldName] ?? 0n
        return [field, bits > 32 ? String(value) : Number(value)]
      }),
    )
  })
  return {
    format: 'parix-receipt/1',
    service: baseUrl,
    database: {id: database.id, name: database.name},
    ...(ledger !== undefined && {ledger}),
    operation,
    at: new Date().toISOString(),
    rows,
    refused: refused.map(({id, result}) => ({id, result})),
  }
}

function reserve(path: string): Reservation {
  try {
    return reserveReplacement(path, RESERVED_BYTES)
  } catch (error) {
    if (!isFileError(error)) throw error
    throw new ParixError('BAD_INPUT', `The receipt can't be written: ${error.message} Nothing was sent.`, {
      code: 'receipt_unwritable',
      cause: error,
    })
  }
}
