import {hasFlag} from '../records/flags.js'
import {type Checked, checkId, checkNotZero, checkTimestamp} from './report.js'

const BALANCES = ['debits_pending', 'debits_posted', 'credits_pending', 'credits_posted']

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
