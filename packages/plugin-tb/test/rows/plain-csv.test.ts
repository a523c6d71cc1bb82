import {FIELDS} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {transformOf} from '../../src/import/mapping-values.js'
import {CsvScanner, type PlainColumns} from '../../src/rows/plain-csv.js'
import {PLACE, PlainEvent} from '../../src/rows/plain-event.js'

const COLUMNS: PlainColumns = {
  delimiter: ',',
  width: 4,
  names: 4,
  columns: [
    {column: 0, field: PLACE.id},
    {column: 1, field: PLACE.debit},
    {column: 2, field: PLACE.credit},
    {column: 3, field: PLACE.amount},
  ],
  constants: [],
}
const MONEY: PlainColumns = {
  ...{delimiter: ';', width: 1, names: 1, constants: []},
  columns: [{column: 0, field: PLACE.amount, scale: 2}],
}

/** What is read of a line: the digits of each field, and where the next line begins; undefined where it is left to the exact reader. */
function scan(text: string | Buffer, plan: PlainColumns = COLUMNS, start = 0) {
  const buffer = Buffer.from(text as string)
  const event = new PlainEvent({kind: 'transfer', keepTimestamps: false})
  const next = new CsvScanner(plan).scan(buffer, start, event)
  if (next === -1) return undefined
  return {next, fields: fieldsOf(event)}
}

function fieldsOf(event: PlainEvent): Record<string, string> {
  const names = FIELDS.transfer.map(({name}) => name)
  const present = names.flatMap((name, field) => ((event.present & (1 << field)) === 0 ? [] : [[name, field] as const]))
  return Object.fromEntries(
    present.map(([name, field]) => [
      name,
      Buffer.from(event.sources[field]!).toString('latin1', event.from[field], event.to[field]),
    ]),
  )
}

describe('a line of a CSV, from bytes to digits', () => {
  const WHOLE = {id: '7', debit_account_id: '1', credit_account_id: '2', amount: '5'}

  it('is its cells, without the blanks around them, and says where the next line begins', () => {
    for (const [text, next] of [
      ['7,1,2,5\n', 8],
      ['7,1,2,5\r\n', 9],
      ['7,1,2,5', 7],
      ['7,1,2,5\r', 8],
      [' 7 ,\t1, 2,5 \n', 13],
      ['7,1,2,5\n8,1,2,5\n', 8],
    ] as const)
      expect(scan(text), JSON.stringify(text)).to.deep.equal({next, fields: WHOLE})
  })

  it('anywhere in a block is the same line: nothing before it is looked at', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('1,2,3,4', ',,,', 'x,"', '7,1,2,5')),
        fc.constantFrom('\n', '\r\n'),
        (before, ending) => {
          const head = before.map((line) => line.replace('"', '') + ending).join('')
          const found = scan(`${head}7,1,2,5${ending}9,9,9,9`, COLUMNS, head.length)
          expect(found).to.deep.equal({next: head.length + 7 + ending.length, fields: WHOLE})
        },
      ),
      {numRuns: 50},
    ))

  it('an empty cell is a field that is not there', () => {
    expect(scan('7,1,2,\n')?.fields).to.deep.equal({id: '7', debit_account_id: '1', credit_account_id: '2'})
    expect(scan(',,,\n')).to.deep.equal({next: 4, fields: {}})
    expect(scan(' , ,\t,\r\n')?.fields).to.deep.equal({})
  })

  for (const [title, text] of [
    ['quotation marks', '"7",1,2,5\n'],
    ['a quotation mark in the last cell', '7,1,2,"5"\n'],
    ['one cell less', '7,1,2\n'],
    ['one cell more', '7,1,2,5,6\n'],
    ['one cell more that is empty', '7,1,2,5,\n'],
    ['a sign', '7,1,2,-5\n'],
    ['a fraction', '7,1,2,5.0\n'],
    ['an exponent', '7,1,2,5e3\n'],
    ['hex', '7,1,2,0x5\n'],
    ['digits with marks between', '7,1,2,1_000\n'],
    ['a name', '7,@bank,2,5\n'],
    ['blanks between digits', '7,1,2,5 5\n'],
    ['digits that are not those of ASCII', '7,1,2,５\n'],
    ['a blank that is not one of ASCII', '7,1,2,\u00a05\n'],
    ['nothing', '\n'],
    ['a CR inside a cell', '7,1\r1,2,5\n'],
  ] as const)
    it(`leaves ${title} to the exact reader`, () => {
      expect(scan(text)).to.equal(undefined)
    })

  it('cells that are not fields may have any text, but text they must be', () => {
    const plan = {...COLUMNS, width: 5, names: 5}
    expect(scan('7,1,2,5,Miete für März\n', plan)?.fields).to.deep.equal(WHOLE)
    expect(scan('7,1,2,5,\0\n', plan)).to.equal(undefined)
    const latin1 = Buffer.concat([Buffer.from('7,1,2,5,M'), Buffer.from([0xe4]), Buffer.from('rz\n')])
    expect(scan(latin1, plan)).to.equal(undefined)
  })

  it('a column without a name must be empty', () => {
    const plan = {...COLUMNS, width: 6, names: 4}
    expect(scan('7,1,2,5,,\n', plan)?.fields).to.deep.equal(WHOLE)
    expect(scan('7,1,2,5, , \r\n', plan)?.fields).to.deep.equal(WHOLE)
    expect(scan('7,1,2,5,,x\n', plan)).to.equal(undefined)
    expect(scan('7,1,2,5,x,\n', plan)).to.equal(undefined)
    expect(scan('7,1,2,5\n', plan), 'without the delimiters at its end').to.equal(undefined)
  })

  it('a field that is the same in every row is there in each', () => {
    const plan = {
      ...COLUMNS,
      constants: [
        {field: PLACE.ledger, digits: '700'},
        {field: PLACE.code, digits: '1'},
      ],
    }
    expect(scan('7,1,2,5\n', plan)?.fields).to.deep.equal({...WHOLE, ledger: '700', code: '1'})
  })

  it('an id is made of the text of its columns, blanks and all, beside fields of the same columns', () => {
    const made: (readonly string[])[] = []
    const make = (cells: readonly string[]) => {
      made.push(cells)
      return String(2n ** 127n)
    }
    const plan = {...COLUMNS, columns: COLUMNS.columns.slice(1), id: {columns: [3, 0], make}}
    expect(scan(' n 7 ,1,2, 5\r\n', plan)?.fields).to.deep.equal({...WHOLE, id: String(2n ** 127n)})
    expect(made).to.deep.equal([[' 5', ' n 7 ']])
  })

  it('lines read one after the other leave nothing of each other', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(99), fc.boolean()), {minLength: 1, maxLength: 20}), (rows) => {
        const text = rows.map(([id, cents, empty]) => `${id};${empty ? '' : `${cents}.5`}\n`).join('')
        const buffer = Buffer.from(text)
        const plan: PlainColumns = {
          ...{delimiter: ';', width: 2, names: 2, constants: []},
          columns: [
            {column: 0, field: PLACE.id},
            {column: 1, field: PLACE.amount, scale: 2},
          ],
        }
        const scanner = new CsvScanner(plan)
        const event = new PlainEvent({kind: 'transfer', keepTimestamps: false})
        let at = 0
        for (const [id, cents, empty] of rows) {
          at = scanner.scan(buffer, at, event)
          expect(fieldsOf(event)).to.deep.equal({id: String(id), ...(!empty && {amount: String(cents * 100 + 50)})})
        }
        expect(at).to.equal(text.length)
      }),
      {numRuns: 100},
    ))
})

