import {UINT128_MAX} from '@parix/kit/integers'
import type {CreateKind} from '@parix/ledger/schema'
import {FLAGS, hasFlag} from '../records/flags.js'
import type {FieldName, LedgerRecord} from '../records/kinds.js'

/**
 * Whether a stored object is what a request asked for, by the rules by which TigerBeetle answers `exists`
 * (semantics §8): to be asked where a chain hides that response.
 */
export function isSame(kind: CreateKind, stored: LedgerRecord, asked: LedgerRecord): boolean {
  return kind === 'account' ? isSameAccount(stored, asked) : isSameTransfer(stored, asked)
}

const ACCOUNT_FIELDS: readonly FieldName<'account'>[] = [
  'user_data_128',
  'user_data_64',
  'user_data_32',
  'ledger',
  'code',
]

/** `closed` is the one flag that changes after creation, so it doesn't count. */
function isSameAccount(stored: LedgerRecord, asked: LedgerRecord): boolean {
  const closed = FLAGS.account.closed!
  const flags = (record: LedgerRecord) => of(record, 'flags') & ~closed
  return flags(stored) === flags(asked) && ACCOUNT_FIELDS.every((field) => of(stored, field) === of(asked, field))
}

const INHERITED: readonly FieldName<'transfer'>[] = [
  'debit_account_id',
  'credit_account_id',
  'user_data_128',
  'user_data_64',
  'user_data_32',
  'ledger',
  'code',
]

function isSameTransfer(stored: LedgerRecord, asked: LedgerRecord): boolean {
  const flag = (name: string) => hasFlag('transfer', asked.flags, name)
  const resolves = flag('post_pending_transfer') || flag('void_pending_transfer')
  // A post or void takes what it leaves out from its pending transfer.
  const inherits = (field: FieldName) => resolves && of(asked, field) === 0n
  return (
    of(stored, 'flags') === of(asked, 'flags') &&
    of(stored, 'pending_id') === of(asked, 'pending_id') &&
    of(stored, 'timeout') === of(asked, 'timeout') &&
    isSameAmount(of(stored, 'amount'), of(asked, 'amount'), flag) &&
    INHERITED.every((field) => inherits(field) || of(stored, field) === of(asked, field))
  )
}

/** Balancing may move less than asked; 'all of it' (post: max, void: 0) is stored as the amount that it was. */
function isSameAmount(stored: bigint, asked: bigint, flag: (name: string) => boolean): boolean {
  if (flag('balancing_debit') || flag('balancing_credit')) return stored <= asked
  if (flag('post_pending_transfer') && asked === UINT128_MAX) return true
  if (flag('void_pending_transfer') && asked === 0n) return true
  return stored === asked
}

function of(record: LedgerRecord, field: FieldName): bigint {
  return record[field] ?? 0n
}
