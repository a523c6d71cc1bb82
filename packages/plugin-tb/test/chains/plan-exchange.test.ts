import {expect} from 'chai'
import fc from 'fast-check'
import {type ExchangeFlags, planExchange} from '../../src/chains/plan-exchange.js'
import {CHAIN_CHART, chainBooks, execute, movesOf, planned} from '../support/chains.js'
import type {MemoryBooks} from '../support/memory-books.js'
import {refusalOf} from '../support/refusal.js'
import {chartOf, TYPED_CHART_TEXT} from '../support/typed-chart.js'

const MAX = 2n ** 128n - 1n

describe('an exchange of currencies', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await chainBooks()
  })
  afterEach(() => books.close())

  const plan = (flags: Partial<ExchangeFlags>, chart: typeof CHAIN_CHART | null = CHAIN_CHART) =>
    planExchange(
      {from: '@bank/usd=100.00', to: '@bank/jpy', via: ['@fx'], code: '9', ...flags},
      chart ?? undefined,
      books.reading,
    )
  const notes = async (flags: Partial<ExchangeFlags>, chart: typeof CHAIN_CHART | null = CHAIN_CHART) => {
    const made = await plan(flags, chart)
    return 'nothing' in made ? [] : made.notes!
  }

  it('is two linked transfers by the accounts of the liquidity provider, at a rate of whole units', async () => {
    const made = await plan({rate: '149.5'})
    expect(movesOf(made)).to.deep.equal([
      [1n, 24n, 10_000n, 'linked'],
      [25n, 2n, 14_950n, ''],
    ])
    expect(planned(made).map(({ledger}) => ledger)).to.deep.equal([700, 392])
    expect(await notes({rate: '149.5'})).to.deep.equal(['100.00 USD for 14950 JPY at 149.5.'])
    expect(await execute(books, made)).to.deep.equal(['created', 'created'])
  })

  it('that does not divide is rounded down, and the rest is said, with where it stays', async () => {
    const flags = {from: '@bank/usd=0.01', rate: '149.99'}
    expect(movesOf(await plan(flags))[1]![2]).to.equal(1n)
    expect(await notes(flags)).to.deep.equal([
      '0.01 USD for 1 JPY at 149.99.',
      'Rounded down by 0.4999 of the smallest unit, which stays with @fx/jpy.',
    ])
    expect((await notes({from: '@bank/usd=0.01', rate: '100.00000000001'}))[1]).to.contain('by less than 0.000001 of')
    expect((await notes({from: '@bank/usd=0.01', rate: '100.05'}))[1]).to.contain('by 0.0005 of')
    // One third: six places of it.
    expect((await notes({from: '@bank/usd=1.00', rate: '1.3333333333333333333333333333'}))[1]).to.contain(
      'by 0.333333 of',
    )
  })

  it('between ledgers of 38 places and of none is exact', async () => {
    const wei = {
      from: '@bank/wei=1.00000000000000000000000000000000000001',
      to: '@bank/jpy',
      via: ['@fx/wei', '@fx/jpy'],
    }
    expect(movesOf(await plan({...wei, rate: '7'}))[1]![2]).to.equal(7n)
    expect((await notes({...wei, rate: '7'}))[1]).to.contain('by less than 0.000001 of')
    const back = {
      from: '@bank/jpy=3',
      to: '@bank/wei',
      via: ['@fx/wei', '@fx/jpy'],
      rate: '0.00000000000000000000000000001',
    }
    expect(movesOf(await plan(back))[1]![2]).to.equal(3n * 10n ** 9n)
  })

  it('at which nothing would be received, or more than 128 bits, is refused', async () => {
    expect((await refusalOf(() => plan({from: '@bank/usd=0.01', rate: '99.99'}))).message).to.contain(
      'nothing would be received',
    )
    expect((await refusalOf(() => plan({from: `@bank/jpy=${MAX}`, to: '@bank/usd', rate: '1'}))).message).to.contain(
      'does not fit in 128 bits',
    )
    expect(movesOf(await plan({from: `@bank/jpy=${MAX}`, to: '@bank/usd', rate: '0.01'}))[1]![2]).to.equal(MAX)
  })

  it('takes the amount that was agreed in place of a rate, and either of the two', async () => {
    const made = await plan({to: '@bank/jpy=14901'})
    expect(movesOf(made)[1]).to.deep.equal([25n, 2n, 14_901n, ''])
    expect(await notes({to: '@bank/jpy=14901'})).to.deep.equal(['100.00 USD for 14901 JPY.'])
    for (const flags of [{}, {to: '@bank/jpy=14901', rate: '149'}])
      expect(await refusalOf(() => plan(flags))).to.include({kind: 'USAGE'})
  })

  it('charges a fee on top, to the liquidity account or another one', async () => {
    expect(movesOf(await plan({rate: '149', fee: '0.30'}))).to.deep.equal([
      [1n, 24n, 10_000n, 'linked'],
      [1n, 24n, 30n, 'linked'],
      [25n, 2n, 14_900n, ''],
    ])
    expect(movesOf(await plan({rate: '149', fee: '0.30', 'fee-to': '@shop/sales'}))[1]).to.deep.equal([
      1n,
      4n,
      30n,
      'linked',
    ])
    expect((await notes({rate: '149', fee: '0.30'}))[0]).to.equal(
      '100.00 USD for 14900 JPY at 149, and a fee of 0.30 USD.',
    )
  })

  it('charges a spread of the amount, rounded up in favour of who receives it', async () => {
    const fee = async (spread: string, from = '@bank/usd=100.00') =>
      movesOf(await plan({from, rate: '149', spread}))[1]![2]
    expect(await fee('0.25%')).to.equal(25n)
    expect(await fee('0.25')).to.equal(25n)
    expect(await fee('0.251%')).to.equal(26n)
    expect(await fee('0.000000001 %')).to.equal(1n)
    for (const spread of ['0', '-1', 'x', '%', '1%%', '1e2'])
      expect(await refusalOf(() => plan({rate: '149', spread})), spread).to.include({kind: 'BAD_INPUT'})
  })

  it('takes no rate that is not a positive decimal number', async () => {
    for (const rate of ['0', '0.0', '-1', '1e3', '1/3', '', '.5', '5.', 'NaN', '1,5', `1.${'0'.repeat(31)}`])
      expect(await refusalOf(() => plan({rate})), rate).to.include({kind: 'BAD_INPUT'})
    expect(movesOf(await plan({rate: ' 149 '}))[1]![2]).to.equal(14_900n)
  })

  it('needs a liquidity account on each ledger: given twice, or by the name that both have in common', async () => {
    const both = movesOf(await plan({rate: '149', via: ['@fx/jpy', '@fx/usd']}))
    expect(both).to.deep.equal(movesOf(await plan({rate: '149', via: ['@fx']})))
    expect((await refusalOf(() => plan({rate: '149', via: ['@fx/usd']}))).message).to.equal(
      '--via names no account on ledger JPY. The liquidity provider needs one on either ledger: give --via twice.',
    )
    expect((await refusalOf(() => plan({rate: '149', via: ['@nobody']}))).code).to.equal('unknown_name')
    // Only one of the two is there.
    const half = chartOf(`${TYPED_CHART_TEXT}  fx/usd: {id: 24, ledger: USD, code: capital}\n`)
    const {message} = await refusalOf(() => plan({rate: '149'}, half))
    expect(message).to.contain('@fx').and.not.contain('@fx/jpy')
  })

  it('is between two ledgers', async () => {
    expect((await refusalOf(() => plan({to: '@owner', rate: '1', via: ['@fx/usd']}))).message).to.equal(
      '@bank/usd and @owner are on one ledger: there is nothing to exchange.',
    )
  })

  it('without a chart is by smallest units, and says so', async () => {
    const flags = {from: '1=10000', to: '2', via: ['24', '25'], rate: '1.495'}
    expect(movesOf(await plan(flags, null))).to.deep.equal([
      [1n, 24n, 10_000n, 'linked'],
      [25n, 2n, 14_950n, ''],
    ])
    expect((await notes(flags, null)).at(-1)).to.contain('in smallest units of the one per smallest unit of the other')
  })

  it('of which one link fails leaves nothing: a payer without the money, a closed receiver', async () => {
    const before = await books.columns()
    const poor = await plan({from: '@customer/2=50.01', rate: '149'})
    expect(await execute(books, poor)).to.deep.equal(['exceeds_credits', 'linked_event_failed'])
    await books.pay(25n, 2n, 0n, {ledger: 392, flags: 2 | 128})
    const closed = await execute(books, await plan({from: '@customer/2=50.00', rate: '149', fee: '0.00'}))
    expect(closed).to.deep.equal(['linked_event_failed', 'linked_event_failed', 'credit_account_already_closed'])
    expect(await books.columns()).to.deep.equal(before)
  })

  it('never gives more than the rate says, nor a whole smallest unit less', () =>
    fc.assert(
      fc.asyncProperty(
        fc.bigInt({min: 1n, max: 2n ** 60n}),
        fc.integer({min: 1, max: 999_999_999}),
        fc.integer({min: 0, max: 12}),
        fc.boolean(),
        async (amount, digits, places, toYen) => {
          const text = String(digits).padStart(places + 1, '0')
          const rate = places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`
          const money = `${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`
          const flags = toYen
            ? {from: `@bank/usd=${money}`, to: '@bank/jpy', rate}
            : {from: `@bank/jpy=${amount}`, to: '@bank/usd', rate}
          const made = await plan(flags).catch(() => undefined)
          const [from, to] = toYen ? [100n, 1n] : [1n, 100n]
          // amount / from * digits / 10^places * to, as a fraction.
          const [numerator, denominator] = [amount * BigInt(digits) * to, from * 10n ** BigInt(places)]
          if (made === undefined) {
            expect(numerator < denominator, 'only where nothing is received').to.equal(true)
            return
          }
          const received = planned(made).at(-1)!.amount
          expect(received * denominator <= numerator && (received + 1n) * denominator > numerator).to.equal(true)
        },
      ),
      {numRuns: 60},
    ))
})
