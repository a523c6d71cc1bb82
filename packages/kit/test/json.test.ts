import {isLosslessNumber, JSON_DEPTH_MAX, parseJson, stringifyExact, stringifyJson} from '@parix/kit/json'
import {anyText} from '@parix/testkit/any-text'
import {expect} from 'chai'
import fc from 'fast-check'
import {LosslessNumber, parse} from 'lossless-json'

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function exact(text: string): unknown {
  if (/^-?\d+$/.test(text)) return BigInt(text)
  return String(Number(text)) === text ? Number(text) : new LosslessNumber(text)
}

const integers = fc.bigInt({min: -(2n ** 128n), max: 2n ** 128n})

describe('JSON with exact numbers', () => {
  it('flaw 3: a number beyond 2^53 is not rounded', () => {
    expect(parseJson('9007199254740993')).to.equal(9007199254740993n)
    expect(parseJson('[9007199254740991, -9007199254740993]')).to.deep.equal([9007199254740991, -9007199254740993n])
  })

  it('law: every integer of 128 bits is read to its last digit, as a number only where that is exact', () => {
    fc.assert(
      fc.property(integers, (integer) => {
        const value = parseJson(String(integer)) as number | bigint
        expect(BigInt(value)).to.equal(integer)
        expect(typeof value).to.equal(Number.isSafeInteger(Number(integer)) ? 'number' : 'bigint')
      }),
    )
  })

  it('law: what JSON.stringify writes is read back as it was, whatever the indent', () => {
    fc.assert(
      fc.property(fc.jsonValue({maxDepth: 4}), fc.nat({max: 4}), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        // Decimals and large integers have laws of their own; a key named __proto__ is not data of ours.
        fc.pre(!text.includes('__proto__') && !/\d[eE.]|\d{16}/.test(text))
        expect(parseJson(text)).to.deep.equal(JSON.parse(text))
        expect(JSON.parse(stringifyExact(parseJson(text), indent))).to.deep.equal(JSON.parse(text))
      }),
    )
  })

  it('law: a document that is read and written exactly has the same numbers, digit by digit', () => {
    const decimals = fc.tuple(integers, fc.stringMatching(/^\d{1,30}$/)).map(([whole, part]) => `${whole}.${part}`)
    fc.assert(
      fc.property(fc.array(fc.oneof(integers.map(String), decimals)), (numbers) => {
        const text = `[${numbers.join(',')}]`
        expect(stringifyExact(parseJson(text))).to.equal(text.replaceAll('-0,', '0,').replace('-0]', '0]'))
      }),
    )
  })

  it('law: any JSON text is read as lossless-json reads it, and what is not JSON for the platform is not JSON here', () => {
    const numbers = fc.oneof(integers.map(String), fc.double({noNaN: true, noDefaultInfinity: true}).map(String))
    const tokens = fc.oneof(
      numbers,
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"a"',
        '"a":',
        'null',
        'true',
        'tru',
        ' ',
        '\n',
        '-',
        '"',
        '\\',
        '\\"',
      ),
      anyText().map((text) => JSON.stringify(text)),
      fc.jsonValue().map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(fc.array(tokens, {maxLength: 12}), (parts) => {
        const text = parts.join('')
        if (text.includes('__proto__')) return
        if (!isJson(text)) expect(() => parseJson(text)).to.throw(SyntaxError)
        else expect(stringifyExact(parseJson(text))).to.equal(stringifyExact(parse(text, undefined, exact)))
      }),
      {numRuns: 500},
    )
  })

  it('a key called __proto__ is data like any other', () => {
    const value = parseJson('{"__proto__":{"a":1},"b":2}') as Record<string, unknown>
    expect(Object.getPrototypeOf(value)).to.equal(Object.prototype)
    expect(stringifyJson(value, 0)).to.equal('{"__proto__":{"a":1},"b":2}')
  })

  it('threat 7.11: a text of megabytes, with or without escapes, takes a few times its size', () => {
    const long = 'x'.repeat(8_000_000)
    const texts = [
      `{"a":"${long}"}`,
      `{"a":"${long}\\n${long}"}`,
      `["${'\\"'.repeat(4_000_000)}"]`,
      JSON.stringify(Array(500_000).fill('abc')),
    ]
    for (const text of texts) {
      const before = process.memoryUsage()
      const value = parseJson(text)
      const after = process.memoryUsage()
      expect(after.heapUsed + after.external - before.heapUsed - before.external).to.be.lessThan(8 * text.length)
      expect(JSON.stringify(value)).to.equal(text)
    }
  })

  it('a decimal that a double can not hold as written stays as written', () => {
    const value = parseJson('0.10')
    expect(isLosslessNumber(value)).to.equal(true)
    expect(stringifyJson(value)).to.equal('0.10')
    expect(parseJson('0.5')).to.equal(0.5)
  })

  it('what --json prints: bigints as strings, Dates as ISO, undefined left out', () => {
    expect(stringifyJson({a: 1n, b: new Date(0), c: undefined, d: [undefined]}, 0)).to.equal(
      '{"a":"1","b":"1970-01-01T00:00:00.000Z","d":[null]}',
    )
    expect(stringifyJson({a: [1n], b: {}}, 2)).to.equal('{\n  "a": [\n    "1"\n  ],\n  "b": {}\n}')
  })

  it('threat 7.9: C1 controls, DEL, line separators and directions of text are escaped in it', () => {
    expect(stringifyJson('\u202e\u2066\u200f')).to.equal('"\\u202e\\u2066\\u200f"')
    expect(stringifyJson('\u001b\u007f\u009b\u2028é')).to.equal('"\\u001b\\u007f\\u009b\\u2028é"')
    fc.assert(
      fc.property(anyText(), (text) => {
        const written = stringifyJson(text)
        expect(written).not.to.match(/[\u0000-\u001f\u007f-\u009f]/)
        expect(JSON.parse(written)).to.equal(text)
      }),
    )
  })

  for (const text of ['', '{', '[1,]', '{"a":1,}', "{'a':1}", '01', '+1', 'NaN', '1 2', '\u00001']) {
    it(`${JSON.stringify(text)} is not JSON`, () => {
      expect(() => parseJson(text)).to.throw(SyntaxError)
    })
  }

  it('a key twice with two values is an error: which one was meant can not be known', () => {
    expect(() => parseJson('{"amount":1,"amount":2}')).to.throw(SyntaxError, 'amount')
    expect(parseJson('{"amount":1,"amount":1}')).to.deep.equal({amount: 1})
  })

  it('a byte order mark before the document is passed over', () => {
    expect(parseJson('\ufeff{"a":1}')).to.deep.equal({a: 1})
  })

  it('nesting that no document of ours has is an error, not a full stack; brackets in text do not count', () => {
    expect(() => parseJson('['.repeat(50_000) + ']'.repeat(50_000))).to.throw(SyntaxError, 'Nested deeper')
    expect(() => parseJson(`${'{"a":'.repeat(201)}1${'}'.repeat(201)}`)).to.throw(SyntaxError, 'Nested deeper')
    expect(parseJson(`["${'[{\\"'.repeat(300)}"]`)).to.have.length(1)
    const deep = '['.repeat(JSON_DEPTH_MAX) + ']'.repeat(JSON_DEPTH_MAX)
    expect(stringifyJson(parseJson(deep), 0)).to.equal(deep)
  })
})
