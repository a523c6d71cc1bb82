import {PassThrough} from 'node:stream'
import {createTerminal} from '@parix/kit/output'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {Findings} from '../../src/import/batches.js'
import {findingText} from '../../src/import/locate.js'
import type {RowFormat} from '../../src/import/read-rows.js'
import {validate} from '../../src/import/validate.js'
import {importReader} from '../support/import-reader.js'
import {refusalOf, refused, textOf} from '../support/refusal.js'

const streams = {stdout: new PassThrough(), stderr: new PassThrough(), stdin: new PassThrough()}
const TERMINAL = createTerminal({environment: {}, quiet: true, ...(streams as never as object)})
const line = (id: number | string, more = '') =>
  `{"id":"${id}","debit_account_id":"1","credit_account_id":"2","amount":"5","ledger":700,"code":1${more}}\n`

describe('every row of a file before the first is sent', () => {
  let home: TestHome
  before(() => {
    home = makeHome()
  })
  after(() => home.remove())

  async function check(text: string, format: RowFormat = 'ndjson', eventsMax = 8189): Promise<number> {
    const reader = await importReader(`${home.path}/f`, text, {format})
    return validate(TERMINAL, {...reader, columns: undefined}, reader.rows.first, eventsMax)
  }
  const findings = async (text: string, format?: RowFormat) =>
    textOf(await refusalOf(() => check(text, format)))
      .split('\n')
      .slice(1)

  it('says how many there are', async () => {
    expect(await check(line(1) + line(2) + line(3))).to.equal(3)
    expect(await check('id,from,to,amount,ledger,code\n1,1,2,5,700,1\n', 'csv')).to.equal(1)
  })

  it('everything that is wrong has its line, and the column where the value begins', async () => {
    const bad = line(2).replace('"5"', '"x"')
    expect(await findings(line(1) + bad + line(3).replace('700', '0'))).to.deep.equal([
      'line 2: amount must be a whole number (decimal, or hex as 0x…), but is "x". (column 67)',
      'line 3: ledger must not be 0. (column 80)',
    ])
    expect(bad.slice(66, 69)).to.equal('"x"')
  })

  it('of CSV the column is that of the cell, quotation marks or not', async () => {
    const csv = 'id,from,to,amount,ledger,code\n"1",1,2,x,700,1\n2,1,"2,5",5,700,1\n3,1,2\n'
    const said = await findings(csv, 'csv')
    expect(said[0]).to.match(/^line 2: amount .*\(column 9\)$/)
    expect(said[1]).to.match(/^line 3: credit_account_id .*\(column 5\)$/)
    expect(said[2]).to.match(/^line 4: has 3 cells.*\(column 6\)$/)
  })

  it('an id that comes twice is found, wherever the two are, and no other is', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({min: 1, max: 30}), {minLength: 1, maxLength: 20}), async (ids) => {
        const text = ids.map((id) => line(id)).join('')
        const twice = ids.flatMap((id, index) =>
          ids.indexOf(id) < index ? [`line ${index + 1}: id ${id} is that of line ${ids.indexOf(id) + 1} as well`] : [],
        )
        if (twice.length === 0) expect(await check(text)).to.equal(ids.length)
        else expect((await findings(text)).map((found) => found.replace(/ \(column \d+\)$/, ''))).to.have.members(twice)
      }),
      {numRuns: 40},
    ))

  it('a chain that no request takes, or that is open at the end, is an error with the line where it begins', async () => {
    const linked = (id: number) => line(id, ',"flags":1')
    expect(await check(linked(1) + line(2), 'ndjson', 2)).to.equal(2)
    expect(await refusalOf(() => check(line(9) + linked(1) + linked(2) + line(3), 'ndjson', 2))).to.include({
      code: 'chain_too_long',
    })
    const open = await refusalOf(() => check(line(1) + linked(2)))
    expect(open.message).to.contain('2')
    expect(open).to.include({kind: 'BAD_INPUT'})
  })

  it('a file without rows is an error: it is not what anybody meant to import', async () => {
    for (const [text, format] of [
      ['id,from,to,amount,ledger,code\n', 'csv'],
      ['\n', 'ndjson'],
    ] as const)
      expect(await refusalOf(() => check(text, format))).to.include({kind: 'BAD_INPUT'})
  })
})

describe('what is wrong with a file', () => {
  it('a hundred are kept, and all are counted', () => {
    const findings = new Findings()
    for (let number = 1; number <= 103; number++) findings.add(number, [{field: 'id', message: 'is wrong'}])
    const error = refused(() => findings.throwIfAny('f.csv'))
    expect(error).to.include({
      kind: 'BAD_INPUT',
      code: 'bad_rows',
      exitCode: 2,
      message: '103 things are wrong with f.csv. Nothing was sent.',
    })
    expect(error.details.errors).to.have.length(101)
    expect(error.details.errors!.at(-1)).to.equal('and 3 more')
    expect(error.details).to.include({findingsCount: 103})
  })

  it('where nothing is wrong there is no error, and one thing is in the singular', () => {
    const findings = new Findings()
    findings.throwIfAny('f.csv')
    findings.add(7, [{message: 'is wrong'}])
    expect(refused(() => findings.throwIfAny('f.csv')).message).to.equal(
      'One thing is wrong with f.csv. Nothing was sent.',
    )
  })

  it('is a line of text with its line and column, and without where it is about the whole file', () => {
    expect(findingText({line: 7, column: 12, message: 'amount is missing'})).to.equal(
      'line 7: amount is missing (column 12)',
    )
    expect(findingText({line: 7, message: 'amount is missing'})).to.equal('line 7: amount is missing')
    expect(findingText({line: 0, message: 'it ends in a chain'})).to.equal('it ends in a chain')
  })
})
