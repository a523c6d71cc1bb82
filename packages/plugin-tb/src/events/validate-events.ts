import {UINT128_MAX} from '@parix/kit/integers'
import type {CreateKind} from '@parix/ledger/schema'
import {hasFlag} from '../records/flags.js'
import type {FieldName, LedgerRecord} from '../records/kinds.js'
import type {Problems} from '../records/problems.js'
import type {Place} from '../records/read.js'

/** An object to create, and how its fields are called in errors. */
export interface Draft {
  record: LedgerRecord
  place: (field: string) => string
}

/** Each object for itself, then the rules that hold between the objects of one call. */
export function validateEvents(kind: CreateKind, drafts: readonly Draft[], problems: Problems): void {
  const check = kind === 'account' ? checkAccount : checkTransfer
  for (const {record, place} of drafts) check(checking(record, place, problems))
  checkIdsDiffer(drafts, problems)
  checkImported(kind, drafts, problems)
  const last = drafts.at(-1)
  if (last && hasFlag(kind, last.record.flags, 'linked')) {
    problems.add(linkedAtTheEnd(last.place))
  }
}

/** The second of two would get 'exists' and have no effect, which nobody intends. */
function checkIdsDiffer(drafts: readonly Draft[], problems: Problems): void {
  const seen = new Map<bigint, Draft>()
  for (const draft of drafts) {
    const {id} = draft.record
    const first = id === undefined ? undefined : seen.get(id)
    if (first) problems.add(sameId(draft.place, id!, first.place))
    else if (id !== undefined) seen.set(id, draft)
  }
}

/** All or none (semantics §13). Imported ones must also rise in time, as each must be newer than all before. */
function checkImported(kind: CreateKind, drafts: readonly Draft[], problems: Problems): void {
  const imported = (draft: Draft) => hasFlag(kind, draft.record.flags, 'imported')
  const first = drafts[0]
  if (first === undefined) return
  const odd = drafts.find((draft) => imported(draft) !== imported(first))
  if (odd) {
    problems.add(importedDiffer(odd.place, first.place))
    return
  }
  if (!imported(first)) return
  for (const [index, draft] of drafts.entries()) {
    const before = drafts[index - 1]?.record.timestamp
    if (before !== undefined && (draft.record.timestamp ?? 0n) <= before) {
      problems.add(notLater(draft.place, before))
    }
  }
}

export function sameId(place: Place, id: bigint | string, first: Place): string {
  return `${place('id')} is ${id}, the same as ${first('id')}.`
}

export function linkedAtTheEnd(place: Place): string {
  return `${place('flags')} hold linked, but nothing follows: the last of a chain must not be linked.`
}

export function importedDiffer(place: Place, first: Place): string {
  return `${place('flags')} and ${first('flags')} differ in imported: all objects of a call are, or none.`
}

/** @param before the timestamp of the object before */
export function notLater(place: Place, before: bigint): string {
  return `${place('timestamp')} must be later than that of the object before it, ${before}.`
}

