/**
 * The objects of a JSON array as lines, a block at a time: what separates them becomes a newline, in place, so that every byte stays
 * where it is in the file. What is inside an object is not looked at, but for where it ends.
 */

/** It is not one array of objects: the exact reader says what it is. */
export class NotAnArray extends Error {}

const [NEWLINE, RETURN, TAB, SPACE, QUOTE, BACKSLASH, COMMA] = [0x0a, 0x0d, 0x09, 0x20, 0x22, 0x5c, 0x2c]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN, CLOSE] = [0x5b, 0x5d, 0x7b, 0x7d]
const MARK = [0xef, 0xbb, 0xbf]

/** Before the array, before an object, in one, after one, after the array. */
type Place = 'start' | 'object' | 'inside' | 'after' | 'end'

export class ArrayLines {
  #place: Place = 'start'
  #depth = 0
  #quoted = false
  #escaped = false
  #read = 0

  /** Rewrites `bytes[from]` to `bytes[to - 1]`, which follow those of the call before. @throws NotAnArray */
  rewrite(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      if (this.#place === 'inside') at = this.#inside(bytes, at, to) - 1
      else if (!this.#isMark(bytes[at]!)) bytes[at] = this.#between(bytes[at]!)
      this.#read++
    }
  }

  /** After the last call. @throws NotAnArray where the array is not closed */
  end(): void {
    if (this.#place !== 'end') throw new NotAnArray()
  }

  #isMark(byte: number): boolean {
    return this.#place === 'start' && MARK[this.#read] === byte
  }

  /** @returns what stands in its place */
  #between(byte: number): number {
    if (byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB) return SPACE
    if (this.#place === 'start' && byte === OPEN_ARRAY) {
      this.#place = 'object'
      return SPACE
    }
    if (this.#place === 'object' && byte === OPEN) {
      this.#place = 'inside'
      this.#depth = 1
      return OPEN
    }
    if (this.#place === 'after' && (byte === COMMA || byte === CLOSE_ARRAY)) {
      this.#place = byte === COMMA ? 'object' : 'end'
      return NEWLINE
    }
    throw new NotAnArray()
  }

  /** A line end between two values is white space; one in a string is an error, and stays. @returns where the object, or the block, ends */
  #inside(bytes: Uint8Array, from: number, to: number): number {
    let depth = this.#depth
    let quoted = this.#quoted
    let at = from
    if (this.#escaped) at++
    for (; at < to && depth > 0; at++) {
      const byte = bytes[at]
      if (quoted) {
        if (byte === BACKSLASH) at++
        else if (byte === QUOTE) quoted = false
      } else if (byte === QUOTE) quoted = true
      else if (byte === NEWLINE) bytes[at] = SPACE
      else if (byte === OPEN || byte === OPEN_ARRAY) depth++
      else if (byte === CLOSE || byte === CLOSE_ARRAY) depth--
    }
    this.#depth = depth
    this.#quoted = quoted
    // A backslash was the last byte of the block.
    this.#escaped = at > to
    if (depth === 0) this.#place = 'after'
    return Math.min(at, to)
  }
}
