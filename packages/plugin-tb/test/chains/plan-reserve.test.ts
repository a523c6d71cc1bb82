import {parseBaseUrl} from '@parix/kit/origin'
import {TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import {afterReserving, planReserve, type ReserveFlags, wholeSeconds} from '../../src/chains/plan-reserve.js'
import {CHAIN_CHART, chainBooks, execute, planned} from '../support/chains.js'
import {type MemoryBooks, SECOND} from '../support/memory-books.js'
import {refusalOf, refused} from '../support/refusal.js'

describe('a reservation', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await chainBooks()
  })
  afterEach(() => books.close())

  const plan = (flags: Partial<ReserveFlags>) =>
    planReserve(
      {from: '@customer/1', to: '@shop/sales', amount: '12.50', code: 'payment', ...flags},
      CHAIN_CHART,
      books.reading,
    )

  it('is one pending transfer, with a timeout or without', async () => {
    const [held] = planned(await plan({timeout: '10m'}))
    expect(held).to.include({
      ...{debit_account_id: 1001n, credit_account_id: 4n, amount: 1250n, ledger: 700, code: 2},
      ...{flags: TransferFlags.pending, timeout: 600},
    })
    expect(planned(await plan({}))[0]).to.include({timeout: 0, flags: TransferFlags.pending})
    expect(planned(await plan({'amount-raw': '1250', amount: undefined}))[0]!.amount).to.equal(1250n)
  })

  it('holds until its time is over, and not a nanosecond longer', async () => {
    await execute(books, await plan({amount: '200.00', timeout: '10s'}))
    const {timestamp} = (
      await books.ledger.getAccountTransfers({
        ...{account_id: 1001n, user_data_128: 0n, user_data_64: 0n, user_data_32: 0, code: 0},
        ...{timestamp_min: 0n, timestamp_max: 0n, limit: 1, flags: 1 | 4},
      })
    )[0]!
    books.clock.now = timestamp + 10n * SECOND - 1n
    expect((await books.columns())[1001]![2]).to.equal(20_000n)
    books.clock.now = timestamp + 10n * SECOND
    expect((await books.columns())[1001]![2]).to.equal(0n)
  })

  it('is on one ledger, of an amount, for whole seconds', async () => {
    expect((await refusalOf(() => plan({to: '@bank/jpy'}))).message).to.equal(
      '@customer/1 and @bank/jpy are on different ledgers. Nothing was sent.',
    )
    expect(await refusalOf(() => plan({amount: undefined}))).to.include({kind: 'USAGE'})
    expect(await refusalOf(() => plan({amount: '12'}))).to.include({code: 'ambiguous_amount'})
    expect(await refusalOf(() => plan({timeout: '1500ms'}))).to.include({kind: 'BAD_INPUT'})
    expect(await refusalOf(() => plan({to: '77'}))).to.include({kind: 'NOT_FOUND'})
  })

  it('of accounts by ids asks for their ledgers, unless --ledger says it', async () => {
    await books.accounts({id: 501n, ledger: 978}, {id: 502n, ledger: 978})
    expect(planned(await plan({from: '501', to: '502', amount: '5'}))[0]).to.include({ledger: 978, amount: 5n})
    expect(books.seen).to.have.length(1)
    await plan({from: '501', to: '502', amount: '5', ledger: '978'})
    expect(books.seen).to.have.length(1)
  })

  it('counts its timeout in whole seconds, from one on', () => {
    expect(['1s', '60s', '10m', '24h', '1000ms', '1h30m'].map((text) => wholeSeconds('--timeout', text))).to.deep.equal(
      [...[1, 60, 600, 86_400, 1, 5400]],
    )
    for (const text of ['0s', '1ms', '1.5s', '-1s', '', 'soon'])
      expect(
        refused(() => wholeSeconds('--timeout', text)),
        text,
      ).to.include({kind: 'BAD_INPUT'})
  })

  it('says until when it holds, and how it ends', async () => {
    const api = {...books.api, base: parseBaseUrl('http://127.0.0.1:7117/')}
    const said = (timeout: string | undefined, responsePayload: object[]) =>
      afterReserving(timeout)({result: {responsePayload}} as never, api, books.database)
    const row = {index: 0, id: '77', result: 'created', timestamp: '1698883202000000000'}
    const [until, pay, back] = await said('10m', [row])
    expect(until).to.equal('It is held until 2023-11-02T00:10:02.000000000Z.')
    expect(pay).to.match(/^Pay: parix tb post books 77/)
    expect(back).to.match(/^Give back: parix tb void books 77/)
    expect((await said(undefined, [row]))[0]).to.equal('It is held until it is posted or voided.')
    expect((await said('10m', [{...row, timestamp: undefined}]))[0]).to.contain('until it is posted or voided')
    expect(await said('10m', [])).to.deep.equal([])
  })
})
