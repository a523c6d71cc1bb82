import {parseJson} from '@parix/kit/json'
import {expect} from 'chai'
import fc from 'fast-check'
import {normalRows, numberIn, type Row, rowRecord, withWords} from '../../src/reads/rows.js'
import {createProblems} from '../../src/records/problems.js'
import {readRecord} from '../../src/records/read.js'
import {account, transfer} from '../support/answers.js'
import {CHART} from '../support/chart.js'
import {refused} from '../support/refusal.js'

describe('rows of a response', () => {
  it('have one form, whether the service wrote an integer as a number or as text', () => {
    const value = (bits: number) => fc.bigInt({min: 0n, max: 2n ** BigInt(bits) - 1n})
    fc.assert(
      fc.property(value(128), value(64), value(32), value(16), (id, data, ledger, code) => {
        const written = (quote: string) =>
          `[{"id":${quote}${id}${quote},"user_data_64":${quote}${data}${quote},"ledger":${quote}${ledger}${quote},"code":${quote}${code}${quote}}]`
        const expected = [{id: String(id), user_data_64: String(data), ledger: Number(ledger), code: Number(code)}]
        for (const quote of ['', '"']) expect(normalRows('transfer', parseJson(written(quote)))).to.deep.equal(expected)
      }),
    )
  })

  it('leading zeros go, and what is not an integer, or no field that we know, stays as it came', () => {
    const row = {id: '007', amount: '1.5', note: '007', ledger: null, code: true, flags: -1}
    expect(normalRows('transfer', [row as Row])).to.deep.equal([{...row, id: '7'}])
  })

  for (const [title, rows] of [
    ['nothing', undefined],
    ['an object', {id: '1'}],
    ['a list with a number', [{id: '1'}, 7]],
    ['a list of lists', [[]]],
    ['a list with null', [null]],
  ] as const) {
    it(`${title} in place of rows is an error, never no rows`, () => {
      expect(refused(() => normalRows('account', rows))).to.include({kind: 'FAILED', code: 'unexpected_answer'})
    })
  }

  it('a field that is missing, or null, counts as 0; one that is not an integer is an error', () => {
    expect(numberIn({}, 'amount')).to.equal(0n)
    expect(numberIn({amount: null}, 'amount')).to.equal(0n)
    expect(numberIn({amount: '5'}, 'amount')).to.equal(5n)
    for (const amount of ['x', '-1', 1.5, ''])
      expect(() => numberIn({amount}, 'amount'), String(amount)).to.throw(/amount/)
  })

  it('as records they have the fields that we know, and no others', () => {
    expect(rowRecord({id: '7', amount: '5', note: 'x', ledger: 700})).to.deep.equal({id: 7n, amount: 5n, ledger: 700n})
  })

  it('for --json have the time and the names of flags beside the integers', () => {
    expect(withWords('transfer', transfer({flags: 3}) as Row))
      .to.include({time: '2023-11-14T22:13:20.000000001Z'})
      .and.to.deep.include({flag_names: ['linked', 'pending'], flags: 3})
    expect(withWords('account', account({timestamp: '0'}) as Row)).not.to.have.property('time')
    expect(withWords('balance', {flags: 3, timestamp: '5'})).not.to.have.property('flag_names')
  })

  it('with a chart have its names and money, and every integer as it was', () => {
    const row = transfer({amount: '1250', ledger: 700}) as Row
    const words = withWords('transfer', row, CHART)
    expect(words).to.include(row)
    expect(JSON.stringify(words))
      .to.contain('"amountText":"12.50"')
      .and.contain('"ledgerName":"USD"')
      .and.contain('"debit_account_id_name":"bank"')
  })

  it('that were printed with words can be given again: the words are passed over', () => {
    fc.assert(
      fc.property(fc.bigInt({min: 1n, max: 2n ** 127n}), fc.integer({min: 0, max: 63}), (amount, flags) => {
        const row = transfer({amount: String(amount), flags, ledger: 700, timestamp: '0'}) as Row
        const problems = createProblems()
        const record = readRecord('transfer', (field) => field, withWords('transfer', row, CHART), problems, {
          chart: CHART,
        })
        problems.throwIfAny('it')
        expect(record).to.deep.equal(rowRecord(row))
      }),
    )
  })
})
