import {expect} from 'chai'
import {Controls, limitOf} from '../../src/chains/controls.js'
import {Parties} from '../../src/chains/parties.js'
import {CHAIN_CHART, chainBooks} from '../support/chains.js'
import type {MemoryBooks} from '../support/memory-books.js'
import {refusalOf} from '../support/refusal.js'
import {chartOf, TYPED_CHART_TEXT} from '../support/typed-chart.js'

describe('control and operator accounts', () => {
  let books: MemoryBooks
  before(async () => {
    books = await chainBooks()
    await books.accounts({id: 901n}, {id: 902n, flags: 2}, {id: 903n, flags: 4}, {id: 904n, ledger: 978})
  })
  after(() => books.close())

  const controls = (
    flags: {control?: string[]; operator?: string[]} = {},
    chart: typeof CHAIN_CHART | null = CHAIN_CHART,
  ) => new Controls(new Parties(chart ?? undefined, books.reading), flags)
  const CREDITS = 'credits_must_not_exceed_debits'
  const DEBITS = 'debits_must_not_exceed_credits'

  it('of the chart are those with the code of that name, on the ledger, with exactly the limit', async () => {
    expect(await controls().find('control', 700, undefined, '--amount')).to.equal(20n)
    expect(await controls().find('control', 700, DEBITS, '--amount')).to.equal(21n)
    expect(await controls().find('control', 700, CREDITS, '--amount')).to.equal(22n)
    expect(await controls().find('operator', 700, undefined, '--amount')).to.equal(23n)
  })

  it('of the chart have the limit that is needed, whichever is listed first', async () => {
    const lines = ['limit', 'opposite', ''].map((name) => {
      const id = {limit: 21, opposite: 22, '': 20}[name]
      const flag = {limit: DEBITS, opposite: CREDITS, '': ''}[name]
      return `  control${name && `/${name}`}: {id: ${id}, ledger: USD, code: control${flag && `, flags: [${flag}]`}}\n`
    })
    for (const order of [
      [0, 1, 2],
      [1, 2, 0],
      [2, 1, 0],
    ]) {
      const chart = chartOf(TYPED_CHART_TEXT + order.map((index) => lines[index]).join(''))
      const find = (limit: typeof DEBITS | typeof CREDITS | undefined) =>
        controls({}, chart).find('control', 700, limit, '--amount')
      expect([await find(undefined), await find(DEBITS), await find(CREDITS)], order.join()).to.deep.equal([
        20n,
        21n,
        22n,
      ])
      expect((await controls({}, chart).forEntry([700]))(700)).to.equal(20n)
    }
  })

  it('that are given come first, whichever of them fits', async () => {
    const given = controls({control: ['902', '903', '901', '904'], operator: ['901']})
    expect(await given.find('control', 700, undefined, '--amount')).to.equal(901n)
    expect(await given.find('control', 700, DEBITS, '--amount')).to.equal(902n)
    expect(await given.find('control', 700, CREDITS, '--amount')).to.equal(903n)
    expect(await given.find('control', 978, undefined, '--amount')).to.equal(904n)
    expect(await given.find('operator', 700, undefined, '--amount')).to.equal(901n)
  })

  it('of the chart fill in for what was not given', async () => {
    expect(await controls({control: ['902']}).find('control', 700, undefined, '--amount')).to.equal(20n)
  })

  it('that are nowhere are asked for by their flag, with the limit that they need and the ledger by its name', async () => {
    expect(await refusalOf(() => controls().find('control', 392, undefined, '--if-available'))).to.include({
      kind: 'BAD_INPUT',
      code: 'no_control_account',
      message:
        '--if-available needs a control account without a limit on ledger JPY. Name one with --control, or give one in the chart the code "control". Nothing was sent.',
    })
    const operator = await refusalOf(() => controls({}, null).find('operator', 700, DEBITS, '--keep-below'))
    expect(operator.code).to.equal('no_operator_account')
    expect(operator.message).to.contain(`an operator account with the flag ${DEBITS} on ledger 700.`)
  })

  it('are as the database has them: one that was created without its limit is none', async () => {
    books.edit = (operation, rows) =>
      operation === 'lookup_accounts' ? rows.map((row) => (row.id === '21' ? {...row, flags: 0} : row)) : rows
    expect((await refusalOf(() => controls().find('control', 700, DEBITS, '--amount'))).code).to.equal(
      'no_control_account',
    )
    books.edit = undefined
  })

  it('that are given and do not exist are not found', async () => {
    expect(await refusalOf(() => controls({control: ['77']}).find('control', 700, undefined, '--amount'))).to.include({
      kind: 'NOT_FOUND',
      message: '--control: there is no account 77 in books. Nothing was sent.',
    })
  })

  it('of an entry are one for each ledger that has one, and of others nothing is known', async () => {
    const of = await controls({control: ['904']}).forEntry([700, 978, 392])
    expect([of(700), of(978), of(392), of(5)]).to.deep.equal([20n, 904n, undefined, undefined])
    books.seen.length = 0
    await controls().forEntry([700])
    expect(books.seen, 'the chart is enough').to.deep.equal([])
  })

  it('a limit is recognised by the flags, whatever else is set', () => {
    expect([0, 1, 8, 16, 32].map((flags) => limitOf({flags}))).to.deep.equal(Array.from({length: 5}, () => undefined))
    expect([2, 2 | 8, 4, 4 | 32].map((flags) => limitOf({flags}))).to.deep.equal([DEBITS, DEBITS, CREDITS, CREDITS])
  })
})
