import {randomUUID} from 'node:crypto'
import type {MiddlewareHandler} from 'hono'

/** What `requestId` leaves in the context. */
export interface RequestIdVariables {
  requestId: string
}

/** Gives each request an id: it stands in the answer's `x-request-id`, in a problem's `instance` and in the log. */
export const requestId: MiddlewareHandler<{Variables: RequestIdVariables}> = async (c, next) => {
  const id = randomUUID()
  c.set('requestId', id)
  await next()
  // Answers that a redirect or another server made have headers that can't be changed.
  try {
    c.res.headers.set('x-request-id', id)
  } catch {
    c.res = new Response(c.res.body, c.res)
    c.res.headers.set('x-request-id', id)
  }
}
