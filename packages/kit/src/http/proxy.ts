/// <reference path="./proxy-from-env.d.ts" />
import type {Agent} from 'node:http'
import {ParixError} from '../errors.js'
import {isLoopback} from '../origin.js'

export interface Proxy {
  agent: Agent
  /** For messages: host and port, without user and password. */
  host: string
}

/**
 * The proxy that HTTPS_PROXY, ALL_PROXY and NO_PROXY mean (lower case too); undefined where none is meant. Loopback is never
 * asked of a proxy: it would see the local service's tokens (threats 3.16). The packages are loaded only when a variable
 * is set.
 *
 * @throws ParixError BAD_INPUT when the variable holds no address
 */
export async function proxyFor(target: URL): Promise<Proxy | undefined> {
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
  return {agent: new HttpsProxyAgent(proxy, {headers}) as unknown as Agent, host: proxy.host}
}

function proxyIsConfigured(): boolean {
  return Object.keys(process.env).some((name) => /^(https|http|all)_proxy$/i.test(name) && process.env[name] !== '')
}

/** Without a scheme people mean http, as curl does; the library would take the target's. */
function parseProxy(text: string): URL {
  const named = Object.entries(process.env).some(([name, value]) => /^(https|all)_proxy$/i.test(name) && value === text)
  const address = named ? text : text.replace(/^https:/, 'http:')
  if (!URL.canParse(address)) throw badProxy('is not an address')
  return new URL(address)
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
    throw badProxy("has a user name or password with a % that begins no character: write '%25' for it")
  }
}

/** Without the address itself: there may be a password in it. */
function badProxy(what: string): ParixError {
  return new ParixError('BAD_INPUT', `The proxy of HTTPS_PROXY or ALL_PROXY ${what}. Nothing was sent.`, {
    code: 'bad_proxy',
    next: 'Write it like this: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT',
  })
}
