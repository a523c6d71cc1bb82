/** What the tests of create_transfers share: a ledger with something of everything, and what can be wrong with an event. */

import {
  AccountFlags as A,
  type Account,
  CreateTransferStatus as S,
  TransferFlags as T,
  type Transfer,
} from '@parix/ledger'
import {expect} from 'chai'
import {plainAccount, plainTransfer} from '../random-events.js'
import {SECOND, type TempLedger, withLedger} from '../temp-ledger.js'

export const MAX = (1n << 128n) - 1n
export const BIG = MAX - 10n

/** Ids by what the account or transfer is there for. */
export const acc = {
  from: 1n,
  to: 2n,
  foreign: 3n,
  closed: 4n,
  shut: 7n,
  poor: 5n,
  rich: 6n,
  bigFrom: 20n,
  bigTo: 21n,
  holdFrom: 22n,
  holdTo: 23n,
}
export const tr = {
  plain: 100n,
  pending: 101n,
  posted: 102n,
  voided: 103n,
  expired: 104n,
  burnt: 105n,
  balanced: 106n,
  closing: 107n,
  post: 110n,
}

export const accounts: Account[] = [
  plainAccount(acc.from),
  plainAccount(acc.to),
  {...plainAccount(acc.foreign), ledger: 2},
  {...plainAccount(acc.closed), flags: A.closed},
  {...plainAccount(acc.shut), flags: A.closed},
  {...plainAccount(acc.poor), flags: A.debits_must_not_exceed_credits},
  {...plainAccount(acc.rich), flags: A.credits_must_not_exceed_debits},
  ...[acc.bigFrom, acc.bigTo, acc.holdFrom, acc.holdTo].map(plainAccount),
]

export const setUp: Transfer[] = [
  {...plainTransfer(tr.plain, acc.from, acc.to, 5n), user_data_128: 1n, user_data_64: 2n, user_data_32: 3},
  {
    ...plainTransfer(tr.pending, acc.from, acc.to, 50n),
    flags: T.pending,
    user_data_128: 7n,
    user_data_64: 8n,
    user_data_32: 9,
  },
  {...plainTransfer(tr.posted, acc.from, acc.to, 50n), flags: T.pending},
  {...plainTransfer(tr.voided, acc.from, acc.to, 50n), flags: T.pending},
  {...plainTransfer(tr.expired, acc.from, acc.to, 50n), flags: T.pending, timeout: 1},
  {...plainTransfer(tr.burnt, 999n, acc.to, 50n)},
  {...plainTransfer(tr.balanced, acc.to, acc.from, 3n), flags: T.balancing_debit},
  plainTransfer(108n, acc.bigFrom, acc.bigTo, BIG),
  {...plainTransfer(109n, acc.holdFrom, acc.holdTo, BIG), flags: T.pending},
  resolution(tr.post, tr.posted, T.post_pending_transfer, {amount: MAX}),
  resolution(111n, tr.voided, T.void_pending_transfer),
]

export function resolution(id: bigint, pending: bigint, flags: number, change: Partial<Transfer> = {}): Transfer {
  return {...plainTransfer(id, 0n, 0n, 0n), ledger: 0, code: 0, pending_id: pending, flags, ...change}
}

export type Fault = [status: S, change: Partial<Transfer>]

export const HEAD: Fault[] = [
  [S.timestamp_must_be_zero, {timestamp: 1n}],
  [S.reserved_flag, {flags: 512}],
  [S.id_must_not_be_zero, {id: 0n}],
  [S.id_must_not_be_int_max, {id: MAX}],
]

export const SAME = setUp[0]!
export const EXISTING: Fault[] = [
  [S.exists_with_different_flags, {...SAME, flags: T.pending}],
  [S.exists_with_different_pending_id, {...SAME, pending_id: 9n}],
  [S.exists_with_different_timeout, {...SAME, timeout: 9}],
  [S.exists_with_different_debit_account_id, {...SAME, debit_account_id: 9n}],
  [S.exists_with_different_credit_account_id, {...SAME, credit_account_id: 9n}],
  [S.exists_with_different_amount, {...SAME, amount: 9n}],
  [S.exists_with_different_user_data_128, {...SAME, user_data_128: 9n}],
  [S.exists_with_different_user_data_64, {...SAME, user_data_64: 9n}],
  [S.exists_with_different_user_data_32, {...SAME, user_data_32: 9}],
  [S.exists_with_different_ledger, {...SAME, ledger: 9}],
  [S.exists_with_different_code, {...SAME, code: 9}],
  [S.exists, SAME],
]

