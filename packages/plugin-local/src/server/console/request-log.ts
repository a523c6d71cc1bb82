/** The latest requests to the API, for the page that shows them. Credentials are not among what is kept. */

import type {MiddlewareHandler} from 'hono'

export interface LoggedRequest {
  id: string
  /** Milliseconds since 1970. */
  at: number
  method: string
  /** With the query. */
  path: string
  status: number
  ms: number
  /** What the body was, if it was small enough to keep. */
  body: string | undefined
  /** What a problem says. */
  problem: string | undefined
}

export interface RequestLog {
  add(organizationId: string, request: LoggedRequest): void
  /** Newest first. */
  of(organizationId: string): readonly LoggedRequest[]
}

const KEPT_MAX = 1_000
const ORGANIZATIONS_MAX = 50
const BODY_CHARACTERS_MAX = 4_096
const PATH_CHARACTERS_MAX = 1_024

export function createRequestLog(): RequestLog {
  const kept = new Map<string, LoggedRequest[]>()
  return {
    add(organizationId, request) {
      const list = kept.get(organizationId) ?? []
      kept.delete(organizationId)
      kept.set(organizationId, list)
      list.push(request)
      if (list.length > KEPT_MAX) list.splice(0, list.length - KEPT_MAX)
      for (const oldest of kept.keys()) {
        if (kept.size <= ORGANIZATIONS_MAX) break
        kept.delete(oldest)
      }
    },
    of: (organizationId) => [...(kept.get(organizationId) ?? [])].reverse(),
  }
}

/** What routes leave in the context for the log. */
export interface LogVariables {
  requestId: string
  principal?: {organizationId: string}
  /** The body as it came. */
  requestBody?: Uint8Array
}

/** Notes every request of a signed-in caller. */
export function noteRequests(log: RequestLog): MiddlewareHandler<{Variables: LogVariables}> {
  return async (c, next) => {
    const at = Date.now()
    const started = performance.now()
    await next()
    const organizationId = c.get('principal')?.organizationId
    if (organizationId === undefined) return
    const ms = performance.now() - started
    const {pathname, search} = new URL(c.req.url)
    const body = c.get('requestBody')
    log.add(organizationId, {
      id: c.get('requestId'),
      at,
      method: c.req.method,
      path: (pathname + search).slice(0, PATH_CHARACTERS_MAX),
      status: c.res.status,
      ms,
      body: body === undefined || body.length > BODY_CHARACTERS_MAX ? undefined : Buffer.from(body).toString('utf8'),
      problem: c.res.status >= 400 ? await problemOf(c.res) : undefined,
    })
  }
}

async function problemOf(response: Response): Promise<string | undefined> {
  try {
    const {detail} = (await response.clone().json()) as {detail?: unknown}
    return typeof detail === 'string' ? detail : undefined
  } catch {
    return undefined
  }
}