/** One object under check: its fields, and a way to say what is wrong with one of them. */
export interface Checked {
  readonly record: LedgerRecord
  /** The field's value, 0 when it was left out, as TigerBeetle takes it. */
  value(field: FieldName): bigint
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
export function checkId({record, value, wrong}: Checked, field: FieldName): void {
  if (record[field] === undefined) wrong(field, 'is missing')
  else if (value(field) === 0n) wrong(field, 'must not be 0: that id is reserved')
  else if (value(field) === UINT128_MAX) wrong(field, 'must not be 2^128 − 1: that id is reserved')
}

/** `ledger` and `code`: part of every account and transfer, and never 0. */
export function checkNotZero({record, wrong}: Checked, field: FieldName): void {
  if (record[field] === undefined) wrong(field, 'is missing')
  else if (record[field] === 0n) wrong(field, 'must not be 0')
}

/** Imported objects bring their timestamp, others must not (semantics §4 rules 3 and 4). */
export function checkTimestamp({value, wrong}: Checked, imported: boolean): void {
  if (imported && value('timestamp') === 0n) wrong('timestamp', 'is missing: an imported object brings its own')
  if (!imported && value('timestamp') !== 0n)
    wrong('timestamp', 'is only for imported objects: the ledger gives the time')
}

const BALANCES: readonly FieldName<'account'>[] = [
  'debits_pending',
  'debits_posted',
  'credits_pending',
  'credits_posted',
]

/** The rules of semantics §5 that need no ledger. */
export function checkAccount(account: Checked): void {
  const {value, wrong} = account
  const flag = (name: string) => hasFlag('account', value('flags'), name)
  checkId(account, 'id')
  checkNotZero(account, 'ledger')
  checkNotZero(account, 'code')
  if (value('reserved') !== 0n) wrong('reserved', 'must be 0')
  for (const field of BALANCES) {
    if (value(field) !== 0n) wrong(field, 'must be 0: a new account has no balance, transfers give it one')
  }
  if (flag('debits_must_not_exceed_credits') && flag('credits_must_not_exceed_debits')) {
    wrong(
      'flags',
      'hold both limits: debits_must_not_exceed_credits and credits_must_not_exceed_debits exclude each other',
    )
  }
  checkTimestamp(account, flag('imported'))
}

/** The rules of semantics §6 and §7 that need no ledger. */
export function checkTransfer(transfer: Checked): void {
  const flag = (name: string) => hasFlag('transfer', transfer.value('flags'), name)
  checkId(transfer, 'id')
  if (flag('post_pending_transfer') || flag('void_pending_transfer')) checkResolving(transfer, flag)
  else checkMoving(transfer, flag)
  checkTimestamp(transfer, flag('imported'))
}

type Flag = (name: string) => boolean

const NOT_WITH_RESOLVING = ['pending', 'balancing_debit', 'balancing_credit', 'closing_debit', 'closing_credit']

/** Post or void: what is left out comes from the pending transfer. */
function checkResolving({record, value, wrong}: Checked, flag: Flag): void {
  const post = flag('post_pending_transfer')
  if (post && flag('void_pending_transfer')) wrong('flags', 'hold both post_pending_transfer and void_pending_transfer')
  for (const name of NOT_WITH_RESOLVING) {
    if (flag(name))
      wrong('flags', `hold ${name}, which does not go with post_pending_transfer or void_pending_transfer`)
  }
  if (value('pending_id') === 0n) wrong('pending_id', 'is missing: which pending transfer is meant?')
  else if (value('pending_id') === UINT128_MAX) wrong('pending_id', 'must not be 2^128 − 1: that id is reserved')
  else if (value('pending_id') === value('id')) wrong('pending_id', 'must not be the id of this transfer itself')
  if (value('timeout') !== 0n) wrong('timeout', 'is only for transfers with the flag pending')
  // 0 is legal, but it moves nothing and gives everything back: too much to happen by leaving something out.
  if (post && record.amount === undefined) wrong('amount', 'is missing: "max" posts all of it, 0 posts nothing')
}

/** A transfer that moves or reserves money. */
function checkMoving(transfer: Checked, flag: Flag): void {
  const {record, value, wrong} = transfer
  checkId(transfer, 'debit_account_id')
  checkId(transfer, 'credit_account_id')
  if (value('debit_account_id') !== 0n && value('debit_account_id') === value('credit_account_id')) {
    wrong('credit_account_id', 'must be a different account from the one that is debited')
  }
  if (value('pending_id') !== 0n) {
    wrong('pending_id', 'goes with the flag post_pending_transfer or void_pending_transfer only')
  }
  if (record.amount === undefined) wrong('amount', 'is missing')
  if (!flag('pending')) {
    if (value('timeout') !== 0n) wrong('timeout', 'is only for transfers with the flag pending')
    if (flag('closing_debit') || flag('closing_credit')) {
      wrong('flags', 'hold closing_debit or closing_credit, which need the flag pending as well')
    }
  }
  if (flag('imported') && value('timeout') !== 0n) wrong('timeout', 'must be 0 for an imported transfer')
  checkNotZero(transfer, 'ledger')
  checkNotZero(transfer, 'code')
}
