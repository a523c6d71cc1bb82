import {Chart} from '@parix/books/chart'
import {compileChart} from '@parix/books/chart/compile'
import {expect} from 'chai'
import {compileMapping, type Fault, importId, type Mapping, parseMapArgument} from '../../src/import/mapping.js'

const chart = new Chart(
  compileChart('version: 1\nledgers: {USD: {id: 700, scale: 2}}\ncodes: {}\n', {file: 'c', readNames: () => ''}),
)

function mapped(
  header: string[],
  cells: string[],
  overrides: Partial<Mapping> = {},
  withChart = true,
): Record<string, string> {
  const makeId = (values: readonly string[]) => importId('', values)
  const mapping: Mapping = {kind: 'transfer', specs: {}, idFrom: [], makeId, ...overrides}
  const faults: Fault[] = []
  const texts = compileMapping(mapping, header, withChart ? chart : undefined).texts(cells, faults)
  if (faults.length > 0) throw new Error(faults.map(({field, message}) => `${field}: ${message}`).join('; '))
  return texts
}

describe('a mapping', () => {
  it('takes columns that are named as fields are, from and to among them; empty cells are left out', () => {
    expect(mapped(['id', 'from', 'to', 'code'], ['7', ' 1 ', '2', ''])).to.deep.equal({
      id: '7',
      debit_account_id: '1',
      credit_account_id: '2',
    })
  })

  it('renames, sets constants and converts', () => {
    const convert = (spec: string, cell: string) => mapped(['x'], [cell], {specs: {amount: spec}}).amount
    expect(convert('x', '5')).to.equal('5')
    expect(convert('=9', '5')).to.equal('9')
    expect(convert('x|money:USD', '12.50')).to.equal('1250')
    expect(convert('x|money:USD', '12')).to.equal('1200')
    expect(convert('x|money:3', '1.5')).to.equal('1500')
    expect(convert('x|time:ms', '1700000000000')).to.equal('1700000000000000000')
    expect(convert('x|time:RFC3339', '2026-11-27T09:00:00.000000001+01:00')).to.equal(
      String(BigInt(Date.parse('2026-11-27T08:00:00Z')) * 1_000_000n + 1n),
    )
    expect(convert('x|map:{in:1, out:2}', 'out')).to.equal('2')
    expect(mapped(['x'], ['17'], {specs: {debit_account_id: 'x|name:customer/*'}}).debit_account_id).to.equal(
      '@customer/17',
    )
  })

  it('says what a cell should be', () => {
    const convert = (spec: string, cell: string) => () => mapped(['x'], [cell], {specs: {amount: spec}})
    expect(convert('x|money:USD', '12.505')).to.throw(/at most 2 decimal places/)
    expect(convert('x|time:RFC3339', '2026-11-27 09:00')).to.throw(/not an RFC 3339 time/)
    expect(convert('x|time:s', '1.5')).to.throw(/not a whole number/)
    expect(convert('x|map:{a:1}', 'b')).to.throw(/the mapping does not have/)
  })

  it('says of every cell of a row what is wrong with it', () => {
    const specs = {amount: 'a|money:2', timestamp: 'b|time:s'}
    expect(() => mapped(['a', 'b'], ['1.234', 'noon'], {specs})).to.throw(
      /^amount: .*at most 2 decimal places.*; timestamp: .*not a whole number/,
    )
  })

  it('maps a field once, whatever form its name has', () => {
    for (const specs of [
      {amount: 'a', Amount: 'b'},
      {from: 'a', debit_account_id: 'b'},
      {creditAccountId: 'a', to: 'a'},
    ])
      expect(() => mapped(['a', 'b'], [], {specs}), JSON.stringify(specs)).to.throw(/is mapped twice: as/)
    // A column of the name counts for nothing where another is mapped to the field.
    expect(mapped(['amount', 'b'], ['1', '2'], {specs: {Amount: 'b'}})).to.deep.equal({amount: '2'})
  })

  it('makes no id of cells that are all empty: nothing tells such rows apart', () => {
    const id = (...cells: string[]) => mapped(['a', 'b'], cells, {idFrom: ['a', 'b']}).id
    expect(id('x', '')).to.match(/^\d+$/)
    expect(() => id(' ', '')).to.throw('id: id is made from "a" and "b", which are empty in this row')
  })

  it('says what is wrong with itself', () => {
    expect(() => mapped(['x'], [], {specs: {amuont: 'x'}})).to.throw(/no field "amuont". Did you mean amount/)
    expect(() => mapped(['betrag'], [], {specs: {amount: 'betrga'}})).to.throw(
      /no column "betrga". Did you mean betrag/,
    )
    expect(() => mapped(['id', 'note'], [])).to.throw(/not the name of a field: "note"/)
    expect(() => mapped(['x'], [], {specs: {amount: 'x|euro:2'}})).to.throw(/not one of money:LEDGER/)
    expect(() => mapped(['x'], [], {specs: {amount: 'x|money:USD'}}, false)).to.throw(/no chart of accounts/)
    expect(() => parseMapArgument('amount')).to.throw(/not FIELD=COLUMN/)
  })

  it('makes ids from columns: the same for the same row, others for another namespace or another cut', () => {
    const id = (cells: string[], namespace = 'bank') =>
      mapped(['a', 'b'], cells, {idFrom: ['a', 'b'], makeId: (values) => importId(namespace, values)}).id
    expect(id(['x', 'y']))
      .to.equal(id(['x', 'y']))
      .and.to.equal(importId('bank', ['x', 'y']))
    expect(new Set([id(['x', 'y']), id(['xy', '']), id(['', 'xy']), id(['x', 'y'], 'other')]).size).to.equal(4)
  })
})
