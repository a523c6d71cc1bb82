import {UINT128_MAX} from '@parix/kit/integers'
import type {LedgerRecord} from '../records/kinds.js'
import type {Problems} from '../records/problems.js'
import type {Place} from '../records/read.js'

/** One object under check: its fields, and a way to say what is wrong with one of them. */
export interface Checked {
  readonly record: LedgerRecord
  /** The field's value, 0 when it was left out, as TigerBeetle takes it. */
  value(field: string): bigint
  /** Adds a problem: the field's name as the user wrote it, and the rest of the sentence. */
  wrong(field: string, what: string): void
}

export function checking(record: LedgerRecord, place: Place, problems: Problems): Checked {
  return {
    record,
    value: (field) => record[field] ?? 0n,
    wrong: (field, what) => problems.add(`${place(field)} ${what}.`),
  }
}

/** An id that has to be there: 0 and 2^128 − 1 are reserved. */
export function checkId({record, value, wrong}: Checked, field: string): void {
  if (record[field] === undefined) wrong(field, 'is missing')
  else if (value(field) === 0n) wrong(field, 'must not be 0: that id is reserved')
  else if (value(field) === UINT128_MAX) wrong(field, 'must not be 2^128 − 1: that id is reserved')
}

/** `ledger` and `code`: part of every account and transfer, and never 0. */
export function checkNotZero({record, wrong}: Checked, field: string): void {
  if (record[field] === undefined) wrong(field, 'is missing')
  else if (record[field] === 0n) wrong(field, 'must not be 0')
}

/** Imported objects bring their timestamp, others must not (semantics §4 rules 3 and 4). */
export function checkTimestamp({value, wrong}: Checked, imported: boolean): void {
  if (imported && value('timestamp') === 0n) wrong('timestamp', 'is missing: an imported object brings its own')
  if (!imported && value('timestamp') !== 0n)
    wrong('timestamp', 'is only for imported objects: the ledger gives the time')
}
