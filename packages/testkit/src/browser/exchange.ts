import {type IncomingHttpHeaders, request} from 'node:http'

export interface Exchange {
  method: 'GET' | 'POST'
  body?: string
  /** The origin of the page that asked for it; undefined when typed. */
  from?: string
  /** Replace what the browser sends of its own accord. */
  headers?: Record<string, string>
}

export interface BrowserResponse {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/**
 * What a browser sends of its own accord when it navigates to `url`.
 *
 * @param chain the origins on the way from the page that asked to `url`, redirects included
 */
export function browserHeaders(
  {method, body = '', from, headers}: Exchange,
  chain: readonly string[],
  cookie: string | undefined,
): Record<string, string> {
  return {
    accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
    'user-agent': 'parix-testkit',
    'sec-fetch-site': fetchSite(from, chain),
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    ...(cookie !== undefined && {cookie}),
    ...(method === 'POST' && {
      origin: from ?? 'null',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(Buffer.byteLength(body)),
    }),
    ...headers,
  }
}

/** Fetch Metadata §2.3: `none` when typed; else by the worst relation between the page that asked and all on the way. */
function fetchSite(from: string | undefined, chain: readonly string[]): string {
  if (from === undefined) return 'none'
  if (chain.every((origin) => origin === from)) return 'same-origin'
  const site = new URL(from).hostname
  return chain.every((origin) => new URL(origin).hostname === site) ? 'same-site' : 'cross-site'
}

/** One request and its whole response, without the headers that `fetch` adds by itself. Redirects are not followed. */
export function send(
  url: URL,
  method: string,
  headers: Record<string, string>,
  body: string | undefined,
  timeoutMs: number,
): Promise<BrowserResponse> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {method, headers, agent: false, timeout: timeoutMs}, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({status: response.statusCode ?? 0, headers: response.headers, text})
      })
    })
    sent.on('timeout', () => sent.destroy(new Error(`No answer from ${url.href}`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Cookies by host; a host's cookies go to all of its ports, as in real browsers. */
interface CookieJar {
  /** The `Cookie` header for a host, or undefined when there are none. */
  header(hostname: string): string | undefined
  /** Takes in the `Set-Cookie` lines of a response. */
  keep(hostname: string, lines: readonly string[]): void
  of(hostname: string): ReadonlyMap<string, string>
}

export function createCookieJar(): CookieJar {
  const hosts = new Map<string, Map<string, string>>()
  const of = (hostname: string) => hosts.get(hostname) ?? new Map<string, string>()
  return {
    of,
    header(hostname) {
      const pairs = [...of(hostname)].map(([name, value]) => `${name}=${value}`)
      return pairs.length > 0 ? pairs.join('; ') : undefined
    },
    keep(hostname, lines) {
      const cookies = of(hostname)
      hosts.set(hostname, cookies)
      for (const line of lines) {
        const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
        const split = pair.indexOf('=')
        const gone = attributes.some((attribute) => /^max-age=(0|-\d+)$/i.test(attribute))
        if (gone) cookies.delete(pair.slice(0, split))
        else cookies.set(pair.slice(0, split), pair.slice(split + 1))
      }
    },
  }
}
