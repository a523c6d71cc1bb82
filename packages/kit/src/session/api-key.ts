import {ParixError} from '../errors.js'

/** PARIX_API_KEY, trimmed; undefined when unset or empty. @throws ParixError BAD_INPUT when a header can't carry it */
export function apiKeyOf(environment: NodeJS.ProcessEnv): string | undefined {
  const key = environment.PARIX_API_KEY?.trim()
  if (!key) return undefined
  if (/^[\x20-\x7e]+$/.test(key)) return key
  throw new ParixError('BAD_INPUT', 'PARIX_API_KEY contains characters that are not allowed in a key.', {
    code: 'bad_api_key',
    hint: 'Copy the key once more, or unset PARIX_API_KEY to use your session.',
  })
}
