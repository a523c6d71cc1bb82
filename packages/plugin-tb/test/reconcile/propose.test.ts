import type {Chart} from '@parix/books/chart'
import type {StatementRow} from '@parix/books/statement'
import {expect} from 'chai'
import fc from 'fast-check'
import {
  bookLine,
  correctAmount,
  type Proposals,
  REFERENCE_FIELDS,
  referenceOf,
  referenceText,
} from '../../src/reconcile/propose.js'
import {chartOf, TYPED_CHART, TYPED_CHART_TEXT} from '../support/typed-chart.js'

const MAX = 2n ** 128n - 1n
const MEANING = chartOf(
  `${TYPED_CHART_TEXT}userData: {transfer: {'128': {name: order, as: uuid}, '64': {name: note, as: text8}, '32': {name: batch, as: integer}}}`,
)

const row = (fields: Partial<StatementRow>): StatementRow => ({
  ...{timestamp: 5n, id: 7n, counterpart: 4n, debit: 100n, credit: 0n, balance: 100n, state: 'posted', code: 2},
  ...{userData128: 0n, userData64: 0n, userData32: 0},
  ...fields,
})

const proposals = (fields: Partial<Proposals>): Proposals => ({
  ...{database: 'books', account: 1n, side: 'debit', ledger: 700, scale: 2, chart: TYPED_CHART, chartFlag: undefined},
  ...{reference: 'user-data-64', counterpart: '@owner', code: '9', occurred: undefined},
  ...fields,
})

describe('the reference of a transfer', () => {
  it('is what its field has, as a decimal integer, or none where that is 0', () => {
    const full = row({userData128: MAX, userData64: 2n ** 64n - 1n, userData32: 2 ** 32 - 1})
    expect(REFERENCE_FIELDS.map((field) => referenceText(full, field, undefined))).to.deep.equal([
      ...[String(MAX), String(2n ** 64n - 1n), String(2 ** 32 - 1), '7'],
    ])
    expect(REFERENCE_FIELDS.map((field) => referenceText(row({}), field, undefined))).to.deep.equal([
      ...[undefined, undefined, undefined, '7'],
    ])
  })

  it('is in the form that the chart says of its field, where it has that form', () => {
    const note = BigInt(`0x${Buffer.from('INV-7').toString('hex')}`)
    expect(referenceText(row({userData64: note}), 'user-data-64', MEANING)).to.equal('INV-7')
    expect(referenceText(row({userData64: 1n}), 'user-data-64', MEANING), 'not printable').to.equal('1')
    expect(referenceText(row({userData128: 255n}), 'user-data-128', MEANING)).to.equal(
      '00000000-0000-0000-0000-0000000000ff',
    )
    expect(referenceText(row({userData32: 12}), 'user-data-32', MEANING)).to.equal('12')
  })

  it('is spelled one way, however the bank spells it', () => {
    for (const text of ['77', '0x4d', '0077', '7_7', ' 77 '.trim()])
      expect(referenceOf(text, 'user-data-64', undefined), text).to.equal('77')
    expect(referenceOf('INV-7', 'user-data-64', MEANING)).to.equal('INV-7')
    expect(referenceOf('0000000000-x', 'user-data-64', undefined), 'what no field can hold stays').to.equal(
      '0000000000-x',
    )
    expect(referenceOf('00000000-0000-0000-0000-0000000000FF', 'user-data-128', MEANING)).to.equal(
      '00000000-0000-0000-0000-0000000000ff',
    )
    expect(referenceOf('0X1F', 'id', undefined)).to.equal('31')
  })

  it('of any row is found again by what is shown of it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...REFERENCE_FIELDS),
        fc.bigInt({min: 1n, max: 2n ** 32n - 1n}),
        fc.constantFrom<Chart | undefined>(undefined, TYPED_CHART, MEANING),
        (field, value, chart) => {
          const own = row({id: value, userData128: value, userData64: value, userData32: Number(value)})
          const text = referenceText(own, field, chart)!
          expect(referenceOf(text, field, chart)).to.equal(text)
        },
      ),
    )
  })
})

