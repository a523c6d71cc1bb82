import {PassThrough} from 'node:stream'
import {expect} from 'chai'
import {expectCallback} from '../../src/auth/callback.js'
import {offerPasted, pastedLines} from '../../src/auth/paste.js'

const STATE = 'our-state'
const PORT = 40_123
const RIGHT = `http://127.0.0.1:${PORT}/callback?code=abc&state=${STATE}`

describe('an address that a person pastes', () => {
  for (const [what, text] of [
    ['as it is', RIGHT],
    ['with blanks and a newline around it', `  ${RIGHT}\n`],
    ['in quotes', `"${RIGHT}"`],
    ['in angle brackets', `<${RIGHT}>`],
    ['with the marks of a bracketed paste', `\u001b[200~${RIGHT}\u001b[201~`],
    ['by the name localhost', RIGHT.replace('127.0.0.1', 'localhost')],
  ] as const) {
    it(`is the answer ${what}`, async () => {
      const callback = expectCallback(STATE)
      expect(offerPasted(text, PORT, callback)).to.equal('taken')
      const answer = await callback.answer
      expect(answer.kind === 'code' && answer.query.get('code')).to.equal('abc')
    })
  }

  for (const [what, text] of [
    ['nothing', ''],
    ['a code alone', 'abc'],
    ['the page before', `https://parix.example/api/oauth/cli/callback?code=abc&state=${STATE}`],
    ['another port', RIGHT.replace(String(PORT), '40124')],
    ['another host', RIGHT.replace('127.0.0.1', 'evil.example')],
    ['a host that hides in user info', RIGHT.replace('127.0.0.1', '127.0.0.1@evil.example')],
    ['https', RIGHT.replace('http:', 'https:')],
    ['another path', RIGHT.replace('/callback', '/callbackevil')],
  ] as const) {
    it(`is not looked at: ${what}`, () => {
      expect(offerPasted(text, PORT, expectCallback(STATE))).to.equal('unknown')
    })
  }

  it('threat 1.1: passes the same rules as on the wire: a foreign state is no answer', () => {
    const callback = expectCallback(STATE)
    expect(offerPasted(RIGHT.replace(STATE, 'other'), PORT, callback)).to.equal('foreign')
    expect(offerPasted(RIGHT, PORT, callback)).to.equal('taken')
  })

  it('threat 1.8: the browser and a paste together are taken once', () => {
    const callback = expectCallback(STATE)
    expect(callback.offer(new URL(RIGHT).searchParams)).to.equal('taken')
    expect(offerPasted(RIGHT, PORT, callback)).to.equal('idle')
  })

  describe('from a pipe', () => {
    it('is read line by line until the pipe ends', async () => {
      const input = new PassThrough()
      input.end('one\ntwo\n')
      const lines: string[] = []
      for await (const line of pastedLines(input, new AbortController().signal)) lines.push(line)
      expect(lines).to.deep.equal(['one', 'two'])
    })

    it('is let go when the sign-in is over', async () => {
      const input = new PassThrough()
      const over = new AbortController()
      const lines = pastedLines(input, over.signal)
      const next = lines.next()
      over.abort()
      expect((await next).done).to.equal(true)
      expect(input.isPaused()).to.equal(true)
    })
  })
})