describe('money of a CSV, from bytes to digits', () => {
  const money = (cell: string, scale = 2, point: '.' | ',' = '.') =>
    scan(`${cell}\n`, {...MONEY, point, columns: [{column: 0, field: PLACE.amount, scale}]})?.fields.amount

  it('is the integer of the smallest unit', () => {
    for (const [cell, amount] of [
      ['12', '1200'],
      ['12.5', '1250'],
      ['12.50', '1250'],
      ['0', '0'],
      ['0.00', '0'],
      ['0.01', '1'],
      ['00.10', '10'],
      ['007', '700'],
      ['000', '0'],
      [' 1.10 ', '110'],
    ] as const)
      expect(money(cell), cell).to.equal(amount)
    expect(money('12', 0)).to.equal('12')
    expect(money('1,5', 2, ',')).to.equal('150')
    expect(money('1.5', 2, ',')).to.equal(undefined)
  })

  it('of more places than the currency has, with a sign, or half a number is left to the exact reader', () => {
    for (const cell of [
      '1.234',
      '-1',
      '+1',
      '.5',
      '5.',
      '1..5',
      '1.5.5',
      '1,5',
      '1e3',
      '1 000',
      '1_000',
      '$1',
      '1.0 USD',
      '.',
      '١',
    ])
      expect(money(cell), cell).to.equal(undefined)
    expect(money('1.0', 0)).to.equal(undefined)
    expect(money('9'.repeat(61))).to.equal(undefined)
  })

  it('whatever it takes, the exact reader takes, and reads as the same amount', () => {
    let taken = 0
    const cells = fc.oneof(
      fc.stringMatching(/^[0-9]{1,30}(\.[0-9]{1,4})?$/),
      fc.stringMatching(/^[0-9.,]{1,12}$/),
      fc.stringMatching(/^0{0,4}[0-9]{0,3}\.?[0-9]{0,3}$/),
    )
    fc.assert(
      fc.property(
        cells,
        fc.integer({min: 0, max: 4}),
        fc.constantFrom('.' as const, ',' as const),
        (cell, scale, point) => {
          const found = money(cell, scale, point)
          if (found === undefined || cell.trim() === '') return
          taken++
          const exact = transformOf('amount', 'money', String(scale), {chart: undefined, decimalComma: point === ','})!
          expect(found, cell).to.equal(exact(cell))
        },
      ),
      {numRuns: 1500},
    )
    expect(taken).to.be.greaterThan(300)
  })
})
