/// <reference path="./proxy-from-env.d.ts" />
import type {Agent} from 'node:http'
import {ParixError} from '../errors.js'
import {isLoopback} from '../origin.js'

export interface HttpsProxy {
  agent: Agent
  /** For messages: host and port, without user and password. */
  host: string
  /** Whether a user name or password is sent to it. */
  authorized: boolean
  /** Closes a connection to the proxy that has not been answered yet; `agent` keeps no reference to it. */
  close(): void
}

/**
 * The proxy for `target` by HTTPS_PROXY, ALL_PROXY and NO_PROXY (lower case too), for one request; undefined where none
 * applies. Loopback never goes through a proxy, which would see the local service's tokens (threats 3.16). The packages
 * are loaded only when a variable is set.
 *
 * @throws ParixError BAD_INPUT when the variable is not the address of an http or https proxy
 */
export async function proxyFor(target: URL): Promise<HttpsProxy | undefined> {
  if (isLoopback(target) || !proxyIsConfigured()) return undefined
  const {getProxyForUrl} = await import('proxy-from-env')
  const text = getProxyForUrl(target)
  if (text === '') return undefined
  const proxy = parseProxy(text)
  const {HttpsProxyAgent} = await import('https-proxy-agent')
  // The library writes the proxy's address to its debug log: user and password go by a header, and it never sees them.
  const headers = proxyAuthorization(proxy)
  proxy.username = ''
  proxy.password = ''
  const pending = new AbortController()
  // Node's `net.connect` takes a signal; the library passes its options on, and its types don't list this one.
  const options = {headers, signal: pending.signal} as ConstructorParameters<typeof HttpsProxyAgent>[1]
  return {
    agent: new HttpsProxyAgent(proxy, options) as unknown as Agent,
    host: proxy.host,
    authorized: Object.keys(headers).length > 0,
    close: () => pending.abort(),
  }
}

function proxyIsConfigured(): boolean {
  return Object.keys(process.env).some((name) => /^(https|http|all)_proxy$/i.test(name) && process.env[name] !== '')
}

/** Without a scheme people mean http, as curl does; the library would take the target's. */
function parseProxy(text: string): URL {
  const named = Object.entries(process.env).some(([name, value]) => /^(https|all)_proxy$/i.test(name) && value === text)
  const address = named ? text : text.replace(/^https:/, 'http:')
  if (!URL.canParse(address)) throw badProxy('is not a URL')
  const proxy = new URL(address)
  if (proxy.protocol === 'http:' || proxy.protocol === 'https:') return proxy
  throw badProxy(`is a ${proxy.protocol.slice(0, -1)} proxy; only http and https proxies are supported`)
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '' && proxy.password === '') return {}
  const pair = [proxy.username, proxy.password].map(decoded).join(':')
  return {'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}`}
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw badProxy("has a user name or password with a stray %: write '%25' for it")
  }
}

/** Without the address itself: there may be a password in it. */
function badProxy(what: string): ParixError {
  return new ParixError('BAD_INPUT', `The proxy of HTTPS_PROXY or ALL_PROXY ${what}. Nothing was sent.`, {
    code: 'bad_proxy',
    next: 'Write it like this: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT',
  })
}
