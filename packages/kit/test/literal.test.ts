import {expect} from 'chai'
import fc from 'fast-check'
import {endOfDigits, fourDigits, isAt, literalOf, viewOf} from '../src/literal.js'

describe('bytes, several at a time', () => {
  /** Somewhere in a larger piece of memory, as the blocks of a file are. */
  function within(text: string): Buffer {
    const memory = Buffer.from(`9999${text}99999999`, 'latin1')
    return memory.subarray(4, 4 + text.length)
  }
  const near = fc
    .array(fc.constantFrom(...'0123456789/:aA\u0000\u007f\u00b5\u00ff "'), {maxLength: 40})
    .map((all) => all.join(''))

  it('digits end where the first other byte is, or the buffer', () =>
    fc.assert(
      fc.property(near, fc.nat({max: 40}), (text, at) => {
        const start = Math.min(at, text.length)
        const buffer = within(text)
        const [digits] = /^[0-9]*/.exec(text.slice(start))!
        expect(endOfDigits(buffer, viewOf(buffer), start)).to.equal(start + digits.length)
      }),
      {numRuns: 2000},
    ))

  it('each byte ends the digits of which it is not one, wherever it stands', () => {
    for (let byte = 0; byte < 256; byte++) {
      for (let place = 0; place < 9; place++) {
        const buffer = within('123456789')
        buffer[place] = byte
        const isDigit = byte >= 0x30 && byte <= 0x39
        expect(endOfDigits(buffer, viewOf(buffer), 0), `${byte} at ${place}`).to.equal(isDigit ? 9 : place)
      }
    }
  })

  it('a text is where all of its bytes are, and nowhere beyond the end', () =>
    fc.assert(
      fc.property(near, near, fc.nat({max: 40}), fc.boolean(), (text, other, at, there) => {
        const start = Math.min(at, text.length)
        const expected = there ? text.slice(start) : other
        const buffer = within(text)
        expect(isAt(literalOf(expected), buffer, viewOf(buffer), start)).to.equal(text.startsWith(expected, start))
      }),
      {numRuns: 2000},
    ))

  it('one byte that differs is enough', () => {
    const text = '{"index":'
    for (let place = 0; place < text.length; place++) {
      const buffer = within(text)
      buffer[place]! ^= 1
      expect(isAt(literalOf(text), buffer, viewOf(buffer), 0), String(place)).to.equal(false)
    }
  })

  it('bytes that are no number, or a zero, as doubles are told apart all the same', () => {
    const zero = '\u0000'.repeat(8)
    const negative = `${'\u0000'.repeat(7)}\u0080`
    const none = `${'\u0000'.repeat(6)}\u00f8\u007f`
    const other = `\u0001${'\u0000'.repeat(5)}\u00f8\u007f`
    for (const text of [zero, negative, none, other])
      for (const found of [zero, negative, none, other])
        for (const [before, after] of [
          ['', ''],
          ['12345678', ''],
          ['123', ''],
          ['', '12345678'],
          ['', '123'],
        ]) {
          const buffer = within(`${before}${found}${after}`)
          const isThere = isAt(literalOf(`${before}${text}${after}`), buffer, viewOf(buffer), 0)
          expect(isThere, JSON.stringify([before, text, found, after])).to.equal(text === found)
        }
  })

  it('four digits are a number, and any other byte among them makes none', () => {
    for (let number = 0; number < 10_000; number++) {
      const buffer = within(String(number).padStart(4, '0'))
      expect(fourDigits(viewOf(buffer), 0)).to.equal(number)
    }
    for (let byte = 0; byte < 256; byte++) {
      if (byte >= 0x30 && byte <= 0x39) continue
      for (let place = 0; place < 4; place++) {
        const buffer = within('1234')
        buffer[place] = byte
        expect(fourDigits(viewOf(buffer), 0), `${byte} at ${place}`).to.equal(-1)
      }
    }
  })
})
