import {
  type Account,
  amount_max,
  BATCH_EVENTS_MAX,
  FieldRangeError,
  FieldTypeError,
  id,
  RequestError,
  type Transfer,
} from '@parix/ledger'
import {BLANK_QUERY_FILTER} from '@parix/ledger/schema'
import {expect} from 'chai'
import {plainAccount, plainTransfer} from './random-events.js'
import {withLedger} from './temp-ledger.js'

const U128 = 1n << 128n
const U64 = 1n << 64n

async function refusal(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error('the call should have been refused')
}

describe('what a request may hold', () => {
  it('a value out of range is refused before anything is stored, naming field and index', () =>
    withLedger(async ({ledger}) => {
      const wide: (keyof Transfer)[] = [
        'id',
        'debit_account_id',
        'credit_account_id',
        'amount',
        'pending_id',
        'user_data_128',
      ]
      const bad: [keyof Transfer, unknown][] = [
        ...wide.flatMap((field): [keyof Transfer, unknown][] => [
          [field, -1n],
          [field, U128],
        ]),
        ['user_data_64', U64],
        ['timestamp', -1n],
        ['user_data_32', 2 ** 32],
        ['timeout', -1],
        ['ledger', 1.5],
        ['code', 65536],
        ['flags', 65536],
        ['code', Number.NaN],
      ]
      for (const [field, value] of bad) {
        const events = [plainTransfer(1n, 1n, 2n, 3n), {...plainTransfer(2n, 1n, 2n, 3n), [field]: value}]
        const error = await refusal(() => ledger.createTransfers(events))
        expect(error, `${field} ${value}`)
          .to.be.instanceOf(FieldRangeError)
          .that.includes({code: 'ERR_OUT_OF_RANGE', field, index: 1})
        expect((error as Error).message).to.contain(`${field} of event 1`)
      }
      const account = {...plainAccount(1n), reserved: 2 ** 32}
      expect(await refusal(() => ledger.createAccounts([account])))
        .to.be.instanceOf(FieldRangeError)
        .that.includes({field: 'reserved', index: 0})
      expect(await ledger.lookupTransfers([1n, 2n])).to.deep.equal([])
    }))

  it('a value of the wrong kind is refused', () =>
    withLedger(async ({ledger}) => {
      const wrong: [keyof Account, unknown][] = [
        ['id', 1],
        ['ledger', 1n],
        ['code', '1'],
        ['timestamp', undefined],
        ['flags', null],
      ]
      for (const [field, value] of wrong) {
        const event = {...plainAccount(1n), [field]: value} as Account
        const error = await refusal(() => ledger.createAccounts([event]))
        expect(error, field)
          .to.be.instanceOf(FieldTypeError)
          .that.includes({code: 'ERR_INVALID_ARG_TYPE', field, index: 0})
      }
      expect(await refusal(() => ledger.lookupAccounts([1 as unknown as bigint]))).to.be.instanceOf(FieldTypeError)
    }))

  it('the largest values are taken whole', () =>
    withLedger(async ({ledger}) => {
      const account = {
        ...plainAccount(U128 - 2n),
        user_data_128: U128 - 1n,
        user_data_64: U64 - 1n,
        user_data_32: 2 ** 32 - 1,
        ledger: 2 ** 32 - 1,
        code: 65535,
      }
      const [result] = await ledger.createAccounts([account])
      expect(await ledger.lookupAccounts([account.id])).to.deep.equal([{...account, timestamp: result!.timestamp}])
    }))

  it('more than 8,189 events, ids or rows: ERR_TOO_MUCH_DATA', () =>
    withLedger(async ({ledger}) => {
      const many = <T>(make: (i: bigint) => T) =>
        Array.from({length: BATCH_EVENTS_MAX + 1}, (_, i) => make(BigInt(i + 1)))
      const filter = {
        user_data_128: 0n,
        user_data_64: 0n,
        user_data_32: 0,
        code: 0,
        timestamp_min: 0n,
        timestamp_max: 0n,
        limit: 8190,
      }
      const query = {...filter, ledger: 0, flags: 0}
      const ofAccount = {...filter, account_id: 0n, flags: 99}
      const calls = [
        () => ledger.createAccounts(many(plainAccount)),
        () => ledger.createTransfers(many((i) => plainTransfer(i, 1n, 2n, 1n))),
        () => ledger.lookupAccounts(many((i) => i)),
        () => ledger.lookupTransfers(many((i) => i)),
        () => ledger.queryAccounts(query),
        () => ledger.queryTransfers(query),
        () => ledger.getAccountTransfers(ofAccount),
        () => ledger.getAccountBalances(ofAccount),
      ]
      for (const call of calls)
        expect(await refusal(call))
          .to.be.instanceOf(RequestError)
          .that.includes({code: 'ERR_TOO_MUCH_DATA'})
      expect(await ledger.createAccounts(many(plainAccount).slice(1))).to.have.lengthOf(BATCH_EVENTS_MAX)
    }))

  it('filters are checked like events', () =>
    withLedger(async ({ledger}) => {
      const filter = {...BLANK_QUERY_FILTER, limit: 1}
      for (const [field, value] of [
        ['user_data_128', U128],
        ['user_data_64', -1n],
        ['code', 65536],
        ['limit', -1],
        ['ledger', 2 ** 32],
      ]) {
        const error = await refusal(() => ledger.queryTransfers({...filter, [field as string]: value}))
        expect(error, String(field)).to.be.instanceOf(FieldRangeError).that.includes({field, index: undefined})
      }
    }))

  it('no events, no ids: no results', () =>
    withLedger(async ({ledger}) => {
      expect(await ledger.createAccounts([])).to.deep.equal([])
      expect(await ledger.createTransfers([])).to.deep.equal([])
      expect(await ledger.lookupAccounts([])).to.deep.equal([])
      expect(await ledger.lookupTransfers([0n, U128 - 1n])).to.deep.equal([])
    }))

  it('the second door takes records and gives columns', () =>
    withLedger(async ({ledger}) => {
      await ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      const batch = ledger.takeBatch(2)
      batch.words.fill(0)
      for (const [i, transferId] of [77n, 78n].entries()) {
        const long = i * 16
        batch.longs[long] = transferId
        batch.longs[long + 2] = 1n
        batch.longs[long + 4] = i === 0 ? 2n : 9n
        batch.longs[long + 6] = 5n
        batch.words[i * 32 + 28] = 1
        batch.words[i * 32 + 29] = 1
      }
      const {statuses, timestamps} = await ledger.createTransfersEncoded(batch)
      expect([...statuses]).to.deep.equal([4294967295, 22])
      const [transfer] = await ledger.lookupTransfers([77n, 78n])
      expect(transfer).to.deep.equal({...plainTransfer(77n, 1n, 2n, 5n), timestamp: timestamps[0]})
    }))

  it('the events are read at the call: what the caller changes later does not count', () =>
    withLedger(async ({ledger}) => {
      const account = plainAccount(1n)
      const call = ledger.createAccounts([account])
      account.id = 2n
      await call
      expect((await ledger.lookupAccounts([1n, 2n])).map((row) => row.id)).to.deep.equal([1n])
    }))
})

describe('id() and amount_max', () => {
  it('ids rise, carry the time, and are never the same', () => {
    const ids = Array.from({length: 2000}, () => id())
    for (let i = 1; i < ids.length; i++) expect(ids[i]! > ids[i - 1]!).to.equal(true)
    const age = Date.now() - Number(ids[0]! >> 80n)
    expect(age).to.be.within(-1000, 60_000)
  })

  it('amount_max is the greatest amount', () => {
    expect(amount_max).to.equal(U128 - 1n)
  })
})
