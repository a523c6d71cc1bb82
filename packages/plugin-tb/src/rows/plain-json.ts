/** Lines of NDJSON as plain events: flat objects whose keys are fields and whose values are digits. */

import {endOfDigits, isAt, type Literal, literalOf, viewOf} from '@parix/kit/literal'
import {type CreateKind, FIELDS} from '@parix/ledger/schema'
import type {PlainEvent} from './plain-event.js'

const [NEWLINE, RETURN, SPACE, TAB, QUOTE, COMMA, COLON, OPEN, CLOSE] = [10, 13, 32, 9, 0x22, 0x2c, 0x3a, 0x7b, 0x7d]
const [ZERO, NINE] = [0x30, 0x39]
const PLACES_MAX = 16
/** Rows with and without flags or a timeout most often; each that is tried in vain costs time. */
const LAYOUTS_MAX = 4

/** Reads one line into `event`. */
export type PlainScanner = {
  /** @returns where the next line begins, or -1 where the line is not plain */
  scan(buffer: Uint8Array, start: number, event: PlainEvent): number
}

/** How the last rows were written: the bytes before each value, and those after the last. The next row most often has the same. */
interface Layout {
  literals: Literal[]
  fields: Int32Array
  tail: Literal
  present: number
  isAsSent: boolean
}

export class JsonScanner implements PlainScanner {
  readonly #fieldOf: ReadonlyMap<string, number>
  #layouts: Layout[] = []
  // Of the line that was read last, by the order in which its values come.
  readonly #from = new Int32Array(PLACES_MAX)
  readonly #to = new Int32Array(PLACES_MAX)
  readonly #fields = new Int32Array(PLACES_MAX)
  #block: Uint8Array | undefined
  #view: DataView = new DataView(new ArrayBuffer(0))

  constructor(kind: CreateKind) {
    const names = FIELDS[kind].map(({name}, index): [string, number] => [name, index])
    const short: [string, number][] =
      kind === 'transfer'
        ? [
            ['from', 1],
            ['to', 2],
          ]
        : []
    this.#fieldOf = new Map([...names, ...short])
  }

  scan(buffer: Uint8Array, start: number, event: PlainEvent): number {
    if (this.#block !== buffer) {
      this.#block = buffer
      this.#view = viewOf(buffer)
    }
    for (const layout of this.#layouts) {
      const next = scanAs(layout, buffer, this.#view, start, event)
      if (next !== -1) return next
    }
    return this.#read(buffer, start, event)
  }

  /** Any flat object, with white space where JSON has it. */
  #read(buffer: Uint8Array, start: number, event: PlainEvent): number {
    let at = blanks(buffer, start)
    if (buffer[at++] !== OPEN) return -1
    let present = 0
    let count = 0
    for (;;) {
      at = blanks(buffer, at)
      if (buffer[at++] !== QUOTE || count === PLACES_MAX) return -1
      const name = at
      while (at < buffer.length && buffer[at] !== QUOTE && buffer[at]! > SPACE) at++
      const field = this.#fieldOf.get(
        Buffer.from(buffer.buffer, buffer.byteOffset + name, at - name).toString('latin1'),
      )
      if (field === undefined || buffer[at++] !== QUOTE || (present & (1 << field)) !== 0) return -1
      present |= 1 << field
      at = blanks(buffer, at)
      if (buffer[at++] !== COLON) return -1
      at = blanks(buffer, at)
      const quoted = buffer[at] === QUOTE
      if (quoted) at++
      const from = at
      while (buffer[at]! >= ZERO && buffer[at]! <= NINE) at++
      this.#from[count] = from
      this.#to[count] = at
      this.#fields[count++] = field
      if (at === from || (quoted && buffer[at++] !== QUOTE)) return -1
      at = blanks(buffer, at)
      const after = buffer[at++]
      if (after === CLOSE) break
      if (after !== COMMA) return -1
    }
    at = blanks(buffer, at)
    if (at < buffer.length && buffer[at] !== NEWLINE) return -1
    for (let place = 0; place < count; place++) {
      const field = this.#fields[place]!
      event.sources[field] = buffer
      event.from[field] = this.#from[place]!
      event.to[field] = this.#to[place]!
    }
    event.present = present
    event.isAsSent = event.isSentAs(buffer.subarray(start, at))
    this.#learn(buffer, start, at, count, event)
    return Math.min(at + 1, buffer.length)
  }

  #learn(buffer: Uint8Array, start: number, end: number, count: number, {present, isAsSent}: PlainEvent): void {
    const literals = Array.from({length: count}, (_, place) =>
      literalOf(buffer.subarray(place === 0 ? start : this.#to[place - 1]!, this.#from[place]!)),
    )
    const tail = literalOf(buffer.subarray(this.#to[count - 1]!, end))
    const layout = {literals, fields: this.#fields.slice(0, count), tail, present, isAsSent}
    this.#layouts = [layout, ...this.#layouts.slice(0, LAYOUTS_MAX - 1)]
  }
}

function scanAs(
  {literals, fields, tail, present, isAsSent}: Layout,
  buffer: Uint8Array,
  view: DataView,
  start: number,
  event: PlainEvent,
): number {
  const {from, to, sources} = event
  let at = start
  for (let place = 0; place < literals.length; place++) {
    const literal = literals[place]!
    if (!isAt(literal, buffer, view, at)) return -1
    at += literal.bytes.length
    const field = fields[place]!
    const begin = at
    at = endOfDigits(buffer, view, at)
    if (at === begin) return -1
    // Most often it is there already, and to store a reference takes longer than to look.
    if (sources[field] !== buffer) sources[field] = buffer
    from[field] = begin
    to[field] = at
  }
  if (!isAt(tail, buffer, view, at)) return -1
  at += tail.bytes.length
  if (at < buffer.length && buffer[at] !== NEWLINE) return -1
  event.present = present
  event.isAsSent = isAsSent
  return Math.min(at + 1, buffer.length)
}

function blanks(buffer: Uint8Array, start: number): number {
  let at = start
  while (buffer[at] === SPACE || buffer[at] === TAB || buffer[at] === RETURN) at++
  return at
}
