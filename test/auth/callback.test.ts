import {PassThrough} from 'node:stream'
import {expect} from 'chai'
import {acceptPasted, expectCallback, pastedLines, refusalError} from '../../src/auth/callback.js'

const refusal = (error: string, description?: string) => refusalError({kind: 'error', error, description})

describe('what an answer without a code means', () => {
  it('threat 1.5: a refusal says that and nothing else', () => {
    const error = refusal('access_denied', 'The user said no. <b>Call us</b>')
    expect(error.message).to.equal('You refused access in the browser.')
    expect(error.details).to.deep.equal({code: 'access_denied'})
    expect(error.exitCode).to.equal(2)
  })

  for (const [code, sentence, exitCode] of [
    ['login_required', /sign in on its page first/, 4],
    ['consent_required', /consent/, 4],
    ['interaction_required', /ask you something/, 4],
    ['server_error', /service failed/, 75],
    ['temporarily_unavailable', /too busy/, 75],
    ['invalid_scope', /does not know/, 1],
    ['unauthorized_client', /does not allow parix/, 1],
    ['invalid_request', /did not understand/, 1],
  ] as const) {
    it(`threat 1.6: ${code} has a sentence of its own`, () => {
      const error = refusal(code, 'because')
      expect(error.message).to.match(sentence)
      expect([error.exitCode, error.code, error.details.errors]).to.deep.equal([exitCode, code, ['because']])
    })
  }

  it('threat 1.6: an unknown code is shown cleaned, and short', () => {
    const error = refusal(`\u001b]52;c;aGk=\u0007${'x'.repeat(500)}`, `\u202eevil\n${'y'.repeat(500)}`)
    expect(error.code).to.equal('login_refused')
    expect(error.message)
      .to.contain('\\u001b')
      .and.not.match(/[\u0000-\u001f\u202e]/)
    expect(error.message.length).to.be.lessThan(120)
    expect(error.details.errors![0]).to.not.match(/[\u0000-\u001f\u202e]/)
    expect(error.details.errors![0]!.length).to.be.lessThan(250)
  })

  for (const name of ['toString', '__proto__', 'constructor', '']) {
    it(`threat 1.6: "${name}" is an unknown code like any other`, () => {
      expect(refusal(name).message).to.match(/^The service refused: /)
    })
  }

  it('threat 1.3: an answer without a code says so', () => {
    expect(refusalError({kind: 'unusable', reason: 'it holds no code'}).message).to.contain('it holds no code')
  })
})

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
      expect(acceptPasted(text, PORT, callback)).to.equal('taken')
      const response = await callback.response
      expect(response.kind === 'code' && response.query.get('code')).to.equal('abc')
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
      expect(acceptPasted(text, PORT, expectCallback(STATE))).to.equal('unknown')
    })
  }

  it('threat 1.1: passes the same rules as on the wire: a foreign state is not an answer', () => {
    const callback = expectCallback(STATE)
    expect(acceptPasted(RIGHT.replace(STATE, 'other'), PORT, callback)).to.equal('foreign')
    expect(acceptPasted(RIGHT, PORT, callback)).to.equal('taken')
  })

  it('threat 1.8: the browser and a paste together are taken once', () => {
    const callback = expectCallback(STATE)
    expect(callback.accept(new URL(RIGHT).searchParams)).to.equal('taken')
    expect(acceptPasted(RIGHT, PORT, callback)).to.equal('idle')
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