describe('an entry that is proposed', () => {
  const line = {line: 3, time: 50n, amount: 1250n, reference: '77'}

  it('is none where it is not known between which accounts, or nothing moved', () => {
    expect(bookLine(line, proposals({counterpart: undefined}))).to.equal(undefined)
    expect(bookLine(line, proposals({code: undefined}))).to.equal(undefined)
    expect(bookLine({...line, amount: 0n}, proposals({}))).to.equal(undefined)
  })

  it('has its own id for every account, line, time, amount and reference', () => {
    const id = (change: object, more: Partial<Proposals> = {}) =>
      bookLine({...line, ...change}, proposals(more))!.flags.id
    const ids = [
      id({}),
      id({line: 4}),
      id({time: 51n}),
      id({amount: 1251n}),
      id({amount: -1250n}),
      id({reference: '78'}),
      id({reference: undefined}),
      id({}, {account: 2n}),
    ]
    expect(new Set(ids).size).to.equal(ids.length)
    expect(id({})).to.equal(ids[0])
  })

  it('keeps the time at which it happened, and the reference, each in its own field', () => {
    const {flags} = bookLine(line, proposals({reference: 'user-data-128', occurred: 'user-data-64'}))!
    expect(flags).to.include({'user-data-64': '50', 'user-data-128': '77'})
    expect(
      bookLine(line, proposals({reference: 'user-data-64', occurred: 'user-data-64'}))!.flags['user-data-64'],
    ).to.equal('77')
  })

  it('has money of the ledger, or integers where its decimal places are not known', () => {
    const amount = (more: Partial<Proposals>, value = 1250n) =>
      bookLine({...line, amount: value}, proposals(more))!.flags.amount
    expect(amount({})).to.equal('12.50')
    expect(amount({}, -1n)).to.equal('0.01')
    expect(amount({scale: 0, ledger: 392})).to.equal('1250')
    expect(amount({scale: undefined, chart: undefined})).to.equal('1250')
    expect(amount({scale: 38, ledger: 38}, MAX)).to.equal('3.40282366920938463463374607431768211455')
  })

  it('names accounts and ledgers by the chart, and without one by their numbers', () => {
    expect(bookLine(line, proposals({}))!.flags).to.include({from: '@bank/usd', to: '@owner', ledger: 'USD'})
    expect(bookLine(line, proposals({chart: undefined, counterpart: '6'}))!.flags).to.include({
      from: '1',
      to: '6',
      ledger: '700',
    })
    expect(bookLine(line, proposals({chartFlag: 'other.yaml'}))!.flags.chart).to.equal('other.yaml')
  })
})

describe('a correction that is proposed', () => {
  const line = {line: 3, time: 50n, amount: 90n, reference: '77'}

  it('takes the row back and books the amount of the bank, with what the row had', () => {
    const wrong = row({userData128: 5n, userData64: 77n, userData32: 9})
    const [back, right] = correctAmount(line, wrong, proposals({code: undefined}))
    expect(back).to.deep.include({words: ['tb', 'reverse'], args: ['books', '7']})
    expect(back!.flags.code).to.equal(undefined)
    expect(right!.flags).to.include({
      ...{from: '@bank/usd', to: '@shop/sales', amount: '0.90', code: 'payment'},
      ...{'user-data-128': '5', 'user-data-64': '77', 'user-data-32': '9'},
    })
    expect(correctAmount(line, row({}), proposals({chart: undefined, code: undefined}))[1]!.flags.code).to.equal('2')
    expect(correctAmount(line, wrong, proposals({code: '9'}))[0]!.flags.code).to.equal('9')
  })

  it('has an id of its own for each row and amount, the same whenever it is asked for', () => {
    const id = (amount: bigint, rowId: bigint) =>
      correctAmount({...line, amount}, row({id: rowId}), proposals({}))[1]!.flags.id
    expect(id(90n, 7n)).to.equal(id(90n, 7n))
    expect(new Set([id(90n, 7n), id(91n, 7n), id(90n, 8n)]).size).to.equal(3)
  })

  it('turns the sides around where the bank says that money went the other way', () => {
    expect(correctAmount({...line, amount: -90n}, row({}), proposals({}))[1]!.flags).to.include({
      from: '@shop/sales',
      to: '@bank/usd',
    })
  })
})
