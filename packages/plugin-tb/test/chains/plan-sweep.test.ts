import {AccountFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {planSweep, type SweepFlags} from '../../src/chains/plan-sweep.js'
import {CHAIN_CHART, chainBooks, execute, movesOf, planned} from '../support/chains.js'
import {type MemoryBooks, memoryBooks} from '../support/memory-books.js'
import {refusalOf} from '../support/refusal.js'

const MAX = 2n ** 128n - 1n

describe('a sweep', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await chainBooks()
  })
  afterEach(() => books.close())

  const plan = (flags: Partial<SweepFlags>) =>
    planSweep({from: ['@customer/1', '@customer/2'], to: '@bank/usd', code: '9', ...flags}, CHAIN_CHART, books.reading)
  const refusal = (flags: Partial<SweepFlags>) => refusalOf(() => plan(flags))
  const posted = async (...ids: number[]) => {
    const columns = await books.columns()
    return ids.map((id) => columns[id]!.slice(0, 2))
  }

  it('of an amount draws on one account after the other, as far as it has anything', async () => {
    expect(await execute(books, await plan({amount: '230.00'}))).to.deep.equal(Array.from({length: 5}, () => 'created'))
    expect(await posted(1001, 1002)).to.deep.equal([
      [20_000n, 20_000n],
      [3_000n, 5_000n],
    ])
    for (const [debits, credits] of await posted(20, 21)) expect(debits).to.equal(credits)
  })

  it('is the whole amount or nothing: a smallest unit more than there is leaves all as it was', async () => {
    const before = await books.columns()
    expect(await execute(books, await plan({amount: '250.01'}))).to.include('exceeds_credits')
    expect(await books.columns()).to.deep.equal(before)
    expect(await execute(books, await plan({amount: '250.00'}))).not.to.include('exceeds_credits')
  })

  it('draws in the order that is given, by one flag or by several', async () => {
    const order = async (from: string[]) =>
      movesOf(await plan({from, amount: '1.00'}))
        .slice(1, -2)
        .map(([debit]) => debit)
    expect(await order(['@customer/2,@customer/1'])).to.deep.equal([1002n, 1001n])
    expect(await order(['@customer/2, @customer/3', '@customer/1'])).to.deep.equal([1002n, 1003n, 1001n])
  })

  it('of an amount needs accounts of which it is known how much they have', async () => {
    expect(await refusal({from: ['@customer/1', '@owner'], amount: '1.00'})).to.include({
      kind: 'BAD_INPUT',
      code: 'no_limit',
    })
    await books.accounts({id: 601n, flags: AccountFlags.credits_must_not_exceed_debits})
    expect(await refusal({from: ['601'], amount: '1.00'})).to.include({code: 'no_limit'})
  })

  it('of all that there is takes each balance from its own side', async () => {
    await books.accounts({id: 601n, flags: AccountFlags.credits_must_not_exceed_debits}, {id: 602n}, {id: 603n})
    await books.pay(601n, 6n, 70n)
    await books.pay(602n, 603n, 40n)
    const made = await plan({from: ['@customer/1', '601', '602', '603', '@customer/3'], to: '@owner', amount: 'max'})
    expect(movesOf(made)).to.deep.equal([
      [1001n, 6n, MAX, 'linked,balancing_debit'],
      [6n, 601n, MAX, 'linked,balancing_credit'],
      [6n, 602n, MAX, 'linked,balancing_credit'],
      [603n, 6n, MAX, 'linked,balancing_debit'],
      [1003n, 6n, MAX, 'balancing_debit'],
    ])
    expect(await execute(books, made)).to.deep.equal(Array.from({length: 5}, () => 'created'))
    for (const [debits, credits] of await posted(1001, 601, 602, 603, 1003)) expect(debits).to.equal(credits)
  })

  it('by a key takes the side that it took the first time, whatever the balances are by then', async () => {
    await books.accounts({id: 602n}, {id: 603n})
    await books.pay(602n, 603n, 40n)
    const flags = {from: ['602', '603'], to: '@owner', amount: 'max', key: 'daily'}
    const first = await plan(flags)
    await execute(books, first)
    await books.pay(603n, 602n, 90n)
    const again = await plan(flags)
    expect(planned(again)).to.deep.equal(planned(first))
    expect((await execute(books, again))[0]).to.equal('exists')
    const other = movesOf(await plan({...flags, key: 'tomorrow'}))
    expect(other.map(([, , , name]) => name)).to.deep.equal(['linked,balancing_debit', 'balancing_credit'])
  })

  it('needs an amount, of the money of the ledger or as an integer, and accounts of one ledger', async () => {
    expect(await refusal({})).to.include({kind: 'USAGE'})
    expect(await refusal({amount: '1'})).to.include({code: 'ambiguous_amount'})
    expect(movesOf(await plan({'amount-raw': '1'}))[0]![2]).to.equal(1n)
    expect((await refusal({from: ['@customer/1', '@bank/jpy'], amount: '1.00'})).message).to.equal(
      '@bank/jpy and @bank/usd are on different ledgers. Nothing was sent.',
    )
    expect(await refusal({to: '@customer/50', amount: '1.00'})).to.include({kind: 'NOT_FOUND'})
  })

  it('of any amount moves exactly that amount, in order, or nothing at all', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.bigInt({min: 0n, max: 100n}), {minLength: 1, maxLength: 4}),
        fc.bigInt({min: 1n, max: 250n}),
        async (has, amount) => {
          const sources = has.map((_, index) => ({id: BigInt(100 + index), flags: 2}))
          const own = await memoryBooks(...sources, {id: 1n}, {id: 2n}, {id: 20n}, {id: 21n, flags: 2})
          try {
            for (const [index, credits] of has.entries())
              if (credits > 0n) await own.pay(1n, BigInt(100 + index), credits)
            const from = [sources.map(({id}) => id).join()]
            const flags = {from, to: '2', 'amount-raw': String(amount), control: ['20', '21'], code: '1'}
            const results = await execute(own, await planSweep(flags, undefined, own.reading))
            const columns = await own.columns()
            const total = has.reduce((sum, credits) => sum + credits, 0n)
            const moved = total >= amount ? amount : 0n
            expect(results.every((result) => result === 'created')).to.equal(total >= amount)
            expect(columns[2]![1]).to.equal(moved)
            let left = moved
            for (const [index, credits] of has.entries()) {
              const taken = left < credits ? left : credits
              expect(columns[100 + index]![0]).to.equal(taken)
              left -= taken
            }
          } finally {
            await own.close()
          }
        },
      ),
      {numRuns: 20},
    ))
})
