/**
 * Ids that come twice in a file, with at most 32 MB of memory for any number of rows. A first pass sets six bits for each id; an id
 * whose bits were all set before is a suspect, and a second pass, needed only where there are suspects, compares those. Up to
 * five million different ids there most often is none.
 */

const BYTES_MAX = 2 ** 25
const BYTES_MIN = 2 ** 13

export class IdFilter {
  readonly #bits: Uint8Array
  readonly #mask: number
  readonly #suspects = new Set<number>()
  readonly #lines = new Map<string, number>()
  /** The second hash of the id that was read last. */
  #other = 0

  /** @param rowsMax as many as there may be: a small file takes little memory */
  constructor(rowsMax: number) {
    const bytes = Math.min(BYTES_MAX, Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(rowsMax * 4 + 1))))
    this.#bits = new Uint8Array(bytes)
    this.#mask = bytes - 1
  }

  get hasSuspects(): boolean {
    return this.#suspects.size > 0
  }

  /** First pass. @param digits of the id, at `from` to `to` */
  add(digits: Uint8Array, from: number, to: number): void {
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

  /** Second pass. @returns the line of the row before that has this id */
  lineBefore(digits: Buffer, from: number, to: number, line: number): number | undefined {
    if (!this.#suspects.has(this.#hash(digits, from, to))) return undefined
    const id = digits.toString('latin1', from, to)
    const before = this.#lines.get(id)
    if (before === undefined) this.#lines.set(id, line)
    return before
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
