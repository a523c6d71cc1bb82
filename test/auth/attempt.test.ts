import {createHash} from 'node:crypto'
import {expect} from 'chai'
import {beginAttempt} from '../../src/auth/attempt.js'

const REDIRECT_URI = 'http://127.0.0.1:40000/callback'

describe('an attempt to sign in', () => {
  it('threat 2.3: verifier and nonce are long and never the same twice', () => {
    const attempts = Array.from({length: 100}, () => beginAttempt(REDIRECT_URI))
    expect(new Set(attempts.map(({verifier}) => verifier)).size).to.equal(100)
    expect(new Set(attempts.map(({state}) => state)).size).to.equal(100)
    for (const {verifier, state} of attempts) {
      expect(Buffer.from(verifier, 'base64url').length).to.be.at.least(32)
      const {nonce} = JSON.parse(Buffer.from(state, 'base64url').toString())
      expect(Buffer.from(nonce, 'base64url').length).to.be.at.least(16)
      expect(nonce).to.not.equal(verifier)
    }
  })

  it('the state tells the service where to send the browser, as the contract has it', () => {
    const {state} = beginAttempt(REDIRECT_URI)
    expect(state).to.match(/^[\w-]+$/)
    expect(JSON.parse(Buffer.from(state, 'base64url').toString())).to.have.keys('nonce', 'redirectUri')
    expect(JSON.parse(Buffer.from(state, 'base64url').toString()).redirectUri).to.equal(REDIRECT_URI)
  })

  it('threat 2.1: the challenge is S256 of the verifier (RFC 7636 §4.2)', () => {
    const {verifier, challenge} = beginAttempt(REDIRECT_URI)
    expect(verifier).to.match(/^[\w.~-]{43,128}$/)
    expect(challenge).to.equal(createHash('sha256').update(verifier).digest('base64url'))
  })
})
