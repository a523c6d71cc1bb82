import type {EncodedRows, RecordField} from '@parix/ledger'
import type {Rows} from './rows.js'

/** Decimal digits of the largest value of each width. */
const DIGITS_MAX = {16: 5, 32: 10, 64: 20, 128: 39} as const

const ZERO = 0x30
const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const CLOSE_OBJECT = 0x7d

/** One million: a word of 32 bits after a remainder below it still fits a double exactly. */
const CHUNK = 1_000_000
const WORD = 0x1_0000_0000
/** A high word below this leaves a value that a double holds exactly. */
const SAFE_HIGH = 0x20_0000

/**
 * Records as a JSON array, written byte by byte from their words: no bigint, no string. Every field of the object, integers
 * of 64 bits and more as strings.
 */
export function recordRows({words, count}: EncodedRows, fields: readonly RecordField[]): Rows {
  const parts = partsOf(fields)
  const rowBytesMax = parts.reduce((sum, {before, bits}) => sum + before.length + DIGITS_MAX[bits] + 1, 2)
  return {
    bytesMax: count * rowBytesMax + 2,
    writeTo: (buffer, at) => new RecordWriter(buffer, at, words).write(parts, count),
  }
}

interface Part extends RecordField {
  /** `,"amount":"` */
  readonly before: Uint8Array
}

const PARTS = new Map<readonly RecordField[], readonly Part[]>()

function partsOf(fields: readonly RecordField[]): readonly Part[] {
  const known = PARTS.get(fields)
  if (known) return known
  const parts = fields.map((field, i) => {
    const before = Buffer.from(`${i === 0 ? '{' : ','}"${field.name}":${field.bits >= 64 ? '"' : ''}`)
    return {...field, before}
  })
  PARTS.set(fields, parts)
  return parts
}

/** `000` to `999`. */
const THREE = Buffer.from(Array.from({length: 1000}, (_, value) => String(value).padStart(3, '0')).join(''), 'latin1')

class RecordWriter {
  /** Six digits each, lowest first, of the number that is being written. */
  private readonly chunks = new Uint32Array(8)

  constructor(
    private readonly bytes: Buffer,
    private at: number,
    private readonly words: Uint32Array,
  ) {}

  /** @returns where it ends */
  write(parts: readonly Part[], count: number): number {
    const {bytes} = this
    bytes[this.at++] = OPEN_ARRAY
    for (let row = 0; row < count; row++) {
      if (row > 0) bytes[this.at++] = COMMA
      for (let i = 0; i < parts.length; i++) this.writeField(parts[i]!, row << 5)
      bytes[this.at++] = CLOSE_OBJECT
    }
    bytes[this.at++] = CLOSE_ARRAY
    return this.at
  }

  private writeField({before, bits, word, shift}: Part, record: number): void {
    const {bytes, words} = this
    let at = this.at
    for (let i = 0; i < before.length; i++) bytes[at++] = before[i]!
    this.at = at
    const place = record + word
    if (bits === 16) this.writeInt((words[place]! >>> shift) & 0xffff)
    else if (bits === 32) this.writeInt(words[place]!)
    else this.writeQuoted(place, bits)
  }

  /** The opening quote is written. */
  private writeQuoted(place: number, bits: 64 | 128): void {
    const {bytes, words} = this
    const isWide = bits === 128 && (words[place + 2]! | words[place + 3]!) !== 0
    if (!isWide && words[place + 1]! < SAFE_HIGH) this.writeSafe(words[place + 1]! * WORD + words[place]!)
    else this.writeLong(place, isWide)
    bytes[this.at++] = QUOTE
  }

  /** Takes six digits at a time off the low end until the rest is safe. Words that are 0 by now cost nothing. */
  private writeLong(place: number, isWide: boolean): void {
    const {chunks, words} = this
    let word0 = words[place]!
    let word1 = words[place + 1]!
    let word2 = isWide ? words[place + 2]! : 0
    let word3 = isWide ? words[place + 3]! : 0
    let count = 0
    while (word3 !== 0 || word2 !== 0 || word1 >= SAFE_HIGH) {
      let rest = 0
      let value = 0
      if (word3 !== 0) {
        value = word3
        word3 = Math.floor(value / CHUNK)
        rest = value - word3 * CHUNK
      }
      if (word2 !== 0 || rest !== 0) {
        value = rest * WORD + word2
        word2 = Math.floor(value / CHUNK)
        rest = value - word2 * CHUNK
      }
      value = rest * WORD + word1
      word1 = Math.floor(value / CHUNK)
      rest = value - word1 * CHUNK
      value = rest * WORD + word0
      word0 = Math.floor(value / CHUNK)
      chunks[count++] = value - word0 * CHUNK
    }
    this.writeSafe(word1 * WORD + word0)
    while (count > 0) this.writeSix(chunks[--count]!)
  }

  /** A whole number below 2^53. */
  private writeSafe(value: number): void {
    if (value < 1e9) {
      this.writeInt(value)
      return
    }
    const high = Math.floor(value / 1e6)
    if (high < 1e6) {
      this.writeInt(high)
      this.writeSix(value - high * 1e6)
      return
    }
    const top = Math.floor(high / 1e6)
    this.writeInt(top)
    this.writeSix(high - top * 1e6)
    this.writeSix(value - high * 1e6)
  }

  /** A whole number below 2^32. */
  private writeInt(value: number): void {
    if (value < 10) this.bytes[this.at++] = ZERO + value
    else this.writePadded(value, digitsOf(value))
  }

  /** Six digits, three at a time. */
  private writeSix(value: number): void {
    const {bytes, at} = this
    const high = (value / 1000) | 0
    const low = value - high * 1000
    bytes[at] = THREE[3 * high]!
    bytes[at + 1] = THREE[3 * high + 1]!
    bytes[at + 2] = THREE[3 * high + 2]!
    bytes[at + 3] = THREE[3 * low]!
    bytes[at + 4] = THREE[3 * low + 1]!
    bytes[at + 5] = THREE[3 * low + 2]!
    this.at = at + 6
  }

  private writePadded(value: number, digits: number): void {
    const {bytes, at} = this
    let rest = value
    for (let place = at + digits - 1; place >= at; place--) {
      const quotient = (rest / 10) >>> 0
      bytes[place] = ZERO + rest - quotient * 10
      rest = quotient
    }
    this.at = at + digits
  }
}

function digitsOf(value: number): number {
  let digits = 1
  for (let power = 10; power <= value; power *= 10) digits++
  return digits
}
