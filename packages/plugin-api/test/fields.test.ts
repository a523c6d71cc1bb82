import {anyText} from '@parix/testkit/any-text'
import {expect} from 'chai'
import fc from 'fast-check'
import {fieldsBody, parseFields} from '../src/fields.js'

const body = (...texts: string[]) => fieldsBody(parseFields(texts))

describe('-f', () => {
  const typed: [string, string][] = [
    ['name=books', '{"name":"books"}'],
    ['name=', '{"name":""}'],
    ['n=10', '{"n":10}'],
    ['n=-3', '{"n":-3}'],
    ['n=0', '{"n":0}'],
    ['n=007', '{"n":"007"}'],
    ['n=1.10', '{"n":"1.10"}'],
    ['n=1e3', '{"n":"1e3"}'],
    ['n=+5', '{"n":"+5"}'],
    ['n=true', '{"n":true}'],
    ['n=False', '{"n":"False"}'],
    ['n=null', '{"n":null}'],
    ['n=9007199254740991', '{"n":9007199254740991}'],
    ['a=b=c', '{"a":"b=c"}'],
    ['a=b:=c', '{"a":"b:=c"}'],
    ['a:b=c', '{"a:b":"c"}'],
    ['a="q"\\', '{"a":"\\"q\\"\\\\"}'],
    ['ids:=[1, 2]', '{"ids":[1, 2]}'],
    ['n:="10"', '{"n":"10"}'],
    ['n:=1.10', '{"n":1.10}'],
    ['__proto__=x', '{"__proto__":"x"}'],
  ]
  for (const [text, json] of typed) {
    it(`${text} makes ${json}`, () => {
      expect(body(text)).to.equal(json)
    })
  }

  it('flaw 3: a whole number beyond 2^53 is sent as text, digit for digit; := sends it as the number it is', () => {
    const max = '340282366920938463463374607431768211455'
    expect(body(`id=${max}`)).to.equal(`{"id":"${max}"}`)
    expect(body('id=9007199254740993')).to.equal('{"id":"9007199254740993"}')
    expect(body(`id:=${max}`)).to.equal(`{"id":${max}}`)
  })

  it('law: every whole number arrives with the digits it had', () => {
    fc.assert(
      fc.property(fc.bigInt({min: -(2n ** 128n), max: 2n ** 128n}), (value) => {
        expect(body(`n=${value}`).replaceAll('"', '')).to.equal(`{n:${value}}`)
      }),
    )
  })

  it('law: any text makes valid JSON that gives it back', () => {
    fc.assert(
      fc.property(anyText({minLength: 1}), anyText(), (key, value) => {
        fc.pre(!/[=:]/.test(key))
        const parsed = JSON.parse(body(`${key}=${value}x`)) as Record<string, unknown>
        expect(Object.entries(parsed)).to.deep.equal([[key, `${value}x`]])
      }),
    )
  })

  for (const text of ['name', '=x', ':=1', 'a:=', 'a:={', "a:='x'"]) {
    it(`flaw 14: ${text} is refused`, () => {
      expect(() => body(text))
        .to.throw(/-f is wrong/)
        .with.property('exitCode', 2)
    })
  }

  it('a name given twice is refused: which one was meant is not known', () => {
    expect(() => body('a=1', 'b=1', 'a=2')).to.throw(/"a" is given twice/)
  })
})
