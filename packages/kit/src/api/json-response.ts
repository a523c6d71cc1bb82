import {isParixError, ParixError} from '../errors.js'
import {isWebPage, webPageSentence} from '../http/response.js'
import type {HttpResponse} from '../http.js'
import {type Json, parseJson} from '../json.js'
import {cleanLine} from '../text.js'
import {type Reader, UnexpectedShape} from './shape.js'

type JsonResponse = Pick<HttpResponse, 'status' | 'headers' | 'body' | 'url'>

/** Codes of the errors that say: a response came, and it could not be understood. */
const UNREADABLE: readonly string[] = ['web_page', 'broken_json', 'unreadable_answer']

/**
 * The JSON of a response, exact: integers beyond 2^53 are bigint. An empty body (204) is null.
 *
 * @throws ParixError UNAVAILABLE when it is a web page or not JSON (threats 3.18)
 */
export function readJsonResponse(response: JsonResponse): Json {
  const {status, url, body} = response
  if (isWebPage(response)) {
    throw new ParixError('UNAVAILABLE', `${url.origin} ${webPageSentence(response)}.`, {code: 'web_page', status})
  }
  if (body.length === 0) return null
  try {
    return parseJson(body.toString('utf8'))
  } catch {
    throw new ParixError('UNAVAILABLE', `${url.origin} responded with broken JSON (HTTP ${status}).`, {
      code: 'broken_json',
      status,
    })
  }
}

/**
 * The JSON of a response, in the shape that `read` checks it against.
 *
 * @throws ParixError UNAVAILABLE `unreadable_answer` when it has another one
 */
export function readChecked<T>(response: JsonResponse, read: Reader<T>): T {
  const body = readJsonResponse(response)
  try {
    return read(body)
  } catch (error) {
    if (!(error instanceof UnexpectedShape)) throw error
    const {status, url} = response
    const what = `A response of ${url.origin} is not what its contract says (${url.pathname}, HTTP ${status})`
    throw new ParixError('UNAVAILABLE', `${what}: ${cleanLine(error.message).slice(0, 300)}.`, {
      code: 'unreadable_answer',
      status,
    })
  }
}

/** Whether a response came that could not be understood: after a write, its outcome is then unknown. */
export function isUnreadable(error: unknown): boolean {
  return isParixError(error) && UNREADABLE.includes(error.code)
}
