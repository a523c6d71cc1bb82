import {AccountFlags, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import {afterClosing, type CloseFlags, planClose, planReopen} from '../../src/chains/plan-close.js'
import {CHAIN_CHART, chainBooks, execute, movesOf} from '../support/chains.js'
import type {MemoryBooks} from '../support/memory-books.js'
import {refusalOf} from '../support/refusal.js'

const MAX = 2n ** 128n - 1n

describe('closing an account', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await chainBooks()
  })
  afterEach(() => books.close())

  const plan = (account: string, flags: Partial<CloseFlags> = {}, chart: typeof CHAIN_CHART | null = CHAIN_CHART) =>
    planClose(account, {into: '@owner', code: '9', ...flags}, chart ?? undefined, books.reading)
  const close = async (account: string) => execute(books, await plan(account))
  const reopen = (account: string) => planReopen(account, CHAIN_CHART, books.reading)
  const isClosed = async (id: bigint) => ((await books.account(id)).flags & AccountFlags.closed) !== 0

  it('moves its balance away and closes it, on the side of its limit', async () => {
    expect(movesOf(await plan('@customer/1'))).to.deep.equal([
      [1001n, 6n, MAX, 'linked,balancing_debit'],
      [1001n, 6n, 0n, 'pending,closing_debit'],
    ])
    await books.accounts({id: 601n, flags: AccountFlags.credits_must_not_exceed_debits})
    expect(movesOf(await plan('601'))).to.deep.equal([
      [6n, 601n, MAX, 'linked,balancing_credit'],
      [6n, 601n, 0n, 'pending,closing_credit'],
    ])
  })

  it('of an account without a limit goes by its balance, else by its type in the chart', async () => {
    const kind = async (account: string, chart: typeof CHAIN_CHART | null = CHAIN_CHART) =>
      movesOf(await plan(account, {into: '6'}, chart))[0]![3]
    await books.pay(5n, 4n, 100n)
    expect(await kind('@shop/rent'), 'more debits').to.equal('linked,balancing_credit')
    expect(await kind('@shop/sales'), 'more credits').to.equal('linked,balancing_debit')
    await books.pay(4n, 5n, 100n)
    expect(await kind('@shop/rent'), 'an expense').to.equal('linked,balancing_credit')
    expect(await kind('@shop/sales'), 'income').to.equal('linked,balancing_debit')
    expect(await kind('4', null), 'without a chart').to.equal('linked,balancing_credit')
  })

  it('leaves nothing in it, and the ledger refuses what comes after', async () => {
    expect(await close('@customer/1')).to.deep.equal(['created', 'created'])
    const columns = await books.columns()
    expect(columns[1001]).to.deep.equal([20_000n, 20_000n, 0n, 0n])
    expect(columns[6]!.slice(0, 2)).to.deep.equal([0n, 20_000n])
    expect(await isClosed(1001n)).to.equal(true)
    const late = {id: 7n, debit_account_id: 1n, credit_account_id: 1001n, amount: 1n}
    expect(await books.results(late)).to.deep.equal(['credit_account_already_closed'])
  })

  it('that is closed already sends nothing, and says so', async () => {
    await close('@customer/1')
    const again = await plan('@customer/1')
    if (!('nothing' in again)) throw new Error('it was planned')
    expect(again.nothing.view).to.equal('@customer/1 is closed already. Nothing was sent.')
    expect(again.nothing.result.responsePayload).to.deep.equal([])
    // Also into itself, or another ledger: what is so needs no more checks.
    expect(await plan('@customer/1', {into: '@customer/1'})).to.have.property('nothing')
  })

  it('needs another account, on the same ledger, and both to be there', async () => {
    expect((await refusalOf(() => plan('@customer/1', {into: '1001'}))).message).to.contain('different account')
    expect((await refusalOf(() => plan('@customer/1', {into: '@bank/jpy'}))).message).to.equal(
      '@customer/1 and @bank/jpy are on different ledgers. Nothing was sent.',
    )
    expect(await refusalOf(() => plan('77'))).to.include({kind: 'NOT_FOUND'})
    expect((await refusalOf(() => plan('@customer/1', {into: '77'}))).message).to.match(
      /^--into: there is no account 77/,
    )
    expect(await refusalOf(() => plan('@customer/1', {code: undefined}))).to.include({code: 'missing_code'})
  })

  it('says how it is opened again, and what is left in it', async () => {
    await books.pay(1001n, 4n, 500n, {flags: TransferFlags.pending})
    await close('@customer/1')
    const said = async () => afterClosing('@customer/1', CHAIN_CHART)({} as never, books.api, books.database)
    const [open, ...more] = await said()
    expect(open).to.match(
      /^@customer\/1 is closed: it takes no further transfers\. Open it again: parix tb reopen books @customer\/1/,
    )
    expect(more).to.deep.equal([
      'Its balance is not 0: credits of 20000, debits of 19500.',
      'It has pending transfers. They can be voided or expire, and can not be posted.',
    ])
    await close('@customer/2')
    expect(await afterClosing('@customer/2', CHAIN_CHART)({} as never, books.api, books.database)).to.have.length(1)
  })

  describe('and opening it again', () => {
    it('voids what closed it, and it takes transfers again', async () => {
      await close('@customer/1')
      const opened = await reopen('@customer/1')
      expect(movesOf(opened)[0]!.slice(2)).to.deep.equal([0n, 'void_pending_transfer'])
      expect(await execute(books, opened)).to.deep.equal(['created'])
      expect(await isClosed(1001n)).to.equal(false)
      await books.pay(1n, 1001n, 5n)
      expect((await books.columns())[1001]).to.deep.equal([20_000n, 20_005n, 0n, 0n])
    })

    it('of an account that is open sends nothing', async () => {
      const opened = await reopen('@customer/1')
      expect('nothing' in opened && opened.nothing.view).to.equal('@customer/1 is open already. Nothing was sent.')
      expect(await refusalOf(() => reopen('77'))).to.include({kind: 'NOT_FOUND'})
    })

    it('voids the newest of several closings, also after later transfers of others and of its own', async () => {
      for (let round = 0; round < 3; round++) {
        await books.pay(1n, 1001n, 5n)
        expect(await close('@customer/1')).to.deep.equal(['created', 'created'])
        await books.pay(1n, 1002n, 5n)
        expect(await execute(books, await reopen('@customer/1')), `${round}`).to.deep.equal(['created'])
      }
      expect(await isClosed(1001n)).to.equal(false)
    })

    it('is not confused by the account that took its balance, which may be closed as well', async () => {
      // Both are closed by transfers between the same two accounts.
      await close('@customer/1')
      await execute(books, await planClose('@owner', {into: '@bank/usd', code: '9'}, CHAIN_CHART, books.reading))
      expect([await isClosed(1001n), await isClosed(6n)]).to.deep.equal([true, true])
      await execute(books, await reopen('@owner'))
      expect([await isClosed(1001n), await isClosed(6n)]).to.deep.equal([true, false])
      await execute(books, await reopen('@customer/1'))
      expect(await isClosed(1001n)).to.equal(false)
    })

    it('finds a closing of either side among pages of transfers', async () => {
      await books.pay(1n, 1003n, 1n)
      const closing = {
        id: 70n,
        debit_account_id: 1n,
        credit_account_id: 1003n,
        amount: 0n,
        flags: 2 | TransferFlags.closing_credit,
      }
      await books.transfers(closing)
      books.before = ({body}) => (body.limit > 1 ? 413 : undefined)
      const opened = await reopen('@customer/3')
      expect('transfers' in opened && opened.transfers[0]!.pending_id).to.equal(70n)
    })

    it('of an account that no transfer has closed says that it found none', async () => {
      books.edit = (operation, rows) =>
        operation === 'lookup_accounts'
          ? rows.map((row) => ({...row, flags: Number(row.flags) | AccountFlags.closed}))
          : rows
      expect(await refusalOf(() => reopen('@customer/1'))).to.include({
        kind: 'NOT_FOUND',
        code: 'closing_transfer_not_found',
        message: '@customer/1 is closed, but no transfer that closed it was found in books. Nothing was sent.',
      })
    })
  })
})
