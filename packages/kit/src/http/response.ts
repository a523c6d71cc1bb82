import {excerpt} from '../text.js'
import type {HttpResponse} from './send.js'

/** Whether a proxy or a login page answered in the service's place (threats 3.18). */
export function isWebPage({headers, body}: Pick<HttpResponse, 'headers' | 'body'>): boolean {
  const type = headers['content-type'] ?? ''
  return /\bhtml\b/i.test(type) || /^\s*<(!doctype|html)\b/i.test(body.subarray(0, 512).toString('latin1'))
}

/** `responded with a web page instead of JSON (HTTP 502): Bad gateway`. */
export function webPageSentence({status, body}: Pick<HttpResponse, 'status' | 'body'>): string {
  const text = body
    .subarray(0, 20_000)
    .toString('utf8')
    .replace(/<(script|style)\b.*?<\/\1\s*>/gis, ' ')
    .replace(/<[^>]*>/g, ' ')
  const words = excerpt(text, 120)
  return `responded with a web page instead of JSON (HTTP ${status})${words === '' ? '' : `: ${words}`}`
}

/** In seconds. Better Auth sends only `X-Retry-After`; both are seconds, and `Retry-After` may be a date (RFC 9110 §10.2.3). */
export function retryAfterSeconds(headers: Record<string, string>, now = Date.now()): number | undefined {
  const text = headers['retry-after'] ?? headers['x-retry-after']
  if (text === undefined) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return Number(text)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}
