import {AccountFlags as A, CreateTransferStatus as S, TransferFlags as T, type Transfer} from '@parix/ledger'
import {expect} from 'chai'
import {plainAccount, plainTransfer} from '../random-events.js'
import {NOW, SECOND, type TempLedger, withLedger} from '../temp-ledger.js'
import {
  AMOUNTS,
  acc,
  accounts,
  check,
  diff,
  EXISTING,
  HEAD,
  MAX,
  MOVEMENT,
  newId,
  plain,
  RESOLUTION,
  resolution,
  SAME,
  seen,
  statuses,
  tr,
  withSetUp,
} from './transfer-set-up.js'

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

  it('overflows_timeout comes after the amounts and before the limits', () =>
    withLedger(async (temp) => {
      temp.clock.now = (1n << 63n) - 1n - 10n * SECOND
      await temp.ledger.createAccounts(accounts)
      const late = {...plain(), flags: T.pending, timeout: 11, debit_account_id: acc.poor, amount: 9n}
      expect(await statuses(temp, [late])).to.deep.equal([S.overflows_timeout])
      expect(await statuses(temp, [{...late, id: newId(), timeout: 9}])).to.deep.equal([S.exceeds_credits])
      expect(await statuses(temp, [{...late, id: newId(), debit_account_id: acc.from, timeout: 9}])).to.deep.equal([
        S.created,
      ])
    }))

  it('post and void', () =>
    withSetUp(async (temp) => {
      const post = () => resolution(newId(), tr.pending, T.post_pending_transfer, {amount: 1n})
      await check(temp, [...HEAD, ...RESOLUTION], post)
      const only = async (event: Transfer) => (await statuses(temp, [event]))[0]
      const tooLittle = resolution(newId(), tr.voided, T.void_pending_transfer, {amount: 49n})
      expect(await only(tooLittle), 'before already_voided').to.equal(S.pending_transfer_has_different_amount)
      expect(await only({...tooLittle, amount: 51n})).to.equal(S.exceeds_pending_transfer_amount)
      expect(await only(resolution(newId(), tr.voided, T.post_pending_transfer))).to.equal(
        S.pending_transfer_already_voided,
      )
      expect(await only(resolution(newId(), tr.expired, T.post_pending_transfer))).to.equal(S.pending_transfer_expired)
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
      const post = resolution(newId(), tr.pending, T.post_pending_transfer)
      expect(await statuses(temp, [post, plain()])).to.deep.equal([
        S.debit_account_already_closed,
        S.debit_account_already_closed,
      ])
      const open = [resolution(newId(), tr.closing, T.void_pending_transfer), plain(), {...post, id: newId()}]
      expect(await statuses(temp, open)).to.deep.equal([S.created, S.created, S.created])
      const half = {...plainTransfer(newId(), acc.from, acc.to, 0n), flags: T.pending | T.closing_credit}
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
