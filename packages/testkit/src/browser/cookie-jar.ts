/** Cookies by host; a host's cookies go to all of its ports, as in real browsers. */
export interface CookieJar {
  /** The `Cookie` header for a host, or undefined when there are none. */
  header(hostname: string): string | undefined
  /** Takes in the `Set-Cookie` lines of an answer. */
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
