/** Better Auth sends only `X-Retry-After`; both are seconds, and `Retry-After` may be a date (RFC 9110 §10.2.3). */
export function retryAfterSeconds(headers: Record<string, string>, now = Date.now()): number | undefined {
  const text = headers['retry-after'] ?? headers['x-retry-after']
  if (text === undefined) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return Number(text)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}
