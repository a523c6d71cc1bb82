/**
 * Ids that come twice in a file, with at most 32 MB of memory for any number of rows. A first pass sets three bits for each id; an id
 * whose bits were all set before is a suspect, and a second pass, needed only where there are suspects, compares those.
 */

const BYTES_MAX = 2 ** 25
const BYTES_MIN = 2 ** 13

export class IdFilter {
  readonly #bits: Uint8Array
  readonly #mask: number
  readonly #suspects = new Set<number>()
  readonly #lines = new Map<string, number>()

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
    const one = hash(digits, from, to, 0x811c9dc5)
    const other = hash(digits, from, to, 0x01234567)
    // All bits of an id are in one line of the processor's cache: 64 bytes.
    const base = one & this.#mask & ~63
    let wasSet = true
    for (let shift = 0; shift < 27; shift += 9) {
      const bit = (other >>> shift) & 511
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
    if (!this.#suspects.has(hash(digits, from, to, 0x811c9dc5))) return undefined
    const id = digits.toString('latin1', from, to)
    const before = this.#lines.get(id)
    if (before === undefined) this.#lines.set(id, line)
    return before
  }
}

/** FNV-1a, with a stir at the end: ids that differ in the last digit must not be neighbours. */
function hash(bytes: Uint8Array, from: number, to: number, seed: number): number {
  let value = seed
  for (let at = from; at < to; at++) value = Math.imul(value ^ bytes[at]!, 0x01000193)
  value ^= value >>> 15
  value = Math.imul(value, 0x2c1b3c6d)
  return value ^ (value >>> 13)
}
