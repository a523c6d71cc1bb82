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

const [COMMA, ZERO, NINE, OPEN_ARRAY, CLOSE_ARRAY] = [0x2c, 0x30, 0x39, 0x5b, 0x5d]

/**
 * The rows of a create answer when no event was refused: `{index, result, timestamp}` for each.
 *
 * Written as bytes: as text, 8,189 rows would leave megabytes of small strings behind. A row most often is the one before, with
 * both numbers one higher, which changes a digit or two.
 */
export function createdRows({statuses, timestamps}: EncodedResults): Rows {
  // Lowest word first.
  const times = new Uint32Array(timestamps.buffer, timestamps.byteOffset, 2 * timestamps.length)
  const follows = (index: number) =>
    index > 0 &&
    statuses[index] === statuses[index - 1] &&
    times[2 * index] === times[2 * index - 2]! + 1 &&
    times[2 * index + 1] === times[2 * index - 1]
  return {
    bytesMax: statuses.length * ROW_BYTES_MAX + 2,
    writeTo(buffer, at) {
      const writer = new RowWriter(buffer, at)
      for (let index = 0; index < statuses.length; index++) {
        if (follows(index) && writer.repeat()) continue
        writer.write(index, statuses[index] === CREATED ? 'created' : 'exists', timestamps[index]!)
      }
      return writer.end()
    },
  }
}

class RowWriter {
  /** Where the last row begins, and how far into it each number ends. */
  private row = 0
  private indexEnd = 0
  private timestampEnd = 0

  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {
    this.bytes[this.at++] = OPEN_ARRAY
  }

  write(index: number, result: string, timestamp: bigint): void {
    if (index > 0) this.bytes[this.at++] = COMMA
    const head = `{"index":${index}`
    const all = `${head},"result":"${result}","timestamp":"${timestamp}`
    this.row = this.at
    this.indexEnd = head.length
    this.timestampEnd = all.length
    this.at += this.bytes.write(`${all}"}`, this.at, 'latin1')
  }

  /** @returns false where a number has more digits than in the row before: nothing is written then */
  repeat(): boolean {
    const {bytes, at} = this
    const next = at + 1
    bytes[at] = COMMA
    bytes.copyWithin(next, this.row, at)
    if (!increment(bytes, next + this.indexEnd) || !increment(bytes, next + this.timestampEnd)) return false
    this.at = next + at - this.row
    this.row = next
    return true
  }

  end(): number {
    this.bytes[this.at++] = CLOSE_ARRAY
    return this.at
  }
}

/** Adds one to the digits before `end`. @returns false where there is no room for the carry */
function increment(bytes: Uint8Array, end: number): boolean {
  let place = end - 1
  while (bytes[place] === NINE) bytes[place--] = ZERO
  if (bytes[place]! < ZERO || bytes[place]! > NINE) return false
  bytes[place]!++
  return true
}
