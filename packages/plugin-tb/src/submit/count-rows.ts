/** A response in which every event was created or exists, counted without parsing its rows. */

import type {ApiResponse} from '@parix/kit/api'
import {objectIn} from '@parix/kit/json'
import {endOfDigits, isAt, type Literal, literalOf, viewOf} from '@parix/kit/literal'
import {type Asked, type Envelope, envelopeDoubt} from '../results/envelope.js'
import {reusedMemory} from '../reused-memory.js'

export interface Counts {
  created: number
  existed: number
}

export interface CountedRows extends Counts {
  /** The rows as they came: `[{"index":0,"result":"created","timestamp":"…"},…]` */
  rows: Buffer
  envelope: Envelope
}

const REQUEST_KEY = Buffer.from('"requestPayload":')
const ROWS_KEY = Buffer.from('"responsePayload":')
const FIRST = literalOf('[{"index":')
const NEXT = literalOf('"},{"index":')
const CREATED = literalOf(',"result":"created","timestamp":"')
const EXISTS = literalOf(',"result":"exists","timestamp":"')
const END = literalOf('"}]')
const [QUOTE, BACKSLASH, OPEN, CLOSE, ZERO, NINE] = [0x22, 0x5c, 0x5b, 0x5d, 0x30, 0x39]

/**
 * @returns undefined for every response that is not, byte for byte, a row for each event in order and an envelope that does not
 *   contradict: the exact reader is for those
 */
export function countRows(
  asked: Asked & {events: number; body: Uint8Array},
  {status, body}: ApiResponse,
): CountedRows | undefined {
  const {events, body: sent} = asked
  if (status !== 200 && status !== 201) return undefined
  const echo = echoOf(body, sent)
  const key = body.indexOf(ROWS_KEY, echo?.to ?? 0)
  if (key === -1) return undefined
  const scan = new RowScan(body, key + ROWS_KEY.length)
  if (!scan.run(events)) return undefined
  const head =
    echo === undefined ? [body.subarray(0, key)] : [body.subarray(0, echo.from), NULL, body.subarray(echo.to, key)]
  const envelope = objectIn(Buffer.concat([...head, ROWS_KEY, EMPTY, body.subarray(scan.at)]))
  if (envelope === undefined || envelopeDoubt(envelope, asked) !== undefined) return undefined
  const rows = envelope.responsePayload
  if (!Array.isArray(rows) || rows.length > 0) return undefined
  const {created, at} = scan
  return {created, existed: events - created, rows: body.subarray(key + ROWS_KEY.length, at), envelope}
}

const NULL = Buffer.from('null')
const EMPTY = Buffer.from('[]')

/** Where the service repeats the request; it is as long as all else. */
function echoOf(body: Buffer, sent: Uint8Array): {from: number; to: number} | undefined {
  const key = body.subarray(0, 4096).indexOf(REQUEST_KEY)
  if (key === -1) return undefined
  const from = key + REQUEST_KEY.length
  const to = from + sent.length
  if (body.subarray(from, to).equals(sent)) return {from, to}
  return body[from] === OPEN ? {from, to: endOfArray(body, from)} : undefined
}

function endOfArray(body: Buffer, from: number): number {
  let depth = 0
  let quoted = false
  for (let at = from; at < body.length; at++) {
    const byte = body[at]
    if (quoted) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) quoted = false
    } else if (byte === QUOTE) quoted = true
    else if (byte === OPEN) depth++
    else if (byte === CLOSE && --depth === 0) return at + 1
  }
  return body.length
}

/** `[{"index":0,"result":"created","timestamp":"1795"},…]` */
class RowScan {
  created = 0
  readonly #view: DataView

  constructor(
    private readonly body: Buffer,
    public at: number,
  ) {
    this.#view = viewOf(body)
  }

  run(events: number): boolean {
    for (let index = 0; index < events; index++) {
      if (!this.#is(index === 0 ? FIRST : NEXT) || !this.#row(index)) return false
    }
    return events > 0 && this.#is(END)
  }

  /** From its index to the end of its time. */
  #row(index: number): boolean {
    if (this.#number() !== index) return false
    if (this.#is(CREATED)) this.created++
    else if (!this.#is(EXISTS)) return false
    // 0, alone or before other digits, is not a time that a ledger gives.
    const start = this.at
    this.at = endOfDigits(this.body, this.#view, start)
    return this.at > start && this.body[start] !== ZERO
  }

  #is(expected: Literal): boolean {
    if (!isAt(expected, this.body, this.#view, this.at)) return false
    this.at += expected.bytes.length
    return true
  }

  /** @returns -1 where there are no digits, or some after a zero: that is no JSON */
  #number(): number {
    const {body} = this
    const start = this.at
    let at = start
    let value = 0
    for (let digit = body[at]!; digit >= ZERO && digit <= NINE; digit = body[++at]!) value = value * 10 + digit - ZERO
    this.at = at
    return at === start || (body[start] === ZERO && at > start + 1) ? -1 : value
  }
}

/**
 * The outcomes of counted rows as the outbox keeps them: the JSON of `EventOutcome[]`.
 *
 * @param sent the events: each begins with its id
 * @returns bytes that are valid until the next call, which uses their memory again
 */
export function outcomesText(sent: Buffer, rows: Buffer): Buffer {
  // No row is shorter than the id and the words that its outcome has besides.
  outcomes = outcomesMemory(3 * rows.length)
  const [first, next] = [Buffer.from('[{"index":'), Buffer.from(',{"index":')]
  let at = 0
  let event = 0
  let row = 0
  for (let index = 0; ; index++) {
    row = valueAt(rows, RESULT, row)
    if (row === 0) break
    event = valueAt(sent, ID, event)
    at = put(index === 0 ? first : next, 0, at)
    at += outcomes.write(String(index), at, 'latin1')
    at = put(sent, event, put(AND_ID, 0, at), QUOTE)
    at = put(rows[row] === LETTER_C ? WAS_CREATED : WAS_THERE, 0, at)
    at = put(rows, valueAt(rows, TIMESTAMP, row), at, QUOTE)
    // Up to the bracket, which is that of the last.
    at = put(END.bytes, 0, at, CLOSE)
  }
  outcomes[at] = CLOSE
  return outcomes.subarray(0, at + 1)
}

const outcomesMemory = reusedMemory()
let outcomes: Buffer = Buffer.alloc(0)
const [ID, RESULT, TIMESTAMP] = ['{"id":"', '"result":"', '"timestamp":"'].map((key) => Buffer.from(key)) as [
  Buffer,
  Buffer,
  Buffer,
]
const LETTER_C = 0x63
const AND_ID = Buffer.from(',"id":"')
const [WAS_CREATED, WAS_THERE] = ['created', 'exists'].map((result) =>
  Buffer.from(`","state":"${result}","result":"${result}","timestamp":"`),
) as [Buffer, Buffer]

/** Where the value of the next `key` begins; 0 where there is none. */
function valueAt(bytes: Buffer, key: Uint8Array, from: number): number {
  const at = bytes.indexOf(key, from)
  return at === -1 ? 0 : at + key.length
}

/** Copies what begins at `from`, up to `end` where it is given. @returns where it ends in `outcomes` */
function put(bytes: Uint8Array, from: number, at: number, end = -1): number {
  let to = at
  for (let index = from; index < bytes.length && bytes[index] !== end; index++) outcomes[to++] = bytes[index]!
  return to
}
