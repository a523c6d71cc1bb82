import {type Json, parseJson, stringifyJson} from '@parix/kit/json'
import {expect} from 'chai'
import fc from 'fast-check'
import {ArrayLines, NotAnArray} from '../../src/rows/array-lines.js'

/** @param cuts where one block ends and the next begins */
function linesOf(text: string, cuts: readonly number[] = []): string[] {
  const bytes = Buffer.from(text)
  const lines = new ArrayLines()
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  let from = 0
  for (const end of ends) {
    lines.rewrite(bytes, from, end)
    from = end
  }
  lines.end()
  expect(bytes.length, 'every byte stays where it is').to.equal(Buffer.byteLength(text))
  return bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

describe('a JSON array as lines', () => {
  const objects = fc.array(fc.dictionary(fc.string({unit: 'grapheme'}), fc.jsonValue({maxDepth: 3})))
  const cuts = fc.array(fc.nat(2000))

  it('gives each object a line with the same value, wherever blocks end', () =>
    fc.assert(
      fc.property(objects, fc.constantFrom(0, 2), fc.boolean(), cuts, (values, indent, mark, at) => {
        if (values.length === 0) return
        const text = `${mark ? '\ufeff' : ''}${JSON.stringify(values, null, indent)}\n`
        const read = (json: string) => stringifyJson(parseJson(json))
        expect(linesOf(text, at).map(read)).to.deep.equal(values.map((value) => read(JSON.stringify(value))))
      }),
    ))

  it('takes brackets, commas and backslashes in strings for what they are', () => {
    const values: Json[] = [{a: '},{"b":1}'}, {a: ']', b: '\\'}, {a: '\\"},{'}, {a: [{b: [1, {}]}, 2]}]
    expect(linesOf(JSON.stringify(values)).map((line) => JSON.parse(line))).to.deep.equal(values)
  })

  it('keeps a line end in a string, which JSON does not allow', () => {
    expect(linesOf('[{"a":"1\n2"}]')).to.deep.equal(['{"a":"1', '2"}'])
  })

  for (const text of [
    '',
    '{}',
    '[]',
    '[{}',
    '[{},]',
    '[{}{}]',
    '[,{}]',
    '[1]',
    '[[{}]]',
    '[{}] {}',
    '[{}]]',
    '\ufeff\ufeff[{}]',
    'null',
  ]) {
    it(`is not one: ${JSON.stringify(text)}`, () => {
      expect(() => linesOf(text)).to.throw(NotAnArray)
    })
  }
})
