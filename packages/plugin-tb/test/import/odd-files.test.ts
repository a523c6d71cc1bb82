import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {isParixError} from '@parix/kit/errors'
import {expect} from 'chai'
import {createEventReader, type ReadEvent} from '../../src/import/events.js'
import {compileMapping, importId} from '../../src/import/mapping.js'
import {formatOf, openRows} from '../../src/import/read-rows.js'

const H = 'id,from,to,amount,ledger,code'

/** Files as banks, spreadsheets and other ledgers write them. */
describe('odd files', () => {
  let directory: string
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'parix-odd-'))
  })
  after(() => rmSync(directory, {recursive: true}))

  interface Options {
    name?: string
    specs?: Record<string, string>
    idFrom?: string[]
    decimalComma?: boolean
  }

  async function events(content: string | Buffer, options: Options = {}): Promise<ReadEvent[]> {
    const {name = 'file.csv', specs = {}, idFrom = [], decimalComma = false} = options
    const path = join(directory, name)
    writeFileSync(path, content)
    const rows = await openRows({name, path, format: await formatOf(name, path)})
    const makeId = (values: readonly string[]) => importId('', values)
    const kind = 'transfer'
    const mapper = rows.header && compileMapping({kind, specs, idFrom, makeId, decimalComma}, rows.header, undefined)
    const read = createEventReader({kind, chart: undefined, mapper, idFrom, makeId, keepTimestamps: false})
    const found: ReadEvent[] = []
    for await (const chunk of rows.rows(rows.first)) found.push(...chunk.map(read))
    return found
  }

  async function amounts(content: string | Buffer, options?: Options): Promise<string[]> {
    const found = await events(content, options)
    return found.map(({line, record, faults}) => (record ? String(record.amount) : `${line}: ${faults[0]!.message}`))
  }

  async function rejection(content: string | Buffer, options?: Options) {
    try {
      await events(content, options)
    } catch (error) {
      if (isParixError(error)) return error
      throw error
    }
    throw new Error('It was read.')
  }

  it('name their columns in capitals, in camelCase or with blanks', async () => {
    for (const header of [
      'ID,Debit_Account_ID,Credit_Account_ID,Amount,Ledger,Code',
      'id,debitAccountId,creditAccountId,amount,ledger,code',
      'Id, Debit Account Id, Credit Account Id, Amount, Ledger, Code',
    ])
      expect(await amounts(`${header}\n1,1,2,3,1,1\n`)).to.deep.equal(['3'])
    expect(
      await amounts('{"ID":1,"debitAccountId":"1","To":2,"amount":3,"ledger":1,"code":1}\n', {name: 'a.ndjson'}),
    ).to.deep.equal(['3'])
    expect((await rejection(`${H},ID\n1,1,2,3,1,1,9\n`)).message).to.match(
      /Two columns are named after id: "id" and "ID"/,
    )
  })

  it('are cut at commas, semicolons, tabs or bars, or where Excel says', async () => {
    for (const delimiter of [',', ';', '\t', '|'])
      expect(await amounts([H, '1,1,2,3,1,1'].join('\n').replaceAll(',', delimiter))).to.deep.equal(['3'])
    expect(await amounts(`sep=;\r\n${H.replaceAll(',', ';')}\r\n1;1;2;3;1;1\r\n`)).to.deep.equal(['3'])
  })

  it('have commas in the names of columns that are cut at something else', async () => {
    const specs = {
      amount: 'Betrag (EUR, brutto)|money:2',
      debit_account_id: '=1',
      credit_account_id: '=2',
      ledger: '=1',
      code: '=1',
    }
    const options = {specs, idFrom: ['Ref'], decimalComma: true}
    for (const header of [
      '"Ref";"Betrag (EUR, brutto)";"Datum, Uhrzeit, Zone"',
      'Ref\t"Betrag (EUR, brutto)"\t"Datum; Uhrzeit, Zone"',
    ])
      expect(
        await amounts(
          `${header}\nr1${header.includes('\t') ? '\t' : ';'}5,00${header.includes('\t') ? '\t' : ';'}x\n`,
          options,
        ),
      ).to.deep.equal(['500'])
  })

  it('are something else than a table: it is named', async () => {
    for (const [text, called] of [
      ['{"id":1}\n', /JSON/],
      ['{\n "id": 1\n}\n', /JSON/],
      ['[{"id":1}]\n', /JSON/],
      ['<?xml version="1.0"?>\n<Document/>\n', /XML or a web page/],
      ['<!doctype html><html><body>Sign in', /XML or a web page/],
      [':20:STARTUMSE\n:25:1001/22\n', /MT940/],
      ['!Type:Bank\nD01/01/2020\n', /QIF/],
      ['OFXHEADER:100\nDATA:OFXSGML\n', /OFX/],
    ] as const) {
      const error = await rejection(text)
      expect(error.message, text).to.match(called).and.contain('not CSV')
    }
    expect(await amounts(`<id>,from,to,amount,ledger,code\n1,1,2,3,1,1\n`, {specs: {id: '<id>'}})).to.deep.equal(['3'])
    for (const [bytes, called] of [
      ['28b52ffd', /by zstd/],
      ['fd377a585a00', /by xz/],
      ['425a68393141', /by bzip2/],
      ['d0cf11e0a1b11ae1', /old Excel/],
      ['50415231', /Parquet/],
      ['255044462d', /a PDF/],
    ] as const)
      expect((await rejection(Buffer.from(`${bytes}${'07'.repeat(50)}`, 'hex'))).message, bytes).to.match(called)
  })

  it('have lines above the header: where it is looked for is said', async () => {
    const error = await rejection('Konto;DE12\n\nRef;Betrag\nr1;5\n', {specs: {amount: 'Betrag'}})
    expect(error.message).to.contain('There is no column "Betrag"')
    expect(error.details.hint).to.contain('The first line of a file is its header')
  })

  it('end with a sum, in a row that nothing identifies', async () => {
    const specs = {amount: 'amt|money:2', debit_account_id: '=1', credit_account_id: '=2', ledger: '=1', code: '=1'}
    expect(await amounts('ref,amt\nr1,5.00\n,5.00\n', {specs, idFrom: ['ref']})).to.deep.equal([
      '500',
      '3: id is made from "ref", which is empty in this row',
    ])
    const row = {from: 1, to: 2, amount: 5, ledger: 1, code: 1}
    const json = [
      {ref: 'a', ...row},
      {ref: ' ', ...row},
    ]
      .map((one) => JSON.stringify(one))
      .join('\n')
    expect(await amounts(json, {name: 'a.ndjson', idFrom: ['ref']})).to.deep.equal([
      '5',
      '2: id is made from "ref", which is empty in this row',
    ])
  })

  it('give a key of an object twice: it is named', async () => {
    expect((await amounts('{"id":1,"amount":"5","amount":"6"}\n', {name: 'a.ndjson'}))[0]).to.match(
      /gives the key "amount" twice/,
    )
  })

  it('begin with empty lines, end their lines with a delimiter, and have blanks around cells', async () => {
    expect(await amounts(`\n\n${H}\n\n1, 1 ,2,3,1,1\n\n`)).to.deep.equal(['3'])
    expect((await events(`\n\n${H}\n\n1,1,2,3,1,1\n`))[0]!.line).to.equal(5)
    expect(await amounts(`${H},\n1,1,2,3,1,1,\n2,1,2,4,1,1\n`)).to.deep.equal(['3', '4'])
    expect(await amounts(`${H},\n1,1,2,3,1,1,5\n`)).to.deep.equal(['2: has a value in a column without a name'])
  })

  it('write money with decimal commas, and points between thousands', async () => {
    const options = {
      specs: {amount: 'Betrag|money:2', ledger: '=1', code: '=1', debit_account_id: '=1', credit_account_id: '=2'},
      idFrom: ['Ref'],
    }
    const file = (...texts: string[]) => ['Ref;Betrag', ...texts.map((text, index) => `${index};${text}`)].join('\n')
    const german = {...options, decimalComma: true}
    expect(await amounts(file('1.234,56', '12,5', '7', '0,05', '1234,56'), german)).to.deep.equal([
      '123456',
      '1250',
      '700',
      '5',
      '123456',
    ])
    expect(
      (await amounts(file('1.23,4', '-5,00', '12.50'), german)).map((text) =>
        /not an amount with a decimal comma|can't have a sign/.test(text),
      ),
    ).to.deep.equal([true, true, true])
    expect((await amounts(file('1,5'), options))[0]).to.match(/needs a decimal point.*--decimal-comma/)
  })

  it('write numbers as spreadsheets do, which may have rounded them: they are refused', async () => {
    const found = await amounts(
      `${H}\n1.5E+01,1,2,3,1,1\n16,1,2,1E3,1,1\n17,1,2,3.00,1,1\n18,1,2,"1,000",1,1\nTotal,,,3,,\n`,
    )
    expect(found.map((text) => text.slice(0, 1))).to.deep.equal(['2', '3', '4', '5', '6'])
  })

  it('are in another encoding or form: it is named, with the command that converts them', async () => {
    const text = `${H}\n1,1,2,3,1,1\n`
    const utf16 = await rejection(Buffer.from(`\ufeff${text}`, 'utf16le'))
    expect(utf16.message).to.match(/is UTF-16/)
    expect(utf16.details.next).to.match(/^iconv -f UTF-16 -t UTF-8 file\.csv/)
    expect((await rejection(Buffer.from(text, 'utf16le'))).message).to.match(/is UTF-16LE/)
    expect((await rejection(Buffer.from([0xff, 0xfe, 0, 0, 0x69, 0, 0, 0]))).message).to.match(/is UTF-32/)
    expect((await rejection(Buffer.from([0x1f, 0x8b, 8, 0]))).message).to.match(/compressed by gzip/)
    expect((await rejection(Buffer.from('PK\x03\x04', 'latin1'))).message).to.match(/ZIP archive or a spreadsheet/)
    expect((await rejection(text.replaceAll('\n', '\r'))).message).to.match(/line ends of old Mac programs/)
    const latin = Buffer.from(`${H},note\n1,1,2,3,1,1,M\xfcller\n`, 'latin1')
    expect((await amounts(latin, {specs: {id: 'id'}}))[0]).to.match(
      /not UTF-8; it may be in an older encoding such as Windows-1252/,
    )
  })

  it('are empty, or have a header only', async () => {
    expect((await rejection('')).message).to.match(/is empty/)
    expect((await rejection('\n\n')).message).to.match(/is empty/)
    expect(await events(`${H}\n`)).to.deep.equal([])
  })
})
