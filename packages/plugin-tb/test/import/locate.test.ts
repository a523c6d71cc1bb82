import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {findingText, locate} from '../../src/import/locate.js'
import {importReader, type ReaderOptions} from '../support/import-reader.js'

interface Finding {
  line: number
  field?: string
  message: string
  column?: number
}

describe('where in its line a finding is', () => {
  let home: TestHome
  before(() => {
    home = makeHome()
  })
  after(() => home.remove())

  async function located(text: string | Buffer, options: ReaderOptions, ...findings: Finding[]): Promise<Finding[]> {
    const reader = await importReader(`${home.path}/f`, text, options)
    await locate(findings, reader.rows, reader.columnOf)
    return findings
  }
  const column = async (text: string | Buffer, options: ReaderOptions, finding: Partial<Finding>) =>
    (await located(text, options, {line: 2, message: 'is wrong', ...finding}))[0]!.column

  describe('of a CSV', () => {
    const CSV = {format: 'csv', specs: {amount: 'betrag|money:2'}} as const
    const HEADER = 'id;from;to;betrag;ledger;code\n'

    it('is the first character of the cell that the field comes from', async () => {
      const text = `${HEADER}17;1;2;5,00;700;1\n`
      const fields = ['id', 'debit_account_id', 'credit_account_id', 'amount', 'ledger', 'code']
      const columns = await Promise.all(fields.map((field) => column(text, CSV, {field})))
      expect(columns).to.deep.equal([1, 4, 6, 8, 13, 17])
      expect(await column(text, CSV, {field: 'user_data_64'})).to.equal(undefined)
      expect(await column(text, CSV, {})).to.equal(undefined)
    })

    it('whatever is in the cells before it', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom('1', '', 'a b', ';', '"', 'é', '日本', '"";""'), {minLength: 3, maxLength: 3}),
          async (cells) => {
            const quoted = cells.map((cell) => (/[;"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
            const before = `${quoted.join(';')};`
            expect(await column(`${HEADER}${before}5;700;1\n`, CSV, {field: 'amount'})).to.equal(before.length + 1)
          },
        ),
        {numRuns: 60},
      ))

    it('of a row with too many cells it is the first of them, of one with too few its end', async () => {
      const message = 'has 7 cells, the header has 6'
      expect(await column(`${HEADER}1;2;3;4;5;6;7\n`, CSV, {message})).to.equal(13)
      expect(await column(`${HEADER}1;2\n`, CSV, {message: 'has 2 cells, the header has 6'})).to.equal(4)
    })

    it('of an id that is made it is the first column that it is made from', async () => {
      const options = {...CSV, idFrom: ['to', 'from']}
      expect(await column(`${HEADER}17;1;2;5;700;1\n`, options, {field: 'id'})).to.equal(6)
    })

    it('a field that is the same in every row is in no column', async () => {
      const options = {...CSV, specs: {...CSV.specs, code: '=7'}}
      expect(await column(`${HEADER}17;1;2;5;700;1\n`, options, {field: 'code'})).to.equal(undefined)
    })
  })

  describe('of NDJSON', () => {
    const NDJSON = {format: 'ndjson'} as const

    it('is the value of the key, by its name or by the short one', async () => {
      const text = `{}\n{"id": 1, "from":2,"to" : "3", "amountText": "5 USD"}\n`
      expect(await column(text, NDJSON, {field: 'id'})).to.equal(8)
      expect(await column(text, NDJSON, {field: 'debit_account_id'})).to.equal(18)
      expect(await column(text, NDJSON, {field: 'credit_account_id'})).to.equal(27)
      expect(await column(text, NDJSON, {field: 'amount'})).to.equal(46)
      expect(await column(text, NDJSON, {field: 'ledger'})).to.equal(undefined)
    })

    it('a field with characters of a pattern in its name is looked for as it is', async () => {
      const text = '{}\n{"a.b":1,"x(":2}\n'
      for (const field of ['x(', 'a.b', '[', '(?:', '\\'])
        await located(text, NDJSON, {line: 2, field, message: 'no such field'})
      expect(await column(text, NDJSON, {field: 'a.b'})).to.equal(8)
    })

    it('that the parser told is taken from its message', async () => {
      const [finding] = await located('{}\n{"a":}\n', NDJSON, {line: 2, message: 'column 6: is not a JSON object'})
      expect(finding).to.deep.equal({line: 2, column: 6, message: 'is not a JSON object'})
      expect(findingText(finding!)).to.equal('line 2: is not a JSON object (column 6)')
    })
  })

  it('is found in any line, after a byte order mark and after a line that is longer than any row', async () => {
    const long = `{"x":"${'y'.repeat(2_500_000)}"}`
    const text = `\ufeff{"id":1}\r\n${long}\r\n\r\n{"note":1, "id":2}`
    const findings = await located(
      text,
      {format: 'ndjson'},
      {line: 1, field: 'id', message: 'a'},
      {line: 2, field: 'id', message: 'is longer than 1 MB'},
      {line: 4, field: 'id', message: 'b'},
      {line: 4, field: 'note', message: 'c'},
      {line: 9, field: 'id', message: 'there is no such line'},
      {line: 0, message: 'about the whole file'},
    )
    expect(findings.map((finding) => finding.column)).to.deep.equal([7, undefined, 17, 9, undefined, undefined])
    expect(findingText(findings.at(-1)!)).to.equal('about the whole file')
  })
})
