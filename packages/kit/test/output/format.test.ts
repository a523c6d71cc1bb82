import {anyText} from '@parix/testkit/any-text'
import {expect} from 'chai'
import fc from 'fast-check'
import {parse as parseYaml} from 'yaml'
import type {ParixError} from '../../src/errors.js'
import {chosenFormat, createWriter, csvLine, csvText, type FormatFlags, rowsOf} from '../../src/output/format.js'

const RESULT = {
  ok: true,
  databaseName: 'books',
  responsePayload: [
    {id: '340282366920938463463374607431768211454', amount: 5n, region: {name: 'us'}, tags: ['a']},
    {id: '2', amount: 6n, region: {name: '=cmd|x'}, tags: [], extra: 'a "quoted", line\nbreak'},
  ],
}

async function written(flags: FormatFlags, result: unknown = RESULT, terminal = false): Promise<string> {
  const writer = await createWriter(flags, {terminal, warn: () => {}})
  return writer!.whole(result)
}

async function refusal(flags: FormatFlags, result: unknown = RESULT): Promise<ParixError> {
  return written(flags, result).then(
    () => {
      throw new Error('it was written')
    },
    (error: ParixError) => error,
  )
}

/** A reader of RFC 4180 that shares nothing with the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (quoted) {
      if (character !== '"') cell += character
      else if (text[at + 1] === '"') cell += text[at++]
      else quoted = false
    } else if (character === '"') quoted = true
    else if (character === ',' || character === '\r') {
      rows.at(-1)!.push(cell)
      cell = ''
      if (character === '\r') {
        rows.push([])
        at++
      }
    } else cell += character
  }
  expect(rows.pop(), 'ends in a line end').to.deep.equal([])
  return rows
}

describe('the forms of a result', () => {
  it('the rows are the list, the one list of objects in the result, or the result itself', () => {
    expect(rowsOf([1, 2])).to.deep.equal([1, 2])
    expect(rowsOf(RESULT)).to.equal(RESULT.responsePayload)
    expect(rowsOf({databases: [{id: 1}], count: 1})).to.deep.equal([{id: 1}])
    expect(rowsOf({ids: ['1', '2']})).to.deep.equal(['1', '2'])
    expect(rowsOf({a: 1, ids: ['1']})).to.deep.equal([{a: 1, ids: ['1']}])
    expect(rowsOf({a: [{}], b: [{}]})).to.deep.equal([{a: [{}], b: [{}]}])
    expect(rowsOf(7)).to.deep.equal([7])
  })

  it('json is one document, ndjson one row per line, yaml the document; 128 bits stay text', async () => {
    expect(JSON.parse(await written({format: 'json'}))).to.deep.nested.include({'responsePayload[0].amount': '5'})
    expect(await written({json: true})).to.equal(await written({format: 'json'}))
    const lines = (await written({format: 'ndjson'})).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).id)).to.deep.equal(RESULT.responsePayload.map(({id}) => id))
    const yaml = parseYaml(await written({format: 'yaml'}))
    expect(yaml.responsePayload[0]).to.include({id: '340282366920938463463374607431768211454', amount: '5'})
  })

  it('csv has a line of names and one per row, with nested values as JSON, and lines that end in CR LF', async () => {
    expect(readCsv(await written({format: 'csv'}))).to.deep.equal([
      ['id', 'amount', 'region', 'tags', 'extra'],
      ['340282366920938463463374607431768211454', '5', '{"name":"us"}', '["a"]', ''],
      ['2', '6', '{"name":"=cmd|x"}', '[]', 'a "quoted", line\nbreak'],
    ])
    expect(await written({format: 'csv'}, [])).to.equal('')
  })

  it('csv comes back from any reader as it was, and no cell is a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyText(), {minLength: 1, maxLength: 4}), {minLength: 1}), (rows) => {
        const lines = rows.map((row) => csvLine(row.map(csvText))).join('')
        const expected = rows.map((row) =>
          row.map((text) => (/^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text)),
        )
        expect(readCsv(lines)).to.deep.equal(expected)
      }),
    )
    for (const text of ['=1+1', '+1', '-x', '@SUM(A1)', '\t=1', '\r=1', '-1-1', '=', '-']) {
      expect(csvText(text), text).to.equal(`'${text}`)
    }
    for (const text of ['-5', '-5.25', '5', 'a=1', '', 'a-b']) expect(csvText(text), text).to.equal(text)
  })

  it('--fields picks, also members of members, in every form', async () => {
    const fields = 'id, region.name'
    expect(JSON.parse(await written({json: true, fields}))).to.deep.equal([
      {id: RESULT.responsePayload[0]!.id, 'region.name': 'us'},
      {id: '2', 'region.name': '=cmd|x'},
    ])
    expect(readCsv(await written({format: 'csv', fields}))[2]).to.deep.equal(['2', "'=cmd|x"])
    expect(await written({fields})).to.match(/^ +ID +REGION\.NAME\n/)
    expect(await written({fields, format: 'table'})).to.equal(await written({fields}))
    expect(parseYaml(await written({format: 'yaml', fields: 'id'}))[1]).to.deep.equal({id: '2'})
    expect(JSON.parse(await written({json: true, fields: 'ok'}, {ok: true, a: 1}))).to.deep.equal({ok: true})
  })

  it('a field that no row has is an error with the names that there are', async () => {
    for (const format of ['csv', 'json', 'ndjson', 'yaml', 'table']) {
      const error = await refusal({format, fields: 'id,amuont'})
      expect(error.exitCode, format).to.equal(2)
      expect(error.message).to.contain('no field "amuont"').and.to.contain('Did you mean amount?')
    }
    expect((await refusal({fields: 'id,,amount'})).message).to.contain('empty name')
  })

  it('--jq prints text bare, as jq -r does, and JSON with --json; a wrong expression is refused at once', async () => {
    expect(await written({jq: '.responsePayload[].id'})).to.equal(`${RESULT.responsePayload[0]!.id}\n2\n`)
    expect(await written({jq: '.databaseName', json: true})).to.equal('"books"\n')
    expect((await refusal({jq: '.['})).exitCode).to.equal(2)
  })

  it('flags that contradict are refused', () => {
    for (const flags of [
      {json: true, format: 'csv'},
      {jq: '.', fields: 'a'},
      {jq: '.', format: 'yaml'},
    ]) {
      expect(() => chosenFormat(flags), JSON.stringify(flags)).to.throw("can't be given together")
    }
    expect(chosenFormat({json: true, format: 'json'})).to.equal('json')
    expect(chosenFormat({format: 'table'})).to.equal(undefined)
  })

  it('a terminal gets no control characters in any form', async () => {
    const evil = {rows: [{name: 'a\u001b]52;c;x\u0007\u202e\u009b31m'}]}
    for (const flags of [
      {format: 'json'},
      {format: 'ndjson'},
      {format: 'csv'},
      {format: 'yaml'},
      {fields: 'name'},
      {jq: '.rows[0].name'},
    ]) {
      const text = await written(flags, evil, true)
      expect(text, JSON.stringify(flags)).not.to.match(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/)
    }
  })
})
