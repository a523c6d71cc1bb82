import {type Json, stringifyExact} from '@parix/kit/json'
import {expect} from 'chai'
import fc from 'fast-check'
import {readItems} from '../../src/input/documents.js'
import {createProblems} from '../../src/records/problems.js'
import {refused} from '../support/refusal.js'

/** The values with their places, and what is wrong. */
function read(text: string, name = 'f.json') {
  const faults: string[] = []
  const problems = {...createProblems(), add: (sentence: string) => faults.push(sentence)}
  const items = readItems({text, name}, problems)
  return {items, values: items.map(({value}) => value), places: items.map(({where}) => where), faults}
}

describe('JSON values of a text', () => {
  const value: fc.Arbitrary<Json> = fc.record(
    {
      id: fc.bigInt({min: 2n ** 53n, max: 2n ** 128n}),
      note: fc.string(),
      list: fc.array(fc.integer(), {maxLength: 3}),
      flag: fc.boolean(),
    },
    {requiredKeys: ['id'], noNullPrototype: true},
  ) as fc.Arbitrary<Json>

  it('are the same whether they are an array, one per line, or one after the other as jq writes them', () => {
    fc.assert(
      fc.property(
        fc.array(value, {minLength: 1, maxLength: 5}),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        (values, ending) => {
          const lines = values.map((one) => stringifyExact(one))
          const pretty = values.map((one) => JSON.stringify(JSON.parse(stringifyExact(one)), null, 2))
          for (const text of [`[${lines.join(',')}]`, lines.join(ending), `${lines.join(ending)}${ending}`])
            expect(read(text).values).to.deep.equal(values)
          expect(read(pretty.join('\n')).values).to.have.length(values.length)
        },
      ),
    )
  })

  it('integers beyond 2^53 are exact', () => {
    expect(read('{"id": 340282366920938463463374607431768211455}').values).to.deep.equal([{id: 2n ** 128n - 1n}])
  })

  it('each has its place: the item of an array, the line, or none where it is alone', () => {
    expect(read('[1, 2]').places).to.deep.equal([' item 1', ' item 2'])
    expect(read('{"a": 1}').places).to.deep.equal([''])
    expect(read('{}\n\n{}').places).to.deep.equal([' line 1', ' line 3'])
    expect(read('{\n"a": 1\n}\n{\n}').places).to.deep.equal([' line 1', ' line 4'])
    expect(read('[1]\n[2, 3]').places).to.deep.equal([' line 1 item 1', ' line 2 item 1', ' line 2 item 2'])
  })

  it('every line that is not valid is named, with its column, and the others are read', () => {
    const {faults, values} = read('{"a": 1}\n{"a": }\n{"a": 2}\n  x\n')
    expect(values).to.deep.equal([{a: 1}, {a: 2}])
    expect(faults).to.have.length(2)
    expect(faults[0]).to.match(/^f\.json line 2, column 7 is not JSON: /)
    expect(faults[1]).to.match(/^f\.json line 4, column 3 is not JSON: /)
  })

  it('a key that is given twice with two values is refused: which one was meant can not be known', () => {
    expect(read('{"amount": 1, "amount": 2}').faults).to.deep.equal([
      'f.json line 1, column 15: the key "amount" is given twice, with different values.',
    ])
    expect(read('{"amount": 1, "amount": 1}').faults).to.deep.equal([])
  })

  it('a text that ends in the middle is named at its end', () => {
    expect(read('[{"a": 1},').faults).to.have.length(1)
    expect(read('{\n  "a": {\n').faults[0]).to.match(/^f\.json line [23], /)
  })

  it('brackets and quotes in texts end nothing', () => {
    const text = '{"a": "} ] \\" {"}\n{"b": "\\\\"}'
    expect(read(text).values).to.deep.equal([{a: '} ] " {'}, {b: '\\'}])
  })

  it('an empty text, and CSV, are errors of their own', () => {
    for (const text of ['', ' \n\t'])
      expect(refused(() => read(text)).message).to.equal('f.json is empty. Nothing was sent.')
    for (const text of ['id,from,to\n1,2,3', 'id;from;to', 'id\tamount\n', '1,2,3']) {
      const error = refused(() => read(text, 'rows.csv'))
      expect(error, text).to.include({kind: 'BAD_INPUT', code: 'csv'})
      expect(error.details.next, text).to.match(/^jq -Rnc .* rows\.csv$/)
    }
    expect(refused(() => read('a,b\n1,2', 'stdin')).details.next).to.match(/ FILE\.csv$/)
  })

  it('a million values are read without a million arguments on the stack', () => {
    expect(read(`[${'1,'.repeat(200_000)}1]`).values).to.have.length(200_001)
  })
})
