import type {EncodedResults} from '@parix/ledger'
import {CREATED, type Field} from '@parix/ledger/schema'

/** Rows as a JSON array that is written straight into the response: without a copy. */
export interface Rows {
  /** It takes no more than this. */
  readonly bytesMax: number
  /** @returns where it ends */
  writeTo(buffer: Buffer, at: number): number
}

/** Every field of the object, integers of 64 bits and more as strings. */
export function rowsOf(rows: readonly object[], fields: readonly Field[]): Rows {
  const parts = fields.map(({name, bits}, i) => {
    const quote = bits >= 64 ? '"' : ''
    return {name, before: `${i === 0 ? '{' : ','}"${name}":${quote}`, after: quote}
  })
  const written = rows.map((row) => {
    const values = row as Record<string, bigint | number>
    let text = ''
    for (const {name, before, after} of parts) text += before + values[name] + after
    return `${text}}`
  })
  const text = `[${written.join(',')}]`
  return {bytesMax: text.length, writeTo: (buffer, at) => at + buffer.write(text, at, 'latin1')}
}

/** `{"index":8188,"result":"created","timestamp":"18446744073709551615"},` */
const ROW_BYTES_MAX = 72

const INDEX = Buffer.from('{"index":')
const RESULT_CREATED = Buffer.from(',"result":"created","timestamp":"')
const RESULT_EXISTS = Buffer.from(',"result":"exists","timestamp":"')
const END = Buffer.from('"}')
const COMMA = 0x2c
const ZERO = 0x30
const NINE = 0x39

/**
 * The rows of a create answer when no event was refused: `{index, result, timestamp}` for each.
 *
 * Written byte by byte: as text, 8,189 rows would leave megabytes of small strings behind.
 */
export function createdRows({statuses, timestamps}: EncodedResults): Rows {
  return {
    bytesMax: statuses.length * ROW_BYTES_MAX + 2,
    writeTo(buffer, at) {
      const writer = new RowWriter(buffer, at)
      for (let index = 0; index < statuses.length; index++) {
        writer.write(index, statuses[index] === CREATED ? RESULT_CREATED : RESULT_EXISTS, timestamps[index]!)
      }
      return writer.end()
    },
  }
}

class RowWriter {
  private readonly index = new Counter()
  private readonly timestamp = new Counter()

  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {
    this.bytes[this.at++] = 0x5b
  }

  write(index: number, result: Uint8Array, timestamp: bigint): void {
    if (index > 0) this.bytes[this.at++] = COMMA
    this.copy(INDEX, 0)
    this.index.set(BigInt(index))
    this.copy(this.index.digits, this.index.start)
    this.copy(result, 0)
    this.timestamp.set(timestamp)
    this.copy(this.timestamp.digits, this.timestamp.start)
    this.copy(END, 0)
  }

  end(): number {
    this.bytes[this.at++] = 0x5d
    return this.at
  }

  private copy(from: Uint8Array, start: number): void {
    const {bytes} = this
    let at = this.at
    for (let i = start; i < from.length; i++) bytes[at++] = from[i]!
    this.at = at
  }
}

/** A number of up to 20 digits as text. The next number is most often one more, which changes a digit or two. */
class Counter {
  readonly digits = new Uint8Array(20)
  /** Where the first digit is. */
  start = 20
  private value = -1n

  set(value: bigint): void {
    if (value === this.value + 1n && this.start < 20) this.increment()
    else this.rewrite(value)
    this.value = value
  }

  private increment(): void {
    const {digits} = this
    let place = digits.length - 1
    while (place >= this.start && digits[place] === NINE) digits[place--] = ZERO
    if (place >= this.start) {
      digits[place]!++
      return
    }
    this.start = place
    digits[place] = ZERO + 1
  }

  private rewrite(value: bigint): void {
    const text = String(value)
    this.start = this.digits.length - text.length
    for (let i = 0; i < text.length; i++) this.digits[this.start + i] = text.charCodeAt(i)
  }
}
