import {clean, cleanLine, excerpt} from '@parix/kit/text'
import {anyText} from '@parix/testkit/any-text'
import {expect} from 'chai'
import fc from 'fast-check'

/** Half of a character beyond the basic plane. */
const HALF = /\p{Surrogate}/u

describe('text of the service on a terminal', () => {
  const shown: [string, string, string][] = [
    ['a clipboard write', '\u001b]52;c;aGk=\u0007', '\\u001b]52;c;aGk=\\u0007'],
    ['a cursor move', '\u001b[2J', '\\u001b[2J'],
    ['an 8-bit control', '\u009b2J', '\\u009b2J'],
    ['carriage return and backspace', 'a\rb\b', 'a\\u000db\\u0008'],
    ['bidirectional controls', 'a\u202eb\u2066', 'a\\u202eb\\u2066'],
    ['invisible characters', 'a\u200bb\ufeff\u00ad', 'a\\u200bb\\ufeff\\u00ad'],
    ['tags', 'a\u{e0041}', 'a\\u{e0041}'],
    ['names of people', 'Zoë 李 🚀', 'Zoë 李 🚀'],
    ['tabs and lines', 'a\tb\nc', 'a\tb\nc'],
  ]
  for (const [what, text, expected] of shown) {
    it(`threat 7.9: ${what}`, () => expect(clean(text)).to.equal(expected))
  }

  it('law: no control character gets through, and what is clean stays as it is', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(clean(text)).not.to.match(
          /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/,
        )
        expect(cleanLine(text)).not.to.match(/[\t\n]/)
        expect(clean(clean(text))).to.equal(clean(text))
      }),
    )
  })

  it('law: an excerpt is one line of at most so many characters, and never half of one', () => {
    fc.assert(
      fc.property(anyText(), fc.integer({min: 1, max: 50}), (text, max) => {
        fc.pre(!HALF.test(text))
        const short = excerpt(text, max)
        expect(short.length).to.be.at.most(max)
        expect(short).not.to.match(/[\r\n\t]/)
        expect(short).not.to.match(HALF)
      }),
    )
    expect(excerpt('  a\n\n b  ', 10)).to.equal('a b')
    expect(excerpt('abcdef', 4)).to.equal('abc…')
  })
})
