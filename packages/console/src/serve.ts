/** The console on a loopback port of its own, for one person: who has the address that is printed once. */

import {randomBytes, timingSafeEqual} from 'node:crypto'
import {createServer, type Server} from 'node:http'
import {getRequestListener} from '@hono/node-server'
import {createConsole} from './console.js'
import type {ConsoleHost, Visitor} from './host.js'

export interface ServedConsole {
  /** With the token in it. It works once. */
  url: string
  /** Resolves when nobody has asked for anything for so long that it ends by itself. */
  idle: Promise<void>
  close(): Promise<void>
}

export interface ServeOptions extends Omit<ConsoleHost, 'admit' | 'base' | 'tag'> {
  visitor: Visitor
  /** The page that the address leads to: `/books`. */
  path: string
  /** 0 takes a free port. */
  port: number
  idleMs: number
}

/** 128 bits, as text for an address or a cookie. */
const TOKEN_BYTES = 16

export async function serveConsole({visitor, path, port, idleMs, ...host}: ServeOptions): Promise<ServedConsole> {
  const guard = createGuard()
  const app = createConsole({
    ...host,
    base: '/console',
    tag: 'read-only',
    admit: async (request) => guard.admit(request) ?? visitor,
  })
  const clock = idleClock(idleMs)
  const server = createServer(
    {requestTimeout: 30_000, headersTimeout: 10_000},
    getRequestListener((request) => {
      clock.touch()
      const {hostname, pathname, searchParams} = new URL(request.url)
      // A page of another site can have its own name lead here (DNS rebinding): its name is in Host.
      if (hostname !== '127.0.0.1' || request.headers.get('host') !== guard.host)
        return plain(421, 'This console answers to 127.0.0.1 only.')
      if (pathname === '/enter' && request.method === 'GET')
        return guard.enter(searchParams.get('token') ?? '', `/console${path}`)
      if (pathname === '/') return new Response(null, {status: 303, headers: {location: '/console/'}})
      return app.fetch(request)
    }),
  )
  const number = await listen(server, port).catch((error: unknown) => {
    // A process that could not serve must not wait for visitors.
    clock.stop()
    throw error
  })
  guard.host = `127.0.0.1:${number}`
  return {
    url: `http://${guard.host}/enter?token=${guard.token}`,
    idle: clock.idle,
    async close() {
      clock.stop()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

/** The token of the address is exchanged for a cookie, once. Cookies don't tell ports apart, so its name has the port's part. */
function createGuard() {
  const session = randomBytes(TOKEN_BYTES).toString('base64url')
  let token: string | undefined = randomBytes(TOKEN_BYTES).toString('base64url')
  const cookieName = `parix_console_${randomBytes(4).toString('hex')}`
  return {
    host: '',
    token,
    enter(given: string, location: string): Response {
      if (token === undefined) return plain(403, 'This address was used before. Run the command again for a new one.')
      if (!same(given, token)) return plain(403, 'This address is not the one that was printed.')
      token = undefined
      // A page, not a redirect: the next request has to come from here for the browser to send a strict cookie, wherever the
      // address was opened from.
      const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${location}"><title>Parix</title><p><a href="${location}">Open the console</a></p>`
      return new Response(page, {
        headers: {
          ...PLAIN_HEADERS,
          'content-type': 'text/html; charset=utf-8',
          'set-cookie': `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`,
          // The token must not go anywhere from here.
          'referrer-policy': 'no-referrer',
        },
      })
    },
    /** @returns a refusal; undefined for who has the cookie */
    admit(request: Request): Response | undefined {
      const cookies = (request.headers.get('cookie') ?? '').split(/; */)
      const own = cookies.find((cookie) => cookie.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1) ?? ''
      if (!isOwnRequest(request)) return plain(403, 'Refused: another page asked for this.')
      return same(own, session) ? undefined : plain(403, 'Open the console by the address that the command printed.')
    },
  }
}

/** Cookies and sites don't tell ports apart: any other program of this machine is the same site, but not the same origin. */
function isOwnRequest(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  const navigates =
    request.method === 'GET' &&
    request.headers.get('sec-fetch-mode') === 'navigate' &&
    request.headers.get('sec-fetch-dest') === 'document'
  return site === null || site === 'same-origin' || site === 'none' || navigates
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, {status, headers: PLAIN_HEADERS})
}

const PLAIN_HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

function idleClock(idleMs: number): {touch(): void; stop(): void; idle: Promise<void>} {
  let timer: NodeJS.Timeout
  let over: () => void = () => undefined
  const idle = new Promise<void>((resolve) => {
    over = resolve
  })
  const touch = () => {
    clearTimeout(timer)
    timer = setTimeout(over, idleMs)
  }
  touch()
  return {touch, stop: () => clearTimeout(timer), idle}
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({host: '127.0.0.1', port}, () => resolve((server.address() as {port: number}).port))
  })
}
