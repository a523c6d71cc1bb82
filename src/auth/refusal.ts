import {type ErrorKind, ParixError} from '@parix/kit/errors'
import {excerpt} from '@parix/kit/text'
import type {CallbackAnswer} from './callback.js'

const DESCRIPTION_CHARACTERS_MAX = 200

/** Errors of the authorization endpoint (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6), each with a sentence of its own. */
const KNOWN = new Map<string, [kind: ErrorKind, sentence: string]>(
  Object.entries({
    access_denied: ['CANCELLED', 'You refused access in the browser.'],
    login_required: ['NOT_SIGNED_IN', 'The service wants you to sign in on its page first.'],
    consent_required: ['NOT_SIGNED_IN', 'The service wants your consent on its page first.'],
    interaction_required: ['NOT_SIGNED_IN', 'The service wants to ask you something on its page first.'],
    account_selection_required: ['NOT_SIGNED_IN', 'The service wants you to choose an account on its page first.'],
    server_error: ['UNAVAILABLE', 'The service failed while signing you in.'],
    temporarily_unavailable: ['UNAVAILABLE', 'The service is too busy to sign you in now.'],
    invalid_request: ['FAILED', 'The service did not understand the request to sign in.'],
    invalid_scope: ['FAILED', 'The service does not know what this program asks permission for.'],
    unauthorized_client: ['FAILED', 'The service does not let this program sign anyone in.'],
    unsupported_response_type: ['FAILED', 'The service does not offer this way of signing in.'],
  }),
)

/** What an answer without a usable code means, for a person. A refusal by the person says that and nothing else (1.5). */
export function refusalError(answer: Exclude<CallbackAnswer, {kind: 'code'}>): ParixError {
  if (answer.kind === 'unusable') {
    return new ParixError('FAILED', `The service's answer can't be used: ${answer.reason}.`, {
      code: 'unusable_answer',
      next: 'parix auth login',
    })
  }
  const [kind, sentence] = KNOWN.get(answer.error) ?? [
    'FAILED',
    `The service refused: ${excerpt(answer.error, 60) || 'no reason'}.`,
  ]
  const code = KNOWN.has(answer.error) ? answer.error : 'login_refused'
  if (code === 'access_denied') return new ParixError(kind, sentence, {code})
  const description = excerpt(answer.description ?? '', DESCRIPTION_CHARACTERS_MAX)
  const next = kind === 'NOT_SIGNED_IN' ? {next: 'parix auth login --prompt consent'} : {}
  return new ParixError(kind, sentence, {code, ...(description !== '' && {errors: [description]}), ...next})
}
