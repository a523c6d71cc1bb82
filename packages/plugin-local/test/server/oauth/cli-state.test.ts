import {expect} from 'chai'
import fc from 'fast-check'
import {isLoopbackCallback, readCliState} from '../../../src/server/oauth/cli-redirect.js'
import {FOREIGN_CALLBACKS, OWN_CALLBACKS} from '../../support/callbacks.js'
import {packState} from '../../support/cli.js'

const NONCE = 'AAAAAAAAAAAAAAAAAAAAAA'

describe('the state of a CLI sign-in', () => {
  for (const uri of OWN_CALLBACKS) {
    it(`threat 2.4: may lead to ${uri}`, () => {
      expect(readCliState(packState({nonce: NONCE, redirectUri: uri}))).to.deep.equal({nonce: NONCE, redirectUri: uri})
    })
  }

  for (const uri of FOREIGN_CALLBACKS) {
    it(`threat 2.4: may not lead to ${JSON.stringify(uri)}`, () => {
      expect(readCliState(packState({nonce: NONCE, redirectUri: uri}))).to.equal(undefined)
    })
  }

  it('threat 2.4: whatever passes is on a loopback address for every reader of URLs', () => {
    const pieces = fc.constantFrom(
      ...['http://', 'https://', '127.0.0.1', 'localhost', '[::1]', 'evil.example', ':', '@', '/', '\\', '.', '#', '?'],
      ...['callback', '/callback', '8080', '%2e', '\t', '\n', ' ', '0', '[::ffff:127.0.0.1]', '//'],
    )
    fc.assert(
      fc.property(fc.array(pieces, {maxLength: 8}), (parts) => {
        const uri = parts.join('')
        if (!isLoopbackCallback(uri)) return
        const {protocol, hostname, pathname, username, password, search, hash} = new URL(uri)
        expect({protocol, pathname, username, password, search, hash}).to.deep.equal({
          protocol: 'http:',
          pathname: '/callback',
          username: '',
          password: '',
          search: '',
          hash: '',
        })
        expect(['127.0.0.1', 'localhost', '[::1]']).to.include(hostname)
      }),
      {numRuns: 2000},
    )
  })

  const good = {nonce: NONCE, redirectUri: 'http://127.0.0.1:4000/callback'}
  const bad: Record<string, string | undefined> = {
    nothing: undefined,
    'the empty text': '',
    'not base64url': '***',
    'base64 with signs of the other alphabet': Buffer.from(JSON.stringify(good)).toString('base64').replace('e', '+'),
    'not JSON': packState('{nonce'),
    'JSON null': packState('null'),
    'a number': packState('5'),
    'a text': packState('"x"'),
    'an array': packState([good]),
    'nested values': packState({...good, more: {redirectUri: 'http://127.0.0.1:4000/callback'}}),
    'an array as redirectUri': packState({...good, redirectUri: [good.redirectUri]}),
    'an object as nonce': packState({...good, nonce: {}}),
    'with __proto__ as an object': packState(
      `{"__proto__": {"redirectUri": "${good.redirectUri}"}, "nonce": "${NONCE}"}`,
    ),
    'with __proto__ as text': packState(
      `{"__proto__": "x", "nonce": "${NONCE}", "redirectUri": "${good.redirectUri}"}`,
    ),
    'no nonce': packState({redirectUri: good.redirectUri}),
    'a nonce of a few bits': packState({...good, nonce: 'abc'}),
    'no redirectUri': packState({nonce: NONCE}),
    'invalid UTF-8': Buffer.from([0xff, 0xfe, 0x7b]).toString('base64url'),
    'more than 2,048 characters': packState({...good, nonce: 'A'.repeat(4000)}),
  }
  for (const [what, state] of Object.entries(bad)) {
    it(`threat 2.5: is refused when it is ${what}`, () => {
      expect(readCliState(state)).to.equal(undefined)
    })
  }

  it('threat 2.5: never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => void readCliState(text)))
    fc.assert(fc.property(fc.jsonValue(), (value) => void readCliState(packState(JSON.stringify(value)))))
  })
})
