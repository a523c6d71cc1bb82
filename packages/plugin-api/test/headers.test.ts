import {expect} from 'chai'
import {parseHeaders} from '../src/headers.js'

describe('-H', () => {
  it('reads names and values, and makes a list of a name given twice', () => {
    expect(
      parseHeaders([
        'X-Trace:  a b ',
        'accept: text/plain',
        'ACCEPT: */*',
        'x-empty:',
        'x-colon: a:b',
        'x-é: ü'.replace('é', 'e'),
      ]),
    ).to.deep.equal({'x-trace': 'a b', accept: 'text/plain, */*', 'x-empty': '', 'x-colon': 'a:b', 'x-e': 'ü'})
  })

  const wrong: [string, string][] = [
    ['a line feed', 'x-a: secret\nx-b: c'],
    ['a carriage return', 'x-a: secret\r\nx-b: c'],
    ['a NUL', 'x-a: secret\u0000'],
    ['an escape', 'x-a: secret\u001b[31m'],
    ['no colon', 'secret'],
    ['an empty name', ': secret'],
    ['a blank in the name', 'x a: secret'],
    ['a blank before the colon', 'x-a : secret'],
    ['a line feed in the name', 'x-a\nx-b: secret'],
    ['a value outside Latin-1', 'x-a: secret\u0410'],
    ['Host', 'Host: secret'],
    ['Content-Length', 'content-length: 7'],
    ['Transfer-Encoding', 'Transfer-Encoding: chunked'],
    ['Connection', 'CONNECTION: close'],
    ['Upgrade', 'upgrade: h2c'],
    ['Expect', 'expect: 100-continue'],
  ]
  for (const [what, text] of wrong) {
    it(`threat 3.11: ${what} is refused in one sentence, without the value`, () => {
      try {
        parseHeaders([text])
        expect.fail('it passed')
      } catch (error) {
        expect(error).to.include({kind: 'BAD_INPUT', exitCode: 2, code: 'bad_header'})
        expect((error as Error).message)
          .to.match(/^Nothing was sent: [^\n]+\.$/)
          .and.not.include('secret')
      }
    })
  }

  it('threat 3.10: a credential can be given once, not twice', () => {
    expect(() => parseHeaders(['authorization: a', 'Authorization: b'])).to.throw(/given twice/)
  })
})
