import {createHash, randomBytes} from 'node:crypto'
import type {CliState} from '@parix/kit/contract'

/** What one attempt to sign in is recognised by. Nothing of it is ever used for a second attempt (auth-threats 2.3). */
export interface Attempt {
  /** base64url of the JSON `CliState`: goes through the browser, and must come back as it was. */
  state: string
  /** RFC 7636 §4.1: stays in this process until the token request. */
  verifier: string
  /** RFC 7636 §4.2, S256: base64url(sha256(verifier)). */
  challenge: string
}

/** 256 bits each, more than the 128 that RFC 6749 §10.10 and RFC 7636 §7.1 ask for. */
const SECRET_BYTES = 32

/** A new attempt whose answer is to come to `redirectUri`, the address of the loopback listener. */
export function beginAttempt(redirectUri: string): Attempt {
  const state: CliState = {nonce: secret(), redirectUri}
  const verifier = secret()
  return {
    state: Buffer.from(JSON.stringify(state)).toString('base64url'),
    verifier,
    challenge: createHash('sha256').update(verifier).digest('base64url'),
  }
}

function secret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}
