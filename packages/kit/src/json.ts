import {isLosslessNumber, LosslessNumber, parse} from 'lossless-json'

/**
 * JSON whose numbers survive: ids and amounts are up to 128 bits, and `JSON.parse` would round them to doubles without a
 * word (`9007199254740993` becomes `…992`).
 */

/** What `parseJson` gives. An integer beyond ±2^53 is a bigint; a decimal that a double can't hold as written stays text. */
export type Json = null | boolean | string | number | bigint | LosslessNumber | Json[] | {[key: string]: Json}

export {isLosslessNumber, LosslessNumber}

/** Deeper than any document of ours, and far from where a recursive reader or writer runs out of stack. */
export const JSON_DEPTH_MAX = 200

/**
 * @throws SyntaxError when `text` is not JSON, or is nested deeper than `JSON_DEPTH_MAX`. A duplicate key with another value is an
 * error too: which one was meant can't be known, and guessing moves money.
 */
export function parseJson(text: string): Json {
  assertShallow(text)
  return parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, undefined, parseNumber) as Json
}

/** Counts brackets outside of strings; what else is wrong with the text is the parser's. */
function assertShallow(text: string): void {
  let depth = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (quoted) {
      if (code === BACKSLASH) index++
      else if (code === QUOTE) quoted = false
    } else if (code === QUOTE) quoted = true
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (++depth > JSON_DEPTH_MAX) throw new SyntaxError(`Nested deeper than ${JSON_DEPTH_MAX} levels`)
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--
  }
}

const [QUOTE, BACKSLASH, OPEN_OBJECT, OPEN_ARRAY, CLOSE_OBJECT, CLOSE_ARRAY] = [0x22, 0x5c, 0x7b, 0x5b, 0x7d, 0x5d]

function parseNumber(text: string): number | bigint | LosslessNumber {
  if (/^-?\d+$/.test(text)) {
    const value = Number(text)
    return Number.isSafeInteger(value) ? (Object.is(value, -0) ? 0 : value) : BigInt(text)
  }
  const value = Number(text)
  return String(value) === text ? value : new LosslessNumber(text)
}

/**
 * One JSON text. A bigint is written as a decimal string (rule 23: integers that can pass 2^53 are strings), a
 * `LosslessNumber` as it was read, a `Date` as ISO 8601 UTC, bytes never. C1 controls and DEL are escaped, so that the
 * document can be shown on a terminal.
 */
export function stringifyJson(value: unknown, indent = 2): string {
  return write(value, indent === 0 ? '' : ' '.repeat(indent), '', 'string') ?? 'null'
}

/** As `stringifyJson`, but a bigint is written as the number that it was: for documents that are not ours. */
export function stringifyExact(value: unknown, indent = 0): string {
  return write(value, indent === 0 ? '' : ' '.repeat(indent), '', 'number') ?? 'null'
}

type BigintForm = 'string' | 'number'

function write(value: unknown, step: string, margin: string, form: BigintForm): string | undefined {
  if (value === null) return 'null'
  if (typeof value === 'bigint') return form === 'string' ? `"${value}"` : String(value)
  if (typeof value === 'string') return quote(value)
  if (typeof value !== 'object') return JSON.stringify(value)
  if (isLosslessNumber(value)) return value.toString()
  if (value instanceof Date) return quote(value.toISOString())
  const inner = margin + step
  if (Array.isArray(value))
    return wrap(
      '[',
      ']',
      value.map((item) => write(item, step, inner, form) ?? 'null'),
      step,
      margin,
    )
  const entries: string[] = []
  for (const [key, item] of Object.entries(value)) {
    const text = write(item, step, inner, form)
    if (text !== undefined) entries.push(`${quote(key)}:${step && ' '}${text}`)
  }
  return wrap('{', '}', entries, step, margin)
}

function wrap(open: string, close: string, items: string[], step: string, margin: string): string {
  if (items.length === 0) return open + close
  if (step === '') return open + items.join(',') + close
  return `${open}\n${margin}${step}${items.join(`,\n${margin}${step}`)}\n${margin}${close}`
}

function quote(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
