import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {stringifyJson} from '@parix/kit/json'
import {expect} from 'chai'
import {parse} from 'csv-parse/sync'
import fc from 'fast-check'
import {formatOf, openRows, type RowFormat, type SourceRow} from '../../src/import/read-rows.js'

describe('rows of a file', () => {
  let directory: string
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'parix-rows-'))
  })
  after(() => rmSync(directory, {recursive: true}))

  async function read(
    content: string | Buffer,
    format: RowFormat = 'csv',
  ): Promise<{header: string[] | undefined; rows: SourceRow[]}> {
    const path = join(directory, 'file')
    writeFileSync(path, content)
    const open = await openRows({name: 'file', path, format})
    const rows: SourceRow[] = []
    for await (const chunk of open.rows(open.first)) rows.push(...chunk)
    return {header: open.header, rows}
  }

  const rejection = async (content: string | Buffer, format: RowFormat = 'csv') => {
    try {
      await read(content, format)
    } catch (error) {
      return (error as Error).message
    }
    return 'read'
  }

  const cell = fc.oneof(
    fc.stringMatching(/^[a-z0-9 ]{0,6}$/),
    fc.constantFrom('', '"', 'a"b', 'x,y', 'é', '日本', 'line\nend', '“', ' ', '0'),
  )
  const quoted = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

  it('are those that csv-parse reads, with and without quotation marks, CRLF and a byte order mark', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, fc.stringMatching(/^[a-z]{1,3}$/)), {maxLength: 20}),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        async (records, crlf, bom, lastLineEnd) => {
          const ending = crlf ? '\r\n' : '\n'
          const lines = [['a', 'b', 'c'], ...records].map((record) => record.map(quoted).join(','))
          const text = `${bom ? '\ufeff' : ''}${lines.join(ending)}${lastLineEnd ? ending : ''}`
          const {header, rows} = await read(text)
          expect(header).to.deep.equal(['a', 'b', 'c'])
          const expected = (parse(text, {bom: true, record_delimiter: ending}) as string[][]).slice(1)
          expect(rows.map(({cells}) => cells)).to.deep.equal(expected)
        },
      ),
      {numRuns: 200},
    ))

  it('can be read from the end of any row, with the same lines', async () => {
    const content = '\ufeffa,b\r\n1,é\r\n"2\n2",x\r\n3,"y"\r\n\r\n4,z'
    const {rows} = await read(content)
    const path = join(directory, 'file')
    const open = await openRows({name: 'file', path, format: 'csv'})
    for (const [index, row] of rows.entries()) {
      const rest: SourceRow[] = []
      for await (const chunk of open.rows({line: row.nextLine, byte: row.end})) rest.push(...chunk)
      expect(rest).to.deep.equal(rows.slice(index + 1))
    }
    expect(rows.map(({line}) => line)).to.deep.equal([2, 3, 5, 7])
  })

  it('are split at commas, semicolons or tabs, as the header has them', async () => {
    for (const delimiter of [',', ';', '\t'])
      expect((await read(`a${delimiter}b\n1${delimiter}2\n`)).rows[0]?.cells).to.deep.equal(['1', '2'])
  })

  it('say what is wrong, each with its line, and the others are read', async () => {
    const {rows} = await read('a,b\n1\n2,3\n4,5,6\n"x"y,1\n7,\0\n8,9\n')
    expect(rows.map(({line, fault}) => [line, fault?.slice(0, 24)])).to.deep.equal([
      [2, 'has 1 cells, the header '],
      [3, undefined],
      [4, 'has 3 cells, the header '],
      [5, 'has a quotation mark in '],
      [6, 'has a NUL character'],
      [7, undefined],
    ])
    expect((await read('a,b\n1,"2\n3,4\n')).rows.at(-1)?.fault).to.match(/never closed/)
    expect(
      (await read(Buffer.concat([Buffer.from('a,b\n1,'), Buffer.from([0xff, 0xfe]), Buffer.from('\n2,3\n')]))).rows.map(
        ({fault}) => fault,
      ),
    ).to.deep.equal([
      'is not UTF-8; it may be in an older encoding such as Windows-1252 (iconv -f WINDOWS-1252 -t UTF-8)',
      undefined,
    ])
  })

  it('a cell may have line ends in it, and each row knows the lines and bytes that it takes', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(fc.constantFrom('a', '', 'x,y', '"', 'é', '"\n"', '\n', 'two\n\nlines'), {
            minLength: 2,
            maxLength: 2,
          }),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        fc.constantFrom('\n', '\r\n'),
        async (records, ending) => {
          const rowText = (cells: string[]) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')
          const texts = records.map(rowText)
          const {rows} = await read(['a,b', ...texts, ''].join(ending))
          let [line, byte] = [2, 3 + ending.length]
          for (const [index, row] of rows.entries()) {
            expect(row.cells).to.deep.equal(records[index])
            expect(row.line).to.equal(line)
            line += texts[index]!.split('\n').length
            byte += Buffer.byteLength(texts[index]! + ending)
            expect(row).to.include({nextLine: line, end: byte})
          }
          expect(rows).to.have.lengthOf(records.length)
        },
      ),
      {numRuns: 100},
    ))

  it('a quotation mark that is never closed is found in time that grows with the file and no faster', async () => {
    const lines = Array.from({length: 60_000}, (_, index) => `${index},1`)
    lines[3] = '4,"1'
    const {rows} = await read(['a,b', ...lines].join('\n'))
    const [fault, ...others] = rows.filter((row) => row.fault !== undefined)
    expect(fault).to.include({line: 5, fault: 'has a quotation mark that is never closed'})
    expect(others).to.deep.equal([])
  })

  it('after a cell that is longer than a row may be, the next row is read', async () => {
    const lines = Array.from({length: 30_000}, () => 'x'.repeat(50))
    const {rows} = await read(['a,b', `1,"${lines.join('\n')}`, '2,b', '3,4', ''].join('\n'))
    expect(rows.filter(({cells}) => cells?.[0] === '3')).to.have.lengthOf(1)
    const faults = rows.filter((row) => row.fault === 'has a quotation mark that is never closed')
    expect(faults.map(({line}) => line)).to.deep.equal([2])
  })

  it('a line that can not be read inside a cell is a fault, and begins no other row', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\n1,"x\n'), Buffer.from([0xff]), Buffer.from('\ny"\n2,3\n')])
    const {rows} = await read(bytes)
    expect(rows.map(({line, fault}) => [line, fault?.slice(0, 20)])).to.deep.equal([
      [3, 'is not UTF-8; it may'],
      [4, 'has a quotation mark'],
    ])
  })

  it('a character that two blocks share is whole', async () => {
    const row = (width: number) => `${'x'.repeat(width)},é\n`
    // The block ends at 1 MB, in the middle of the é of a row near its end.
    const first = row(900_000)
    for (const shift of [0, 1, 2, 3]) {
      const rest = (1 << 20) - Buffer.byteLength(`a,b\n${first}`) - 3 + shift
      const {rows} = await read(`a,b\n${first}${row(rest)}z,日本\n`)
      expect(rows.map(({cells}) => cells?.[1])).to.deep.equal(['é', 'é', '日本'])
    }
  })

  it('a header says what it is: the names of old Mac files, of quoted cells, after empty lines and Excel', async () => {
    expect(await rejection('a,b\r1,2\r')).to.match(/CR alone/)
    expect(await rejection('"a,b\n')).to.match(/is not a header/)
    expect(await rejection('\n\n')).to.match(/is empty/)
    expect(await rejection('\ufeff')).to.match(/is empty/)
    expect((await read('\ufeff\n"a;x";b\n1;2\n')).header).to.deep.equal(['a;x', 'b'])
    expect((await read('sep=|\na|b,c\n1|2\n')).rows[0]).to.deep.include({line: 3, cells: ['1', '2']})
    expect((await read('a,b,,\n1,2,,\n3,4\n')).rows.map(({cells}) => cells?.slice(0, 2))).to.deep.equal([
      ['1', '2'],
      ['3', '4'],
    ])
    expect((await read('a,b,\n1,2,3\n')).rows[0]!.fault).to.equal('has a value in a column without a name')
  })

  it('a line without an end takes no memory, and the next is read', async () => {
    const {rows} = await read(`a,b\n${'x'.repeat(5_000_000)}\n1,2\n`)
    expect(rows.map(({line, fault, cells}) => [line, fault, cells])).to.deep.equal([
      [2, 'is longer than 1 MB', undefined],
      [3, undefined, ['1', '2']],
    ])
  })

  it('are refused with the reason where the file is not one of rows', async () => {
    expect(await rejection('')).to.match(/is empty/)
    expect(await rejection(Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'))).to.match(
      /is UTF-16; CSV or NDJSON in UTF-8 is needed/,
    )
    expect(await rejection(Buffer.from('{"id":1}', 'utf16le'), 'ndjson')).to.match(/is UTF-16/)
    expect(await rejection('a,,b\n')).to.match(/every column needs a name/)
    expect(await rejection('a,b,a\n')).to.match(/two columns named "a"/)
  })

  it('of NDJSON keep integers exact and name the column of an error', async () => {
    const {rows} = await read('{"id": 340282366920938463463374607431768211454}\n\n{"id": 1,}\n[1]\n', 'ndjson')
    expect(rows.map(({line}) => line)).to.deep.equal([1, 3, 4])
    expect(stringifyJson(rows[0]!.value!)).to.contain('340282366920938463463374607431768211454')
    expect(rows[1]?.fault).to.match(/is not a JSON object/)
  })

  it('the format is recognised by the name, else by the first character', async () => {
    for (const [name, content, format] of [
      ['a.csv', '{', 'csv'],
      ['a.ndjson', 'a', 'ndjson'],
      ['a', '\n{"id":1}', 'csv'],
      ['a', '{"id":1}', 'ndjson'],
      ['a', 'id,x\n', 'csv'],
    ] as const) {
      const path = join(directory, 'sniff')
      writeFileSync(path, content)
      expect(await formatOf(name, path), `${name} ${content}`).to.equal(format)
    }
  })
})
