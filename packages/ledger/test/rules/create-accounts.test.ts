import {type Account, AccountFlags, CreateAccountStatus as S, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import {plainAccount, plainTransfer} from '../random-events.js'
import {type TempLedger, withLedger} from '../temp-ledger.js'

const MAX = (1n << 128n) - 1n
const OLD = 50n

/** What can be wrong with an account, in the order of checking: each as a change to a good event. */
const FAULTS: [status: S, change: Partial<Account>][] = [
  [S.timestamp_must_be_zero, {timestamp: 1n}],
  [S.reserved_field, {reserved: 1}],
  [S.reserved_flag, {flags: 64}],
  [S.id_must_not_be_zero, {id: 0n}],
  [S.id_must_not_be_int_max, {id: MAX}],
  [S.exists_with_different_flags, {id: OLD, flags: AccountFlags.history}],
  [S.exists_with_different_user_data_128, {id: OLD, flags: 0, user_data_128: 9n}],
  [S.exists_with_different_user_data_64, {id: OLD, flags: 0, user_data_64: 9n}],
  [S.exists_with_different_user_data_32, {id: OLD, flags: 0, user_data_32: 9}],
  [S.exists_with_different_ledger, {id: OLD, flags: 0, ledger: 9}],
  [S.exists_with_different_code, {id: OLD, flags: 0, ledger: 1, code: 9}],
  [S.exists, {id: OLD, flags: 0, ledger: 1, code: 1}],
  [S.flags_are_mutually_exclusive, {flags: 6}],
  [S.debits_pending_must_be_zero, {debits_pending: 1n}],
  [S.debits_posted_must_be_zero, {debits_posted: 1n << 96n}],
  [S.credits_pending_must_be_zero, {credits_pending: 1n << 40n}],
  [S.credits_posted_must_be_zero, {credits_posted: MAX}],
  [S.ledger_must_not_be_zero, {ledger: 0}],
  [S.code_must_not_be_zero, {code: 0}],
]

/** As FAULTS, in a batch of imported accounts. */
const IMPORTED_FAULTS: [status: S, change: Partial<Account>][] = [
  [S.imported_event_timestamp_out_of_range, {timestamp: 0n}],
  [S.imported_event_timestamp_out_of_range, {timestamp: 1n << 63n}],
  [S.imported_event_timestamp_must_not_advance, {timestamp: 1n << 62n}],
  [S.reserved_field, {reserved: 1}],
  [S.code_must_not_be_zero, {code: 0}],
  [S.imported_event_timestamp_must_not_regress, {timestamp: 10n}],
]

const seen = new Set<S>([S.created])

async function statuses({ledger}: TempLedger, events: Account[]): Promise<S[]> {
  const results = await ledger.createAccounts(events)
  for (const {status} of results) seen.add(status)
  return results.map(({status}) => status)
}

async function check(temp: TempLedger, faults: [S, Partial<Account>][], base: Account): Promise<void> {
  for (const [i, [status, change]] of faults.entries()) {
    expect(await statuses(temp, [{...base, ...change}]), S[status]).to.deep.equal([status])
    for (const [lower, worse] of faults.slice(i + 1)) {
      const both = {...base, ...worse, ...change}
      expect(await statuses(temp, [both]), `${S[status]} before ${S[lower]}`).to.deep.equal([status])
    }
  }
}

describe('create_accounts: every status, and each before those below it', () => {
  it('in an ordinary batch', () =>
    withLedger(async (temp) => {
      expect(await statuses(temp, [plainAccount(OLD)])).to.deep.equal([S.created])
      await check(temp, FAULTS, plainAccount(60n))
      expect(await statuses(temp, [plainAccount(60n)]), 'the good event itself').to.deep.equal([S.created])
    }))

  it('in an imported batch', () =>
    withLedger(async (temp) => {
      const old = {...plainAccount(OLD), flags: AccountFlags.imported, timestamp: 20n}
      expect(await statuses(temp, [old])).to.deep.equal([S.created])
      await check(temp, IMPORTED_FAULTS, {...old, id: 60n, timestamp: 30n})
      expect(await statuses(temp, [{...old, id: 60n, timestamp: 20n}])).to.deep.equal([
        S.imported_event_timestamp_must_not_regress,
      ])
      expect(await statuses(temp, [{...old, id: 60n, timestamp: 21n}])).to.deep.equal([S.created])
    }))

  it('imported_event_timestamp_must_not_regress also when a transfer has that very time', () =>
    withLedger(async (temp) => {
      const imported = (id: bigint, timestamp: bigint) => ({
        ...plainAccount(id),
        flags: AccountFlags.imported,
        timestamp,
      })
      await statuses(temp, [imported(1n, 1n), imported(2n, 2n)])
      const transfer = {...plainTransfer(1n, 1n, 2n, 5n), flags: TransferFlags.imported, timestamp: 7n}
      await temp.ledger.createTransfers([transfer])
      const at7 = S.imported_event_timestamp_must_not_regress
      expect(await statuses(temp, [imported(3n, 7n), imported(3n, 6n)])).to.deep.equal([at7, S.created])
      expect(await statuses(temp, [imported(4n, 7n), imported(4n, 8n)])).to.deep.equal([at7, S.created])
    }))

  it('the first event decides whether a batch is imported', () =>
    withLedger(async (temp) => {
      const imported = {...plainAccount(1n), flags: AccountFlags.imported, timestamp: 3n}
      const normal = plainAccount(2n)
      expect(await statuses(temp, [imported, normal])).to.deep.equal([S.created, S.imported_event_expected])
      const late = {...imported, id: 3n, timestamp: 4n}
      expect(await statuses(temp, [normal, late])).to.deep.equal([S.created, S.imported_event_not_expected])
    }))

  it('a chain is all or nothing; its last event must not be linked', () =>
    withLedger(async (temp) => {
      const linked = (id: bigint) => ({...plainAccount(id), flags: AccountFlags.linked})
      const broken = [linked(1n), linked(2n), {...plainAccount(3n), code: 0}]
      expect(await statuses(temp, broken)).to.deep.equal([
        S.linked_event_failed,
        S.linked_event_failed,
        S.code_must_not_be_zero,
      ])
      const early = [linked(1n), {...linked(2n), ledger: 0}, plainAccount(3n), plainAccount(4n)]
      expect(await statuses(temp, early)).to.deep.equal([
        S.linked_event_failed,
        S.ledger_must_not_be_zero,
        S.linked_event_failed,
        S.created,
      ])
      const open = [linked(1n), linked(2n)]
      expect(await statuses(temp, open)).to.deep.equal([S.linked_event_failed, S.linked_event_chain_open])
      expect(await temp.ledger.lookupAccounts([1n, 2n, 3n])).to.deep.equal([])
    }))

  it('an account that was closed meanwhile differs in its flags', () =>
    withLedger(async (temp) => {
      await statuses(temp, [plainAccount(1n), plainAccount(2n)])
      const closing = {...plainTransfer(1n, 1n, 2n, 0n), flags: TransferFlags.pending | TransferFlags.closing_debit}
      await temp.ledger.createTransfers([closing])
      expect(await statuses(temp, [plainAccount(1n)])).to.deep.equal([S.exists_with_different_flags])
      const same = {...plainAccount(1n), flags: AccountFlags.closed}
      expect(await statuses(temp, [same])).to.deep.equal([S.exists])
    }))

  it('no status was left out', () => {
    const all = Object.values(S).filter((value): value is S => typeof value === 'number')
    expect(all.filter((status) => !seen.has(status)).map((status) => S[status])).to.deep.equal([])
  })
})