export const MOVEMENT: Fault[] = [
  [S.id_already_failed, {id: tr.burnt}],
  [S.debit_account_id_must_not_be_zero, {debit_account_id: 0n}],
  [S.debit_account_id_must_not_be_int_max, {debit_account_id: MAX}],
  [S.credit_account_id_must_not_be_zero, {credit_account_id: 0n}],
  [S.credit_account_id_must_not_be_int_max, {credit_account_id: MAX}],
  [S.accounts_must_be_different, {debit_account_id: acc.from, credit_account_id: acc.from}],
  [S.pending_id_must_be_zero, {pending_id: 1n}],
  [S.timeout_reserved_for_pending_transfer, {timeout: 1}],
  [S.closing_transfer_must_be_pending, {flags: T.closing_credit}],
  [S.ledger_must_not_be_zero, {ledger: 0}],
  [S.code_must_not_be_zero, {code: 0}],
  [S.debit_account_not_found, {debit_account_id: 998n}],
  [S.credit_account_not_found, {credit_account_id: 997n}],
  [S.accounts_must_have_the_same_ledger, {credit_account_id: acc.foreign}],
  [S.transfer_must_have_the_same_ledger_as_accounts, {ledger: 2}],
  [S.debit_account_already_closed, {debit_account_id: acc.closed}],
  [S.credit_account_already_closed, {credit_account_id: acc.shut}],
]

/** On a pending base; here the order shows in events that break two rules at once. */
export const AMOUNTS: [S, Partial<Transfer>, also: string][] = [
  [
    S.overflows_debits_pending,
    {debit_account_id: acc.holdFrom, credit_account_id: acc.holdTo, flags: T.pending},
    'credits_pending',
  ],
  [
    S.overflows_credits_pending,
    {debit_account_id: acc.bigFrom, credit_account_id: acc.holdTo, flags: T.pending},
    'debits_posted',
  ],
  [S.overflows_debits_posted, {debit_account_id: acc.bigFrom, credit_account_id: acc.bigTo}, 'credits_posted'],
  [S.overflows_credits_posted, {debit_account_id: acc.holdFrom, credit_account_id: acc.bigTo}, 'debits'],
  [S.overflows_debits, {debit_account_id: acc.holdFrom, credit_account_id: acc.holdTo}, 'credits'],
  [S.overflows_credits, {debit_account_id: acc.poor, credit_account_id: acc.holdTo}, 'exceeds_credits'],
  [S.exceeds_credits, {debit_account_id: acc.poor, credit_account_id: acc.rich}, 'exceeds_debits'],
  [S.exceeds_debits, {credit_account_id: acc.rich}, 'nothing'],
]

export const RESOLUTION: Fault[] = [
  [S.id_already_failed, {id: tr.burnt}],
  [S.flags_are_mutually_exclusive, {flags: T.post_pending_transfer | T.void_pending_transfer}],
  [S.pending_id_must_not_be_zero, {pending_id: 0n}],
  [S.pending_id_must_not_be_int_max, {pending_id: MAX}],
  [S.pending_id_must_be_different, {id: 600n, pending_id: 600n}],
  [S.timeout_reserved_for_pending_transfer, {timeout: 1}],
  [S.pending_transfer_not_found, {pending_id: 997n}],
  [S.pending_transfer_not_pending, {pending_id: tr.plain}],
  [S.pending_transfer_has_different_debit_account_id, {debit_account_id: acc.to}],
  [S.pending_transfer_has_different_credit_account_id, {credit_account_id: acc.from}],
  [S.pending_transfer_has_different_ledger, {ledger: 2}],
  [S.pending_transfer_has_different_code, {code: 2}],
  [S.exceeds_pending_transfer_amount, {amount: 51n}],
  [S.pending_transfer_already_posted, {pending_id: tr.posted}],
]

export const seen = new Set<S>([S.created])
/** Transient failures burn their id, so each event here takes a new one, unless the id is the point. */
let nextId = 1000n
export const newId = (): bigint => nextId++

export async function statuses({ledger}: TempLedger, events: Transfer[]): Promise<S[]> {
  const results = await ledger.createTransfers(events)
  for (const {status} of results) seen.add(status)
  return results.map(({status}) => status)
}

export async function check(temp: TempLedger, faults: Fault[], base: () => Transfer): Promise<void> {
  for (const [i, [status, change]] of faults.entries()) {
    expect(await statuses(temp, [{...base(), ...change}]), S[status]).to.deep.equal([status])
    for (const [lower, worse] of faults.slice(i + 1)) {
      const both = {...base(), ...worse, ...change}
      expect(await statuses(temp, [both]), `${S[status]} before ${S[lower]}`).to.deep.equal([status])
    }
  }
}

export async function withSetUp(test: (temp: TempLedger) => Promise<void>): Promise<void> {
  await withLedger(async (temp) => {
    await temp.ledger.createAccounts(accounts)
    const results = await statuses(temp, setUp)
    expect(results.filter((status) => status !== S.created)).to.deep.equal([S.debit_account_not_found])
    temp.clock.now += 2n * SECOND
    expect(await temp.ledger.expirePendingTransfers()).to.have.lengthOf(1)
    await test(temp)
  })
}

export const plain = (): Transfer => plainTransfer(newId(), acc.from, acc.to, 1n)
/** The fields in which a change differs from SAME. */
export function diff(change: Partial<Transfer>): Partial<Transfer> {
  return Object.fromEntries(Object.entries(change).filter(([field, value]) => SAME[field as keyof Transfer] !== value))
}
