import {expect} from 'chai'
import {refusalError} from '../../src/auth/refusal.js'

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
    ['unauthorized_client', /does not let this program/, 1],
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
