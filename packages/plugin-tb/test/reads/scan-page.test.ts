import {parseJson} from '@parix/kit/json'
import {FIELDS} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {type Page, ParsedPage} from '../../src/reads/page.js'
import {normalRows, type RowKind} from '../../src/reads/rows.js'
import {PageScanner} from '../../src/reads/scan-page.js'
import {account, transfer} from '../support/answers.js'

const AROUND = {before: '{"ok":true,"responsePayload":', after: ',"x":"]}"}'}

function scan(kind: RowKind, array: string, columns: string[], scanner = new PageScanner(kind, columns)) {
  const {before, after} = AROUND
  return scanner.scan(Buffer.from(before + array + after, 'latin1'), Buffer.byteLength(before))
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
/** Values that most rows have in common, of all lengths. */
const fewTransfer = fc.record({
  id: digits(128).map(String),
  amount: fc.constantFrom(
    '0',
    '7',
    '25',
    '999',
    '1000',
    '123456789012345',
    '1234567890123456',
    String(2n ** 128n - 1n),
  ),
  timestamp: fc.constantFrom('5', '1700000000000000000', '1700000000000000001'),
  user_data_128: fc.constantFrom('0', '0', '0', String(2n ** 127n)),
  ledger: fc.constantFrom(1, 1, 700),
  code: fc.constantFrom(1, 10),
})
const COLUMNS = FIELDS.transfer.map(({name}) => name)

/** Every answer of the page is that of the exact parser, by whose `rows` it is known. */
function expectSame(page: Page, exact: Page, columns: readonly string[]): void {
  expect(page.count).to.equal(exact.count)
  for (let row = 0; row < exact.count; row++) {
    expect(JSON.parse(Buffer.from(page.bytes(row)).toString())).to.deep.equal(
      JSON.parse(Buffer.from(exact.bytes(row)).toString()),
    )
    for (const column of columns) {
      expect(page.text(row, column), column).to.equal(exact.text(row, column))
      expect(page.bigint(row, column), column).to.equal(exact.bigint(row, column))
    }
  }
  for (const column of columns) expect(page.firstNotRising(column), column).to.equal(exact.firstNotRising(column))
  expect(page.sums('ledger', columns)).to.deep.equal(exact.sums('ledger', columns))
  const form = {
    columns,
    before: columns.map((_, index) => Buffer.from(`${'<;'.repeat(index % 3)}`)),
    end: Buffer.from('>\n'),
  }
  expect(Buffer.from(page.written(form)).toString()).to.equal(Buffer.from(exact.written(form)).toString())
  const lines = (of: Page) => Buffer.from(of.lines()).toString().trimEnd().split('\n')
  const [found, expected] = [lines(page), lines(exact)]
  for (const [row, line] of expected.entries())
    if (line !== '') expect(JSON.parse(found[row]!)).to.deep.equal(JSON.parse(line))
}

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

  it('answers as the exact parser does, page after page, whatever values rows have in common and in whatever order fields are', () => {
    const pages = fc.array(fc.array(fc.oneof(fewTransfer, fewTransfer, someTransfer).map(transfer), {maxLength: 12}), {
      minLength: 1,
      maxLength: 4,
    })
    const order = fc.shuffledSubarray(COLUMNS, {minLength: 1, maxLength: COLUMNS.length})
    fc.assert(
      fc.property(pages, order, fc.subarray(COLUMNS, {minLength: 1}), (all, names, asked) => {
        const columns = [...new Set([...asked, 'ledger'])]
        const scanner = new PageScanner('transfer', columns)
        for (const rows of all) {
          const array = JSON.stringify(rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]]))))
          const exact = new ParsedPage(normalRows('transfer', parseJson(array)))
          expectSame(scan('transfer', array, columns, scanner)!.page, exact, columns)
        }
      }),
    )
  })

  it('takes no page with a byte changed, added or left out for one that JSON would not be, or that has other values', () => {
    const change = fc.record({
      at: fc.nat(),
      how: fc.constantFrom('change', 'add', 'remove', 'cut'),
      byte: fc.constantFrom(...Buffer.from('0123456789/:",{}[]- eA.\u0000\u00ff\u007f\n', 'latin1')),
    })
    let taken = 0
    fc.assert(
      fc.property(
        fc.array(fewTransfer.map(transfer), {minLength: 1, maxLength: 4}),
        change,
        (rows, {at, how, byte}) => {
          const whole = Buffer.from(JSON.stringify(rows), 'latin1')
          const place = at % whole.length
          const left = whole.subarray(0, place)
          const right = whole.subarray(how === 'add' ? place : place + 1)
          const middle = how === 'change' || how === 'add' ? [byte] : []
          const array = Buffer.concat([left, Buffer.from(middle), how === 'cut' ? Buffer.alloc(0) : right]).toString(
            'latin1',
          )
          const found = scan('transfer', array, COLUMNS)
          if (found === undefined) return
          // What follows the rows is read by the exact parser, as the rest of the response.
          const rest = array.slice(found.end - AROUND.before.length)
          if (rest !== '') {
            expect(() => parseJson(`${AROUND.before}[]${rest}${AROUND.after}`), rest).to.throw()
            return
          }
          taken++
          expectSame(found.page, new ParsedPage(normalRows('transfer', parseJson(array))), COLUMNS)
        },
      ),
      {numRuns: 3000},
    )
    expect(taken, 'a digit in place of another is right').to.be.greaterThan(20)
  })

  it('leaves to the exact parser whatever is written in another way, wherever in the page', () => {
    const good = JSON.stringify(transfer({}))
    for (const odd of [
      good.replace('"amount":"5"', '"amount":5'),
      good.replace('"code":1', '"code":"1"'),
      good.replace('"amount":"5"', '"amount":"5","note":"1"'),
      good.replace('"amount":"5"', '"amount":"5","amount":"5"'),
      good.replace('"amount":"5"', '"amount":"-5"'),
      good.replace('"amount":"5"', '"amount":"05"'),
      good.replace('"amount":"5"', `"amount":"${'1'.repeat(40)}"`),
      good.replace('"amount":"5"', `"amount":"${2n ** 128n}"`),
      good.replace('"user_data_64":"0"', `"user_data_64":"${2n ** 64n}"`),
      good.replace('"code":1', '"code":65536'),
      good.replace('"code":1', '"code":100000'),
      good.replace('"code":1', '"code":01'),
      good.replace('"amount":"5"', '"amount":""'),
      good.replace('"amount":"5"', '"amount":null'),
      good.replace('"amount":"5"', '"amount":{"x":1}'),
      good.replace('"code":1', '"code":1.5'),
      good.replace('{', '{ '),
      good.replace('{', ','),
      good.replace(',', '{'),
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

  it('reads a page whose rows are written otherwise than those of the page before', () => {
    const scanner = new PageScanner('transfer', ['id', 'amount'])
    const ids = (rows: object[]) => {
      const {page} = scan('transfer', JSON.stringify(rows), [], scanner)!
      return Array.from({length: page.count}, (_, row) => [page.text(row, 'id'), page.text(row, 'amount')])
    }
    expect(
      ids([
        {id: '1', amount: '5'},
        {id: '2', amount: '5'},
      ]),
    ).to.deep.equal([
      ['1', '5'],
      ['2', '5'],
    ])
    expect(ids([{amount: '6', id: '3'}])).to.deep.equal([['3', '6']])
    expect(ids([{id: '4'}])).to.deep.equal([['4', '0']])
    expect(ids([])).to.deep.equal([])
    expect(scan('transfer', '[{"id":4}]', [], scanner)).to.equal(undefined)
    expect(ids([{id: '5', amount: '7'}])).to.deep.equal([['5', '7']])
  })

  it('finds more rows than there is memory for at first', () => {
    const rows = Array.from({length: 5000}, (_, index) => ({id: String(index), code: index % 7}))
    const {page} = scan('transfer', JSON.stringify(rows), ['code', 'id'])!
    expect(page.count).to.equal(5000)
    for (const row of [0, 1023, 1024, 1025, 2048, 4999])
      expect([page.text(row, 'id'), page.number(row, 'code')]).to.deep.equal([String(row), row % 7])
  })

  it('lets nobody read a page once the next was asked for: its memory has other values', () => {
    const scanner = new PageScanner('transfer', ['id'])
    const first = scan('transfer', '[{"id":"1"}]', [], scanner)!.page
    scan('transfer', '[{"id":"2"}]', [], scanner)
    for (const read of [
      () => first.text(0, 'id'),
      () => first.written({columns: ['id'], before: [Buffer.from('')], end: Buffer.from('')}),
      () => first.firstNotRising('id'),
    ])
      expect(read).to.throw(TypeError)
  })
})

describe('a page, whoever read it', () => {
  const page = (rows: {timestamp: string; ledger?: number; amount?: string}[]): Page[] => {
    const array = JSON.stringify(rows)
    const columns = ['timestamp', 'ledger', 'amount']
    return [scan('transfer', array, columns)!.page, new ParsedPage(normalRows('transfer', parseJson(array)))]
  }

  it('says which row does not rise: one of the same value, of a smaller one, or of fewer digits', () => {
    const T = 1_700_000_000_000_000_000n
    for (const [timestamps, expected] of [
      [[], -1],
      [[T], -1],
      [[T, T + 1n, T + 2n, T + 10_000n, T + 10n ** 18n], -1],
      [[T, T + 1n, T + 1n], 2],
      [[T, T - 1n, T + 1n], 1],
      [[1n, 2n, 10n, 9n], 3],
      [[9n, 10n, 99n, 100n, 9999n, 10_000n], -1],
      [[12_345n, 12_346n, 12_345n], 2],
      [[20_001n, 10_009n], 1],
      [[0n, 0n], 1],
      [[12_345n, 12_345n], 1],
      [[123_456_789n, 123_456_789n], 1],
    ] as const)
      for (const one of page(timestamps.map((timestamp) => ({timestamp: String(timestamp)}))))
        expect(one.firstNotRising('timestamp'), String(timestamps)).to.equal(expected)
    for (const one of page([{timestamp: '5'}, {timestamp: '6'}])) expect(one.firstNotRising('ledger')).to.equal(1)
  })

  it('has exact sums where no number holds them', () => {
    const nines = '999999999999999'
    const rows = Array.from({length: 20}, (_, row) => ({
      timestamp: String(row),
      ledger: row % 3 === 0 ? 7 : 8,
      amount: nines,
    }))
    rows.push({timestamp: '20', ledger: 7, amount: String(2n ** 128n - 1n)})
    for (const one of page(rows))
      expect([...one.sums('ledger', ['amount'])]).to.deep.equal([
        [7, [7n * BigInt(nines) + 2n ** 128n - 1n]],
        [8, [13n * BigInt(nines)]],
      ])
  })
})
