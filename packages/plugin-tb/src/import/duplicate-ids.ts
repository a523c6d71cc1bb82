/**
 * Ids that come twice in a file, with at most 32 MB of memory for any number of rows.
 *
 * Ids that rise from row to row, as TigerBeetle advises, are each compared with the one before and not remembered. Of all other
 * files a pass sets six bits for each id; an id whose bits were all set before is a suspect, and one more pass, needed only where
 * there are suspects, compares those. Up to five million different ids there most often is none.
 */

import {viewOf} from '@parix/kit/literal'

const BYTES_MAX = 2 ** 25
const BYTES_MIN = 2 ** 13
/** The first ids are kept: a file without order is most often known as such by then, and need not be read again. */
export const KEPT_MAX = 8192
/** An id of 128 bits has no more digits. */
const DIGITS_MAX = 39

export class IdFilter {
  readonly #rowsMax: number
  #pass: 'rising' | 'bits' | 'lines' = 'rising'
  readonly #rising: RisingIds
  #bits = new Uint8Array(0)
  #mask = 0
  readonly #suspects = new Set<number>()
  readonly #lines = new Map<string, number>()
  /** The second hash of the id that was read last. */
  #other = 0

  /** @param rowsMax as many as there may be: a small file takes little memory */
  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax
    this.#rising = new RisingIds(rowsMax)
  }

  /** Whether all ids must be given to `lineBefore`, as they were to `add`; to be asked after each pass. */
  needsAnotherPass(): boolean {
    if (this.#pass === 'rising' && this.#rising.ended) {
      this.#useBits()
      return true
    }
    if (this.#pass !== 'bits' || this.#suspects.size === 0) return false
    this.#pass = 'lines'
    return true
  }

  /** First pass. @param digits of the id, at `from` to `to`, without leading zeros */
  add(digits: Uint8Array, from: number, to: number): void {
    if (this.#pass === 'bits') this.#set(digits, from, to)
    else if (!this.#rising.add(digits, from, to)) this.#endRising(digits, from, to)
  }

  /** Every later pass. @returns the line of the row before that has this id */
  lineBefore(digits: Buffer, from: number, to: number, line: number): number | undefined {
    if (this.#pass === 'bits') {
      this.#set(digits, from, to)
      return undefined
    }
    if (!this.#suspects.has(this.#hash(digits, from, to))) return undefined
    const id = digits.toString('latin1', from, to)
    const before = this.#lines.get(id)
    if (before === undefined) this.#lines.set(id, line)
    return before
  }

  /**
   * As `add` of more than `KEPT_MAX` ids, each larger than the one before and than all before them.
   *
   * @param last the digits of the last
   */
  addRising(count: number, last: string): void {
    this.#rising.follow(count, last)
  }

  #endRising(digits: Uint8Array, from: number, to: number): void {
    const kept = this.#rising.kept()
    if (kept === undefined) return
    this.#useBits()
    for (const id of kept) this.#set(id, 0, id.length)
    this.#set(digits, from, to)
  }

  #useBits(): void {
    const bytes = Math.min(BYTES_MAX, Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(this.#rowsMax * 4 + 1))))
    this.#pass = 'bits'
    this.#bits = new Uint8Array(bytes)
    this.#mask = bytes - 1
  }

  #set(digits: Uint8Array, from: number, to: number): void {
    const one = this.#hash(digits, from, to)
    const other = this.#other
    // All bits of an id are in one line of the processor's cache: 64 bytes.
    const base = one & this.#mask & ~63
    const more = stirred(Math.imul(one, 0x9e3779b1) ^ other)
    let wasSet = true
    for (let turn = 0; turn < 6; turn++) {
      const bit = (turn < 3 ? other >>> (9 * turn) : more >>> (9 * turn - 27)) & 511
      const place = base + (bit >>> 3)
      const flag = 1 << (bit & 7)
      const byte = this.#bits[place]!
      if ((byte & flag) !== 0) continue
      wasSet = false
      this.#bits[place] = byte | flag
    }
    if (wasSet) this.#suspects.add(one)
  }

  /** Two hashes in one pass, four digits a step, with a stir at the end: ids that differ in the last digit must not be neighbours. */
  #hash(bytes: Uint8Array, from: number, to: number): number {
    let one = 0x811c9dc5 | 0
    let other = 0x01234567
    let at = from
    for (; at + 4 <= to; at += 4) {
      const four = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
      one = Math.imul(one ^ four, 0x9e3779b1)
      one ^= one >>> 15
      other = Math.imul(other ^ four, 0x85ebca77)
      other = (other << 13) | (other >>> 19)
    }
    for (; at < to; at++) {
      one = Math.imul(one ^ bytes[at]!, 0x01000193)
      other = Math.imul(other ^ bytes[at]!, 0x01000193)
    }
    this.#other = stirred(other)
    return stirred(one)
  }
}

function stirred(value: number): number {
  const mixed = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return mixed ^ (mixed >>> 13)
}

/** Ids as long as each is larger than the one before. */
export class RisingIds {
  /** Whether one was not. */
  ended = false
  readonly #last = new Uint8Array(DIGITS_MAX)
  readonly #lastView = viewOf(this.#last)
  #digits: Uint8Array = this.#last
  #view = this.#lastView
  #lastLength = 0
  #count = 0
  /** The first ids, each after its length. */
  readonly #kept: Uint8Array
  readonly #keptMax: number
  #keptLength = 0

  /** @param rowsMax as many as there may be, if that is known */
  constructor(rowsMax: number = KEPT_MAX) {
    this.#keptMax = Math.min(KEPT_MAX, rowsMax)
    this.#kept = new Uint8Array(this.#keptMax * (DIGITS_MAX + 1))
  }

  /** @returns whether it, and all before it, were larger than the one before */
  add(digits: Uint8Array, from: number, to: number): boolean {
    if (this.ended) return false
    const length = to - from
    // Of two numbers without leading zeros, the one with more digits is larger; the digits that differ are noted.
    if (length < this.#lastLength || length > DIGITS_MAX) return this.#end()
    const last = this.#last
    let at = 0
    if (length === this.#lastLength) {
      if (this.#digits !== digits) {
        this.#digits = digits
        this.#view = viewOf(digits)
      }
      while (at + 4 <= length && this.#view.getInt32(from + at) === this.#lastView.getInt32(at)) at += 4
      while (at < length && digits[from + at] === last[at]) at++
      if (at === length || digits[from + at]! < last[at]!) return this.#end()
    }
    for (; at < length; at++) last[at] = digits[from + at]!
    this.#lastLength = length
    if (this.#count++ < this.#keptMax) {
      this.#kept[this.#keptLength] = length
      this.#kept.set(last.subarray(0, length), this.#keptLength + 1)
      this.#keptLength += length + 1
    }
    return true
  }

  /** The digits of the last one that rose. */
  get last(): string {
    return Buffer.from(this.#last.buffer, 0, this.#lastLength).toString('latin1')
  }

  /** `count` more have risen, up to `last`. */
  follow(count: number, last: string): void {
    this.#lastLength = Buffer.from(this.#last.buffer).write(last, 'latin1')
    this.#count += count
  }

  /** All that rose; undefined where there were too many to keep. */
  kept(): Uint8Array[] | undefined {
    if (this.#count > this.#keptMax) return undefined
    const ids: Uint8Array[] = []
    for (let at = 0; at < this.#keptLength; ) {
      const end = at + 1 + this.#kept[at]!
      ids.push(this.#kept.subarray(at + 1, end))
      at = end
    }
    return ids
  }

  #end(): false {
    this.ended = true
    return false
  }
}
