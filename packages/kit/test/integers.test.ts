import {isParixError, type ParixError} from '@parix/kit/errors'
import {type IntegerBits, parseUint, UINT16_MAX, UINT32_MAX, UINT64_MAX, UINT128_MAX} from '@parix/kit/integers'
import {expect} from 'chai'
import fc from 'fast-check'

const MAXIMA: [IntegerBits, bigint][] = [
  [16, UINT16_MAX],
  [32, UINT32_MAX],
  [64, UINT64_MAX],
  [128, UINT128_MAX],
]

function refusal(text: string, bits: IntegerBits = 128): ParixError {
  try {
    parseUint('--amount', text, bits)
  } catch (error) {
    if (isParixError(error)) return error
    throw error
  }
  throw new Error(`${JSON.stringify(text)} was taken`)
}

describe('whole numbers as people write them', () => {
  for (const [bits, max] of MAXIMA) {
    it(`law: ${bits} bits: decimal, hex and grouped digits are one number, up to the largest and not beyond`, () => {
      fc.assert(
        fc.property(fc.bigInt({min: 0n, max}), (value) => {
          const grouped = String(value).replace(/\B(?=(\d{3})+$)/g, '_')
          for (const text of [
            String(value),
            ` ${value} `,
            `0x${value.toString(16)}`,
            `0X${value.toString(16)}`,
            grouped,
          ]) {
            expect(parseUint('--id', text, bits)).to.equal(value)
          }
        }),
      )
      expect(parseUint('--id', String(max), bits)).to.equal(max)
      expect(refusal(String(max + 1n), bits).message).to.equal(
        `--amount does not fit in ${bits} bits: the largest value is ${max}.`,
      )
    })
  }

  const refused: [string, RegExp][] = [
    ['12.50', /whole number of the smallest unit/],
    ['12,50', /smallest unit/],
    ['1e3', /smallest unit/],
    ['.5', /smallest unit/],
    ['-1', /can't be negative/],
    ['', /must be a whole number/],
    ['   ', /must be a whole number/],
    ['abc', /must be a whole number/],
    ['0x', /must be a whole number/],
    ['_1', /must be a whole number/],
    ['1_', /must be a whole number/],
    ['1__0', /must be a whole number/],
    ['+1', /must be a whole number/],
    ['1 000', /must be a whole number/],
    ['１', /must be a whole number/],
    ['1n', /must be a whole number/],
  ]
  for (const [text, sentence] of refused) {
    it(`flaw 14: ${JSON.stringify(text)} is refused, with its field`, () => {
      const error = refusal(text)
      expect(error).to.include({kind: 'BAD_INPUT', exitCode: 2})
      expect(error.message)
        .to.match(sentence)
        .and.match(/^--amount /)
    })
  }

  it('a text of a million digits is refused at once, and not repeated whole', () => {
    const started = performance.now()
    const error = refusal('9'.repeat(1_000_000))
    expect(performance.now() - started).to.be.lessThan(30_000)
    expect(error.message.length).to.be.lessThan(200)
    expect(refusal(`x${'9'.repeat(1000)}`).message.length).to.be.lessThan(200)
  })
})
