import {ParixError} from '@parix/kit/errors'
import {cleanLine} from '@parix/kit/text'

/** They say where a message ends or where it goes: a wrong one would smuggle a second request past a proxy. */
const OURS = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'proxy-authorization',
  'proxy-connection',
]

/** Those of which HTTP knows one value only. */
const SINGLE = ['authorization', 'x-api-key', 'content-type', 'user-agent', 'cookie']

/**
 * `-H 'name: value'`, each checked before anything is sent (threats 3.11). A name given twice becomes a list.
 *
 * @returns values by names in lower case
 * @throws ParixError BAD_INPUT; the message never repeats the value, which may be a secret
 */
export function parseHeaders(texts: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (const text of texts) {
    const [name, value] = parseHeader(text)
    const before = headers.get(name)
    if (before !== undefined && SINGLE.includes(name)) throw bad(`the header ${name} is given twice`)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(headers)
}

function parseHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(':')
  if (colon === -1) throw bad('there is no colon in it')
  const name = text.slice(0, colon)
  const value = text.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')
  if (name === '') throw bad('the name is empty')
  // RFC 9110 §5.6.2: a name is a token.
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    throw bad(
      `a name can't contain spaces or special characters, as in ${JSON.stringify(cleanLine(name.slice(0, 40)))}`,
    )
  }
  if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(value)) {
    throw bad(`the value of ${name} holds a character that HTTP can't carry (a line break, or one outside Latin-1)`)
  }
  const lower = name.toLowerCase()
  if (OURS.includes(lower)) throw bad(`${lower} is set by parix itself`)
  return [lower, value]
}

function bad(reason: string): ParixError {
  return new ParixError('BAD_INPUT', `Nothing was sent: -H is wrong: ${reason}.`, {
    code: 'bad_header',
    next: "Write it like this: -H 'accept: application/json'",
  })
}
