import {ParixError} from '../errors.js'
import {isWebPage, webPageSentence} from '../http/web-page.js'
import type {HttpResponse} from '../http.js'
import {type Json, parseJson} from '../json.js'

/**
 * A JSON answer, exact: integers beyond 2^53 are bigint. An empty body (204) is null.
 *
 * @throws ParixError UNAVAILABLE when it is a web page or not JSON (threats 3.18)
 */
export function readJsonResponse(answer: Pick<HttpResponse, 'status' | 'headers' | 'body' | 'url'>): Json {
  const {status, url, body} = answer
  if (isWebPage(answer)) {
    throw new ParixError('UNAVAILABLE', `${url.origin} ${webPageSentence(answer)}.`, {code: 'web_page', status})
  }
  if (body.length === 0) return null
  try {
    return parseJson(body.toString('utf8'))
  } catch {
    throw new ParixError('UNAVAILABLE', `${url.origin} answered with broken JSON (HTTP ${status}).`, {
      code: 'broken_json',
      status,
    })
  }
}
