/**
 * Takes a credential out of what a service sends back: a refusal that repeats the request, as proxies send it, would show it
 * on the terminal and in logs.
 */

/** Shorter texts may be in a response by chance. */
const SECRET_LENGTH_MIN = 12
const HIDDEN = '[hidden]'

/** The values of headers that carry a credential, and their parts: `Bearer TOKEN`, `session=TOKEN; a=b`. The longest come first. */
export function secretsInHeaders(headers: Record<string, string>): string[] {
  const parts = Object.values(headers).flatMap((value) => [value, ...value.split(/[\s;=]+/)])
  return [...new Set(parts)]
    .filter((secret) => secret.length >= SECRET_LENGTH_MIN)
    .sort((one, other) => other.length - one.length)
}

export function hide(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text)
}

export function hideInHeaders(headers: Record<string, string>, secrets: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, hide(value, secrets)]))
}

export function withoutSecrets<R extends {headers: Record<string, string>; body: Buffer}>(
  response: R,
  secrets: readonly string[],
): R {
  return {
    ...response,
    headers: hideInHeaders(response.headers, secrets),
    body: hideInBytes(response.body, secrets.map(asLatin1)),
  }
}

/** As `withoutSecrets`, for a body of any size: as much is held back as a secret that is split over chunks could begin with. */
export async function* hideInChunks(body: AsyncIterable<Buffer>, secrets: readonly string[]): AsyncGenerator<Buffer> {
  const wanted = secrets.map(asLatin1)
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of body) {
    const bytes = hideInBytes(Buffer.concat([held, chunk]), wanted)
    const passed = bytes.length - beginning(bytes.toString('latin1'), wanted)
    held = bytes.subarray(passed)
    if (passed > 0) yield bytes.subarray(0, passed)
  }
  if (held.length > 0) yield held
}

/** Latin 1 has a character for each byte, so that bytes that are not UTF-8 stay as they are. */
function hideInBytes(bytes: Buffer, secrets: readonly string[]): Buffer {
  if (!secrets.some((secret) => bytes.includes(secret, 'latin1'))) return bytes
  return Buffer.from(hide(bytes.toString('latin1'), secrets), 'latin1')
}

/** How many characters at the end of `text` may be the beginning of a secret. */
function beginning(text: string, secrets: readonly string[]): number {
  const longest = Math.max(0, ...secrets.map(({length}) => length - 1))
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(text.length - length)
    if (secrets.some((secret) => secret.startsWith(end))) return length
  }
  return 0
}

function asLatin1(secret: string): string {
  return Buffer.from(secret, 'utf8').toString('latin1')
}
