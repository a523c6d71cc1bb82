import type {MiddlewareHandler} from 'hono'
import {errorPage} from './error.js'

/**
 * Forms are taken from our own pages only (threat 2.11). Browsers send `Origin` with every form that is posted, and a
 * page of another site can't make them leave it out or change it.
 */
export const sameOriginOnly: MiddlewareHandler = async (c, next) => {
  const {method, url} = c.req
  if (method === 'GET' || method === 'HEAD') return next()
  const site = c.req.header('sec-fetch-site')
  const ours = c.req.header('origin') === new URL(url).origin && (site === undefined || site === 'same-origin')
  return ours ? next() : errorPage(403, 'This form did not come from a page of this service. Nothing was done.')
}
