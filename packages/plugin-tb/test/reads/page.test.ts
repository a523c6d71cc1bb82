import {parseJson} from '@parix/kit/json'
import {expect} from 'chai'
import fc from 'fast-check'
import {ParsedPage, scanPage} from '../../src/reads/page.js'
import {normalRows, type RowKind} from '../../src/reads/rows.js'
import {account, transfer} from '../support/answers.js'

const AROUND = {before: '{"ok":true,"responsePayload":', after: ',"x":"]}"}'}

function scan(kind: RowKind, array: string, columns: string[]) {
  const {before, after} = AROUND
  return scanPage(kind, Buffer.from(before + array + after), Buffer.byteLength(before), columns)
}

const digits = (bits: number) => fc.bigInt({min: 0n, max: (1n << BigInt(bits)) - 1n})
const someTransfer = fc.record({
  id: digits(128).map(String),
  amount: digits(128).map(String),
  timestamp: digits(63).map(String),
  timeout: digits(32).map(Number),
  code: digits(16).map(Number),
  flags: digits(9).map(Number),
})

describe('the page scanner', () => {
  it('finds the same rows and values as the exact parser', () => {
    fc.assert(
      fc.property(fc.array(someTransfer.map(transfer), {maxLength: 5}), (rows) => {
        const array = JSON.stringify(rows)
        const found = scan('transfer', array, ['amount', 'code', 'timestamp', 'debits_posted'])!
        expect(found.end).to.equal(AROUND.before.length + array.length)
        const exact = normalRows('transfer', parseJson(array))
        expect(found.page.count).to.equal(exact.length)
        for (const [index, row] of exact.entries()) {
          expect(found.page.text(index, 'amount')).to.equal(row.amount)
          expect(found.page.bigint(index, 'timestamp')).to.equal(BigInt(row.timestamp as string))
          expect(found.page.number(index, 'code')).to.equal(row.code)
          expect(found.page.text(index, 'debits_posted'), 'a field that transfers do not have').to.equal('0')
          expect(JSON.parse(Buffer.from(found.page.bytes(index)).toString())).to.deep.equal(row)
        }
        const lines = Buffer.from(found.page.lines()).toString()
        expect(lines).to.equal(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
      }),
    )
  })

  it('writes the digits of some columns as the exact parser does, and knows which values a number holds', () => {
    fc.assert(
      fc.property(fc.array(someTransfer.map(transfer), {maxLength: 5}), (rows) => {
        const array = JSON.stringify(rows)
        const columns = ['code', 'amount', 'debits_posted', 'timestamp']
        const form = {columns, before: ['<', ',', ',', ';'].map((text) => Buffer.from(text)), end: Buffer.from('>\n')}
        const scanned = scan('transfer', array, columns)!.page
        const parsed = new ParsedPage(normalRows('transfer', parseJson(array)))
        const expected = rows.map(({code, amount, timestamp}) => `<${code},${amount},0;${timestamp}>\n`).join('')
        for (const page of [scanned, parsed]) {
          expect(Buffer.from(page.written(form)).toString()).to.equal(expected)
          for (const [index, {amount, code}] of rows.entries()) {
            expect(page.small(index, 'code')).to.equal(code)
            expect(page.small(index, 'amount')).to.equal(String(amount).length > 15 ? -1 : Number(amount))
          }
        }
      }),
    )
  })

  it('leaves to the exact parser whatever is written in another way, wherever in the page', () => {
    const good = JSON.stringify(transfer({}))
    for (const odd of [
      good.replace('"amount":"5"', '"amount":5'),
      good.replace('"code":1', '"code":"1"'),
      good.replace('"amount":"5"', '"amount":"5","note":"1"'),
      good.replace('"amount":"5"', '"amount":"-5"'),
      good.replace('"amount":"5"', '"amount":""'),
      good.replace('"amount":"5"', '"amount":null'),
      good.replace('"amount":"5"', '"amount":{"x":1}'),
      good.replace('"code":1', '"code":1.5'),
      good.replace('{', '{ '),
      'null',
      '{}',
      '7',
    ]) {
      expect(scan('transfer', `[${odd}]`, []), odd).to.equal(undefined)
      expect(scan('transfer', `[${good},${odd}]`, []), odd).to.equal(undefined)
      expect(scan('transfer', `[${good},${odd},${good}]`, []), odd).to.equal(undefined)
    }
    const fewer = good.replace('"id":"1",', '')
    expect(scan('transfer', `[${fewer}]`, [])?.page.count).to.equal(1)
    expect(scan('transfer', `[${good},${fewer}]`, [])).to.equal(undefined)
    for (const array of ['null', '{}', `[${good}`, `[${good},`, `[${good},]`, `[ ${good}]`, '']) {
      expect(scan('transfer', array, []), array).to.equal(undefined)
    }
    expect(scan('transfer', JSON.stringify([account({})]), [])).to.equal(undefined)
    expect(scan('account', JSON.stringify([account({})]), [])?.page.count).to.equal(1)
  })
})
