import {UINT128_MAX} from '@parix/kit/integers'
import {hasFlag} from '../records/flags.js'
import {type Checked, checkId, checkNotZero, checkTimestamp} from './report.js'

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
    wrong('credit_account_id', 'must be another account than the one that is debited')
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
