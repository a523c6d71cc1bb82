import type {Problem} from '@parix/kit/contract'
import {stringifyJson} from '@parix/kit/json'

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  421: 'Misdirected request',
  422: 'Invalid',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available',
}

/**
 * Problem details (RFC 9457). `message` says the same as `detail`: older clients read that.
 */
export function problem(
  status: number,
  detail: string,
  more: Partial<Problem> = {},
  headers: Record<string, string> = {},
): Response {
  const all = new Headers(headers)
  all.set('content-type', 'application/problem+json')
  all.set('cache-control', 'no-store')
  const body: Problem = {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    message: detail,
    ...more,
  }
  return new Response(stringifyJson(body, 0), {status, headers: all})
}

/** 401 with the challenge that RFC 6750 §3 asks for. */
export function notSignedIn(): Response {
  return problem(
    401,
    'Sign in, or send an API key: the credential is missing, unknown, or has ended.',
    {},
    {
      'www-authenticate': 'Bearer realm="parix"',
    },
  )
}
