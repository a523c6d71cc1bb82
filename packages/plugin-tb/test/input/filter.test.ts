import {expect} from 'chai'
import fc from 'fast-check'
import type {FlagTexts} from '../../src/events/read-events.js'
import {type FilterKind, readFilter} from '../../src/input/filter.js'
import {CHART} from '../support/chart.js'
import {refused, textOf} from '../support/refusal.js'

const byFlags = (kind: FilterKind, flags: FlagTexts) => readFilter(kind, undefined, flags)
const byText = (kind: FilterKind, text: string) => readFilter(kind, {text, name: 'f.json'}, {})
const refusal = (work: () => unknown) => textOf(refused(work))

describe('a filter of accounts or transfers', () => {
  it('has defaults for what TigerBeetle would answer with silence: both sides, and a limit', () => {
    expect(byFlags('account_filter', {'account-id': '1'})).to.deep.equal({account_id: 1n, flags: 3n, limit: 100n})
    expect(byFlags('query_filter', {})).to.deep.equal({flags: 0n, limit: 100n})
    expect(byFlags('query_filter', {all: true}).limit).to.equal(8189n)
  })

  it('a side that is given stands alone; reversed alone is both sides, reversed', () => {
    expect(byFlags('account_filter', {'account-id': '1', flag: ['debits']}).flags).to.equal(1n)
    expect(byFlags('account_filter', {'account-id': '1', flag: ['credits']}).flags).to.equal(2n)
    expect(byFlags('account_filter', {'account-id': '1', flag: ['reversed']}).flags).to.equal(7n)
    expect(byFlags('account_filter', {'account-id': '1', flag: ['reversed', 'credits']}).flags).to.equal(6n)
    expect(byFlags('query_filter', {flag: ['reversed']}).flags).to.equal(1n)
  })

  it('is the same by flags and as JSON', () => {
    const number = fc.bigInt({min: 1n, max: 65535n}).map(String)
    const fields = fc.record(
      {
        code: number,
        'user-data-32': number,
        'user-data-64': number,
        'user-data-128': number,
        limit: number.map((text) => String((Number(text) % 8189) + 1)),
      },
      {requiredKeys: [], noNullPrototype: true},
    )
    fc.assert(
      fc.property(fields, (flags) => {
        const json = Object.fromEntries(Object.entries(flags).map(([flag, text]) => [flag.replaceAll('-', '_'), text]))
        expect(byText('query_filter', JSON.stringify(json))).to.deep.equal(byFlags('query_filter', flags))
      }),
    )
  })

  it('an account filter needs its account; 0 and 2^128 − 1 are not ids', () => {
    expect(refusal(() => byFlags('account_filter', {}))).to.contain('--account-id is missing')
    for (const id of ['0', String(2n ** 128n - 1n)])
      expect(
        refusal(() => byFlags('account_filter', {'account-id': id})),
        id,
      ).to.contain('--account-id must not be')
  })

  it('the limit is from 1 to what one request takes', () => {
    expect(byFlags('query_filter', {limit: '1'}).limit).to.equal(1n)
    expect(byFlags('query_filter', {limit: '8189'}).limit).to.equal(8189n)
    expect(refusal(() => byFlags('query_filter', {limit: '0'}))).to.contain('--limit must be at least 1')
    expect(refusal(() => byFlags('query_filter', {limit: '8190'}))).to.contain(
      'must be 8189 at most; --all gives every row',
    )
  })

  it('a range that ends before it begins is refused, not answered with nothing', () => {
    const range = (min: string, max: string) => ({'timestamp-min': min, 'timestamp-max': max})
    expect(byFlags('query_filter', range('5', '5'))).to.include({timestamp_min: 5n, timestamp_max: 5n})
    expect(refusal(() => byFlags('query_filter', range('6', '5')))).to.contain(
      '--timestamp-min is later than --timestamp-max',
    )
  })

  it('a date is its start as the lower bound, and its end as the upper one', () => {
    const {timestamp_min: min, timestamp_max: max} = byFlags('query_filter', {
      'timestamp-min': '2026-11-01',
      'timestamp-max': '2026-11-01',
    })
    expect(max! - min! + 1n).to.equal(86_400_000_000_000n)
  })

  it('how a date is read is said', () => {
    const said: string[] = []
    readFilter('query_filter', undefined, {'timestamp-min': '2026-11-01'}, (sentence) => said.push(sentence))
    expect(said.join()).to.contain('--timestamp-min 2026-11-01 is read as 2026-11-01T00:00:00')
  })

  it('one filter is one object: none, two, or a list are refused', () => {
    expect(refusal(() => byText('query_filter', '{}\n{}'))).to.contain('must hold one filter, but holds 2')
    expect(refusal(() => byText('query_filter', '[]'))).to.contain('holds 0')
    expect(refusal(() => byText('query_filter', '7'))).to.contain('must be an object')
  })

  it('names of the chart stand for a ledger, a code, an account', () => {
    const names = {chart: CHART, codes: 'transfer' as const}
    const read = (kind: FilterKind, flags: FlagTexts) => readFilter(kind, undefined, flags, undefined, names)
    expect(read('query_filter', {ledger: 'USD', code: 'payment'})).to.include({ledger: 700n, code: 1n})
    expect(read('account_filter', {'account-id': '@alice'})).to.include({account_id: 2n})
    expect(refusal(() => read('query_filter', {code: 'bank'}))).to.contain('bank')
  })
})
