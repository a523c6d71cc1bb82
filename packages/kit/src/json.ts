import {isLosslessNumber, LosslessNumber} from 'lossless-json'

/**
 * JSON whose numbers survive: ids and amounts are up to 128 bits, and `JSON.parse` would round them to doubles without a
 * word (`9007199254740993` becomes `…992`).
 */

/** What `parseJson` gives. An integer beyond ±2^53 is a bigint; a decimal that a double can't hold as written stays text. */
export type Json = null | boolean | string | number | bigint | LosslessNumber | Json[] | JsonObject
export type JsonObject = {[key: string]: Json}

export {isLosslessNumber, LosslessNumber}

/** Deeper than any document of ours, and far from where a recursive reader or writer runs out of stack. */
export const JSON_DEPTH_MAX = 200

/**
 * Reads one JSON text exactly. About as fast as `JSON.parse`, and as frugal: texts are slices of the input, and those with
 * escapes are left to the platform.
 *
 * @throws SyntaxError when `text` is not JSON, or is nested deeper than `JSON_DEPTH_MAX`. A duplicate key with another value is an
 * error too: which one was meant can't be known, and guessing moves money.
 */
export function parseJson(text: string): Json {
  const parser = new Parser(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  return parser.document()
}

const [QUOTE, COMMA, MINUS, COLON] = [0x22, 0x2c, 0x2d, 0x3a]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d]
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

class Parser {
  private at = 0
  /** The first backslash, and the first control character, that is not before the last text; searched once each. */
  private backslash = -1
  private control = -1

  constructor(private readonly text: string) {}

  document(): Json {
    const value = this.value(0)
    this.skipSpace()
    if (this.at < this.text.length) throw this.expected('Expected end of input')
    return value
  }

  private value(depth: number): Json {
    this.skipSpace()
    const code = this.text.charCodeAt(this.at)
    if (code === QUOTE) return this.string()
    if (code === OPEN_OBJECT) return this.object(depth + 1)
    if (code === OPEN_ARRAY) return this.array(depth + 1)
    if (code === MINUS || isDigit(code)) return this.number()
    if (this.keyword('null')) return null
    if (this.keyword('true')) return true
    if (this.keyword('false')) return false
    throw this.expected('JSON value expected')
  }

  private object(depth: number): {[key: string]: Json} {
    this.open(depth)
    const object: {[key: string]: Json} = {}
    if (this.take(CLOSE_OBJECT)) return object
    do {
      this.skipSpace()
      if (this.text.charCodeAt(this.at) !== QUOTE) throw this.expected('Quoted object key expected')
      const start = this.at
      const key = this.string()
      if (!this.take(COLON)) throw this.expected("Colon ':' expected after property name")
      const value = this.value(depth)
      if (Object.hasOwn(object, key)) assertSame(key, object[key]!, value, start)
      else if (key === '__proto__') Object.defineProperty(object, key, {...OWN, value})
      else object[key] = value
    } while (this.take(COMMA))
    if (!this.take(CLOSE_OBJECT)) throw this.expected("Comma ',' or end of object '}' expected")
    return object
  }

  private array(depth: number): Json[] {
    this.open(depth)
    const array: Json[] = []
    if (this.take(CLOSE_ARRAY)) return array
    do array.push(this.value(depth))
    while (this.take(COMMA))
    if (!this.take(CLOSE_ARRAY)) throw this.expected("Comma ',' or end of array ']' expected")
    return array
  }

  private open(depth: number): void {
    if (depth > JSON_DEPTH_MAX) throw new SyntaxError(`Nested deeper than ${JSON_DEPTH_MAX} levels`)
    this.at++
  }

  private string(): string {
    const start = this.at + 1
    let end = this.text.indexOf('"', start)
    if (this.backslash < start) this.backslash = indexOrEnd(this.text.indexOf('\\', start))
    if (this.control < start) {
      CONTROL.lastIndex = start
      this.control = indexOrEnd(CONTROL.exec(this.text)?.index ?? -1)
    }
    if (end !== -1 && end < this.backslash && end < this.control) {
      this.at = end + 1
      return this.text.slice(start, end)
    }
    while (end !== -1 && isEscaped(this.text, end, start)) end = this.text.indexOf('"', end + 1)
    if (end === -1)
      throw new SyntaxError(`End of string '"' expected but reached end of input at position ${this.text.length}`)
    const value = this.escaped(start, end)
    this.at = end + 1
    return value
  }

  /** What is between two quotes, with escapes in it or a fault. */
  private escaped(start: number, end: number): string {
    try {
      return JSON.parse(this.text.slice(start - 1, end + 1)) as string
    } catch {
      throw new SyntaxError(`Invalid character or escape in the string at position ${start - 1}`)
    }
  }

  private number(): number | bigint | LosslessNumber {
    const start = this.at
    while (isNumeral(this.text.charCodeAt(this.at))) this.at++
    const written = this.text.slice(start, this.at)
    if (NUMBER.test(written)) return exactNumber(written)
    throw new SyntaxError(`Invalid number '${written.slice(0, 40)}' at position ${start}`)
  }

  private keyword(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false
    this.at += word.length
    return true
  }

  private take(code: number): boolean {
    this.skipSpace()
    if (this.text.charCodeAt(this.at) !== code) return false
    this.at++
    return true
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.at++
    }
  }

  private expected(what: string): SyntaxError {
    const got = this.at < this.text.length ? `got '${this.text[this.at]}'` : 'reached end of input'
    return new SyntaxError(`${what} but ${got} at position ${this.at}`)
  }
}

const CONTROL = /[\u0000-\u001f]/g
const OWN = {enumerable: true, configurable: true, writable: true}

function indexOrEnd(index: number): number {
  return index === -1 ? Number.POSITIVE_INFINITY : index
}

/** Whether the quote at `index` has an odd number of backslashes before it. */
function isEscaped(text: string, index: number, start: number): boolean {
  let backslashes = 0
  while (index - 1 - backslashes >= start && text[index - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Digits, `+`, `-`, `.`, `e`, `E`: whether they make a number is seen when all of them are there. */
function isNumeral(code: number): boolean {
  return isDigit(code) || code === 0x2e || code === MINUS || code === 0x2b || code === 0x65 || code === 0x45
}

function exactNumber(text: string): number | bigint | LosslessNumber {
  const value = Number(text)
  if (text.length < 16 && Number.isInteger(value) && !/[.eE]/.test(text)) return value === 0 ? 0 : value
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(value) ? value : BigInt(text)
  return String(value) === text ? value : new LosslessNumber(text)
}

function assertSame(key: string, first: Json, second: Json, position: number): void {
  if (stringifyExact(first) === stringifyExact(second)) return
  throw new SyntaxError(`Duplicate key '${key.slice(0, 60)}' encountered at position ${position}`)
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value)
}

/** The JSON object that a response consists of; undefined where it is anything else. */
export function objectIn(body: Uint8Array): JsonObject | undefined {
  try {
    const value = parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
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
  return escapeControls(JSON.stringify(text))
}

/**
 * JSON text without the characters that JSON allows and terminals obey: DEL, C1 controls, line separators, and what changes
 * the direction of text (threats 7.9). They can only be in strings, where the escape means the same.
 */
export function escapeControls(json: string): string {
  return json.replace(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
