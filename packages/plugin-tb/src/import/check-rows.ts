/** What the passes of a check share: rows in groups, findings, effects. */

import {type Account, type Transfer, TransferFlags} from '@parix/ledger/schema'
import type {LedgerRecord} from '../records/kinds.js'
import type {ReadEvent} from './events.js'

export interface CheckFinding {
  /** 0 where it is about the file as a whole. */
  line: number
  /** Where in the line the value begins, from 1. */
  column?: number
  field?: string
  /** `bad_row`, `duplicate_id`, `chain_open`, TigerBeetle's name of a result, … */
  code: string
  message: string
}

/** What the file does to one ledger, or to one account. */
export interface Effect {
  debits: bigint
  credits: bigint
}

export interface CheckResult {
  rows: number
  findings: CheckFinding[]
  /** All of them; `findings` has the first hundred. */
  findingsCount: number
  /** Rows whose id is in the database as it is in the file. */
  existing: number
  /** Why the rows must be sent in order; undefined where several requests may be under way at once. */
  ordered?: string
  /** By ledger, what would move. */
  ledgers: Map<number, Effect>
  /** The fifty accounts with the largest effect. */
  accounts: Map<bigint, Effect>
}

/** Looks up objects of the database, at most 8,189 ids at a time. */
export interface CheckReader {
  accounts(ids: readonly bigint[]): Promise<Map<bigint, Account>>
  transfers(ids: readonly bigint[]): Promise<Map<bigint, Transfer>>
}

export const LOOKUP_MAX = 8189
export const ACCOUNTS_SHOWN_MAX = 50

export type Find = (finding: CheckFinding) => void

export interface CheckedRow {
  line: number
  record: LedgerRecord
}

/**
 * Rows in groups of about `size`, which a request takes. A chain stays together: the ledger knows chains only within one request. One
 * that no request takes is left out; it was found before.
 */
export async function* groups(
  events: AsyncIterable<ReadEvent[]>,
  size: number,
  rowsMax = LOOKUP_MAX,
): AsyncGenerator<CheckedRow[]> {
  let group: CheckedRow[] = []
  /** Where in the group a chain begins that is open. */
  let open = -1
  let isTooLong = false
  for await (const chunk of events) {
    for (const {line, record} of chunk) {
      if (record === undefined) continue
      const isLinked = (Number(record.flags ?? 0n) & TransferFlags.linked) !== 0
      if (group.length === rowsMax) {
        isTooLong ||= open === 0
        const rest = group.slice(open)
        if (open > 0) yield group.slice(0, open)
        group = isTooLong ? [] : rest
        open = 0
      }
      if (!isTooLong) group.push({line, record})
      if (isLinked) {
        if (open === -1) open = group.length - 1
        continue
      }
      open = -1
      isTooLong = false
      if (group.length < size) continue
      yield group
      group = []
    }
  }
  if (group.length > 0) yield group
}

/** A row as a record of bigints, for `isSame`. */
export function asRecord(row: Account | Transfer): LedgerRecord {
  return Object.fromEntries(Object.entries(row).map(([field, value]) => [field, BigInt(value as bigint | number)]))
}

/** The fifty accounts that move most */
export function keepLargest(accounts: Map<bigint, Effect>): void {
  const size = ({debits, credits}: Effect) => debits + credits
  const largest = [...accounts].sort(([, a], [, b]) => (size(b) > size(a) ? 1 : -1)).slice(0, ACCOUNTS_SHOWN_MAX)
  accounts.clear()
  for (const [id, effect] of largest) accounts.set(id, effect)
}

/** A record as a transfer that a dry run executes. */
export function toTransfer(record: LedgerRecord): Transfer {
  const {
    id,
    debit_account_id = 0n,
    credit_account_id = 0n,
    amount = 0n,
    pending_id = 0n,
    user_data_128 = 0n,
    user_data_64 = 0n,
    user_data_32 = 0n,
    timeout = 0n,
    ledger = 0n,
    code = 0n,
    flags = 0n,
  } = record
  // A dry run has its own clock: imported rows run as ordinary ones.
  const ordinary = Number(flags) & ~TransferFlags.imported
  return {
    id: id!,
    debit_account_id,
    credit_account_id,
    amount,
    pending_id,
    user_data_128,
    user_data_64,
    user_data_32: Number(user_data_32),
    timeout: Number(timeout),
    ledger: Number(ledger),
    code: Number(code),
    flags: ordinary,
    timestamp: 0n,
  }
}
