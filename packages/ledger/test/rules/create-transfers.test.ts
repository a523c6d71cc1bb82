import {
  AccountFlags as A,
  type Account,
  CreateTransferStatus as S,
  TransferFlags as T,
  type Transfer,
} from '@parix/ledger'
import {expect} from 'chai'
import {plainAccount, plainTransfer} from '../random-events.js'
import {NOW, SECOND, type TempLedger, withLedger} from '../temp-ledger.js'

const MAX = (1n << 128n) - 1n
const BIG = MAX - 10n

/** Ids by what the account or transfer is there for. */
const acc = {
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
const tr = {
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

const accounts: Account[] = [
  plainAccount(acc.from),
  plainAccount(acc.to),
  {...plainAccount(acc.foreign), ledger: 2},
  {...plainAccount(acc.closed), flags: A.closed},
  {...plainAccount(acc.shut), flags: A.closed},
  {...plainAccount(acc.poor), flags: A.debits_must_not_exceed_credits},
  {...plainAccount(acc.rich), flags: A.credits_must_not_exceed_debits},
  ...[acc.bigFrom, acc.bigTo, acc.holdFrom, acc.holdTo].map(plainAccount),
]

const setUp: Transfer[] = [
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

function resolution(id: bigint, pending: bigint, flags: number, change: Partial<Transfer> = {}): Transfer {
  return {...plainTransfer(id, 0n, 0n, 0n), ledger: 0, code: 0, pending_id: pending, flags, ...change}
}

type Fault = [status: S, change: Partial<Transfer>]

const HEAD: Fault[] = [
  [S.timestamp_must_be_zero, {timestamp: 1n}],
  [S.reserved_flag, {flags: 512}],
  [S.id_must_not_be_zero, {id: 0n}],
  [S.id_must_not_be_int_max, {id: MAX}],
]

const SAME = setUp[0]!
const EXISTING: Fault[] = [
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

const MOVEMENT: Fault[] = [
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
const AMOUNTS: [S, Partial<Transfer>, also: string][] = [
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

const RESOLUTION: Fault[] = [
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

const seen = new Set<S>([S.created])
/** Transient failures burn their id, so each event here takes a new one, unless the id is the point. */
let nextId = 1000n

async function statuses({ledger}: TempLedger, events: Transfer[]): Promise<S[]> {
  const results = await ledger.createTransfers(events)
  for (const {status} of results) seen.add(status)
  return results.map(({status}) => status)
}

async function check(temp: TempLedger, faults: Fault[], base: () => Transfer): Promise<void> {
  for (const [i, [status, change]] of faults.entries()) {
    expect(await statuses(temp, [{...base(), ...change}]), S[status]).to.deep.equal([status])
    for (const [lower, worse] of faults.slice(i + 1)) {
      const both = {...base(), ...worse, ...change}
      expect(await statuses(temp, [both]), `${S[status]} before ${S[lower]}`).to.deep.equal([status])
    }
  }
}

async function withSetUp(test: (temp: TempLedger) => Promise<void>): Promise<void> {
  await withLedger(async (temp) => {
    await temp.ledger.createAccounts(accounts)
    const results = await statuses(temp, setUp)
    expect(results.filter((status) => status !== S.created)).to.deep.equal([S.debit_account_not_found])
    temp.clock.now += 2n * SECOND
    expect(await temp.ledger.expirePendingTransfers()).to.have.lengthOf(1)
    await test(temp)
  })
}

const plain = (): Transfer => plainTransfer(nextId++, acc.from, acc.to, 1n)

describe('create_transfers: every status, and each before those below it', () => {
  it('head and single-phase checks', () =>
    withSetUp(async (temp) => {
      await check(temp, [...HEAD, ...MOVEMENT], plain)
      expect(await statuses(temp, [plain()]), 'the good event itself').to.deep.equal([S.created])
    }))

  it('a stored id: field by field', () =>
    withSetUp(async (temp) => {
      for (const [i, [status, change]] of EXISTING.entries()) {
        expect(await statuses(temp, [{...SAME, ...change}]), S[status]).to.deep.equal([status])
        for (const [lower, worse] of EXISTING.slice(i + 1)) {
          const worseField = diff(worse)
          const both = {...SAME, ...worseField, ...diff(change)}
          expect(await statuses(temp, [both]), `${S[status]} before ${S[lower]}`).to.deep.equal([status])
        }
      }
      expect(await statuses(temp, [{...SAME, id: 0n}])).to.deep.equal([S.id_must_not_be_zero])
    }))

  it('a stored post: zeros and the maximum stand for what the pending transfer has', () =>
    withSetUp(async (temp) => {
      const again = resolution(tr.post, tr.posted, T.post_pending_transfer)
      const of = async (change: Partial<Transfer>) => (await statuses(temp, [{...again, ...change}]))[0]
      expect(await of({amount: MAX})).to.equal(S.exists)
      expect(await of({amount: 50n, debit_account_id: acc.from, ledger: 1, code: 1})).to.equal(S.exists)
      expect(await of({amount: 51n})).to.equal(S.exists_with_different_amount)
      expect(await of({amount: 50n, credit_account_id: 9n})).to.equal(S.exists_with_different_credit_account_id)
      expect(await of({amount: 50n, user_data_64: 1n})).to.equal(S.exists_with_different_user_data_64)
      expect(await of({amount: 50n, timeout: 1})).to.equal(S.exists_with_different_timeout)
    }))

  it('a stored balancing transfer: any amount not below what was moved', () =>
    withSetUp(async (temp) => {
      const again = (amount: bigint) => ({
        ...plainTransfer(tr.balanced, acc.to, acc.from, amount),
        flags: T.balancing_debit,
      })
      const [lower, same, higher] = await statuses(temp, [again(2n), again(3n), again(MAX)])
      expect([lower, same, higher]).to.deep.equal([S.exists_with_different_amount, S.exists, S.exists])
    }))

  it('overflows before limits, debit before credit', () =>
    withSetUp(async (temp) => {
      for (const [status, change, also] of AMOUNTS) {
        const event = {...plain(), amount: 20n, ...change}
        expect(await statuses(temp, [event]), `${S[status]} before ${also}`).to.deep.equal([status])
      }
      expect(await statuses(temp, [{...plain(), debit_account_id: acc.poor, amount: 0n}])).to.deep.equal([S.created])
    }))

  it('overflows_timeout comes behind the amounts and before the limits', () =>
    withLedger(async (temp) => {
      temp.clock.now = (1n << 63n) - 1n - 10n * SECOND
      await temp.ledger.createAccounts(accounts)
      const late = {...plain(), flags: T.pending, timeout: 11, debit_account_id: acc.poor, amount: 9n}
      expect(await statuses(temp, [late])).to.deep.equal([S.overflows_timeout])
      expect(await statuses(temp, [{...late, id: nextId++, timeout: 9}])).to.deep.equal([S.exceeds_credits])
      expect(await statuses(temp, [{...late, id: nextId++, debit_account_id: acc.from, timeout: 9}])).to.deep.equal([
        S.created,
      ])
    }))

  it('post and void', () =>
    withSetUp(async (temp) => {
      const post = () => resolution(nextId++, tr.pending, T.post_pending_transfer, {amount: 1n})
      await check(temp, [...HEAD, ...RESOLUTION], post)
      const only = async (event: Transfer) => (await statuses(temp, [event]))[0]
      const tooLittle = resolution(nextId++, tr.voided, T.void_pending_transfer, {amount: 49n})
      expect(await only(tooLittle), 'before already_voided').to.equal(S.pending_transfer_has_different_amount)
      expect(await only({...tooLittle, amount: 51n})).to.equal(S.exceeds_pending_transfer_amount)
      expect(await only(resolution(nextId++, tr.voided, T.post_pending_transfer))).to.equal(
        S.pending_transfer_already_voided,
      )
      expect(await only(resolution(nextId++, tr.expired, T.post_pending_transfer))).to.equal(S.pending_transfer_expired)
      expect(await only({...post(), amount: MAX})).to.equal(S.created)
    }))

  it('pending_transfer_expired from the very instant on, also before the job ran', () =>
    withLedger(async (temp) => {
      await temp.ledger.createAccounts(accounts)
      const hold = (id: bigint) => ({...plainTransfer(id, acc.from, acc.to, 5n), flags: T.pending, timeout: 1})
      const [{timestamp} = {timestamp: 0n}] = await temp.ledger.createTransfers([hold(1n)])
      await temp.ledger.createTransfers([hold(2n)])
      temp.clock.now = timestamp + SECOND - 1n
      expect(await statuses(temp, [resolution(11n, 2n, T.void_pending_transfer)])).to.deep.equal([S.created])
      temp.clock.now = timestamp + SECOND
      expect(await statuses(temp, [resolution(12n, 1n, T.void_pending_transfer)])).to.deep.equal([
        S.pending_transfer_expired,
      ])
    }))

  it('a closed account refuses posts, lets voids through, and opens by voiding what closed it', () =>
    withSetUp(async (temp) => {
      const close = {
        ...plainTransfer(tr.closing, acc.from, acc.to, 0n),
        flags: T.pending | T.closing_debit | T.closing_credit,
      }
      expect(await statuses(temp, [close])).to.deep.equal([S.created])
      const post = resolution(nextId++, tr.pending, T.post_pending_transfer)
      expect(await statuses(temp, [post, plain()])).to.deep.equal([
        S.debit_account_already_closed,
        S.debit_account_already_closed,
      ])
      const open = [resolution(nextId++, tr.closing, T.void_pending_transfer), plain(), {...post, id: nextId++}]
      expect(await statuses(temp, open)).to.deep.equal([S.created, S.created, S.created])
      const half = {...plainTransfer(nextId++, acc.from, acc.to, 0n), flags: T.pending | T.closing_credit}
      expect(await statuses(temp, [half, plain()])).to.deep.equal([S.created, S.credit_account_already_closed])
    }))

  it('chains', () =>
    withSetUp(async (temp) => {
      const linked = () => ({...plain(), flags: T.linked})
      const [a, b, c] = [linked(), linked(), {...plain(), amount: 5n, debit_account_id: acc.poor}]
      expect(await statuses(temp, [a, b, c])).to.deep.equal([
        S.linked_event_failed,
        S.linked_event_failed,
        S.exceeds_credits,
      ])
      expect(await statuses(temp, [c]), 'the breaking event burnt its id').to.deep.equal([S.id_already_failed])
      expect(await statuses(temp, [a, {...b, flags: 0}]), 'the others did not').to.deep.equal([S.created, S.created])
      expect(await statuses(temp, [linked(), linked()])).to.deep.equal([
        S.linked_event_failed,
        S.linked_event_chain_open,
      ])
      const retry = await statuses(temp, [a, {...b, flags: 0}])
      expect(retry).to.deep.equal([S.exists, S.linked_event_failed])
    }))
})

describe('create_transfers: imported', () => {
  const imported = (id: bigint, timestamp: bigint, change: Partial<Transfer> = {}): Transfer => ({
    ...plainTransfer(id, acc.from, acc.to, 1n),
    flags: T.imported | (change.flags ?? 0),
    timestamp,
    ...(change.timeout !== undefined && {timeout: change.timeout}),
  })

  async function withImports(test: (temp: TempLedger) => Promise<void>): Promise<void> {
    await withLedger(async (temp) => {
      const at = (id: bigint, timestamp: bigint) => ({...plainAccount(id), flags: A.imported, timestamp})
      await temp.ledger.createAccounts([at(acc.from, 10n), at(acc.to, 20n), at(8n, 5000n)])
      await test(temp)
    })
  }

  it('every status, in order', () =>
    withImports(async (temp) => {
      expect(await statuses(temp, [imported(1n, 0n)])).to.deep.equal([S.imported_event_timestamp_out_of_range])
      expect(await statuses(temp, [imported(0n, 1n << 62n)])).to.deep.equal([
        S.imported_event_timestamp_must_not_advance,
      ])
      expect(await statuses(temp, [imported(1n, 5n)])).to.deep.equal([
        S.imported_event_timestamp_must_postdate_debit_account,
      ])
      expect(await statuses(temp, [imported(1n, 15n)])).to.deep.equal([
        S.imported_event_timestamp_must_postdate_credit_account,
      ])
      const timed = imported(1n, 30n, {flags: T.pending, timeout: 1})
      expect(await statuses(temp, [timed])).to.deep.equal([S.imported_event_timeout_must_be_zero])
      expect(await statuses(temp, [{...timed, timestamp: 5000n}])).to.deep.equal([
        S.imported_event_timestamp_must_not_regress,
      ])
      expect(await statuses(temp, [imported(1n, 30n)])).to.deep.equal([S.created])
      expect(await statuses(temp, [imported(2n, 30n)])).to.deep.equal([S.imported_event_timestamp_must_not_regress])
    }))

  it('the first event decides whether a batch is imported', () =>
    withImports(async (temp) => {
      expect(await statuses(temp, [imported(1n, 30n), plain()])).to.deep.equal([S.created, S.imported_event_expected])
      expect(await statuses(temp, [plain(), imported(2n, 31n)])).to.deep.equal([
        S.created,
        S.imported_event_not_expected,
      ])
    }))

  it('resolving a pending transfer with a timeout, which a real server does not survive, is refused', () =>
    withImports(async (temp) => {
      const hold = {...plainTransfer(1n, acc.from, acc.to, 5n), flags: T.pending, timeout: 5}
      expect(await statuses(temp, [hold])).to.deep.equal([S.created])
      temp.clock.now += 10n
      const post = {...resolution(2n, 1n, T.post_pending_transfer | T.imported), timestamp: NOW + 5n, amount: MAX}
      expect(await statuses(temp, [post])).to.deep.equal([S.imported_event_timeout_must_be_zero])
      expect(await statuses(temp, [{...post, timestamp: NOW - 5n}])).to.deep.equal([
        S.imported_event_timestamp_must_not_regress,
      ])
      const normal = {...post, flags: T.post_pending_transfer, timestamp: 0n}
      expect(await statuses(temp, [normal])).to.deep.equal([S.created])
    }))
})

describe('create_transfers: all of it', () => {
  it('no status was left out', () => {
    const all = Object.values(S).filter((value): value is S => typeof value === 'number')
    expect(all.filter((status) => !seen.has(status)).map((status) => S[status])).to.deep.equal([])
  })
})

/** The fields in which a change differs from SAME. */
function diff(change: Partial<Transfer>): Partial<Transfer> {
  return Object.fromEntries(Object.entries(change).filter(([field, value]) => SAME[field as keyof Transfer] !== value))
}
