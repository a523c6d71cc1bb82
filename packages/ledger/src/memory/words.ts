/**
 * Words of 32 bits: 128-bit unsigned integers as four 32-bit words in a Uint32Array, lowest first.
 *
 * Sums are made in doubles, which hold them exactly; storing into the array cuts them back to 32 bits.
 */

const WORD = 0x100000000

export function add128(to: Uint32Array, at: number, from: Uint32Array, f: number): void {
  const s0 = to[at]! + from[f]!
  to[at] = s0
  const s1 = to[at + 1]! + from[f + 1]! + (s0 >= WORD ? 1 : 0)
  to[at + 1] = s1
  const s2 = to[at + 2]! + from[f + 2]! + (s1 >= WORD ? 1 : 0)
  to[at + 2] = s2
  to[at + 3] = to[at + 3]! + from[f + 3]! + (s2 >= WORD ? 1 : 0)
}

export function sub128(to: Uint32Array, at: number, from: Uint32Array, f: number): void {
  const d0 = to[at]! - from[f]!
  to[at] = d0
  const d1 = to[at + 1]! - from[f + 1]! - (d0 < 0 ? 1 : 0)
  to[at + 1] = d1
  const d2 = to[at + 2]! - from[f + 2]! - (d1 < 0 ? 1 : 0)
  to[at + 2] = d2
  to[at + 3] = to[at + 3]! - from[f + 3]! - (d2 < 0 ? 1 : 0)
}

/** Negative, zero or positive as a is below, equal to or above b. */
export function compare128(a: Uint32Array, i: number, b: Uint32Array, j: number): number {
  if (a[i + 3] !== b[j + 3]) return a[i + 3]! - b[j + 3]!
  if (a[i + 2] !== b[j + 2]) return a[i + 2]! - b[j + 2]!
  if (a[i + 1] !== b[j + 1]) return a[i + 1]! - b[j + 1]!
  return a[i]! - b[j]!
}

export function equal128(a: Uint32Array, i: number, b: Uint32Array, j: number): boolean {
  return a[i] === b[j] && a[i + 1] === b[j + 1] && a[i + 2] === b[j + 2] && a[i + 3] === b[j + 3]
}

export function isZero128(a: Uint32Array, i: number): boolean {
  return (a[i]! | a[i + 1]! | a[i + 2]! | a[i + 3]!) === 0
}

export function isMax128(a: Uint32Array, i: number): boolean {
  return (a[i]! & a[i + 1]! & a[i + 2]! & a[i + 3]!) === -1
}

export function copy128(to: Uint32Array, at: number, from: Uint32Array, f: number): void {
  to[at] = from[f]!
  to[at + 1] = from[f + 1]!
  to[at + 2] = from[f + 2]!
  to[at + 3] = from[f + 3]!
}

export function compare64(a: Uint32Array, i: number, b: Uint32Array, j: number): number {
  return a[i + 1] === b[j + 1] ? a[i]! - b[j]! : a[i + 1]! - b[j + 1]!
}

export function equal64(a: Uint32Array, i: number, b: Uint32Array, j: number): boolean {
  return a[i] === b[j] && a[i + 1] === b[j + 1]
}

export function read64(a: Uint32Array, i: number): bigint {
  return (BigInt(a[i + 1]!) << 32n) | BigInt(a[i]!)
}

export function write64(a: Uint32Array, i: number, value: bigint): void {
  a[i] = Number(value & 0xffffffffn)
  a[i + 1] = Number((value >> 32n) & 0xffffffffn)
}

export function read128(a: Uint32Array, i: number): bigint {
  const low = read64(a, i)
  return (a[i + 2]! | a[i + 3]!) === 0 ? low : (read64(a, i + 2) << 64n) | low
}

export function write128(a: Uint32Array, i: number, value: bigint): void {
  write64(a, i, value)
  write64(a, i + 2, value >> 64n)
}

/** 32 well-mixed bits of four words: what every index here files an id under. */
export function hash128(a: Uint32Array, i: number): number {
  return mix(
    Math.imul(a[i]!, 0x9e3779b1) ^
      Math.imul(a[i + 1]! + 0x7f4a7c15, 0x85ebca6b) ^
      Math.imul(a[i + 2]! + 0x165667b1, 0xc2b2ae35) ^
      Math.imul(a[i + 3]! + 0x27d4eb2f, 0x2c1b3c6d),
  )
}

export function hash64(a: Uint32Array, i: number): number {
  return mix(Math.imul(a[i]!, 0x9e3779b1) ^ Math.imul(a[i + 1]! + 0x7f4a7c15, 0x85ebca6b))
}

export function hash32(value: number): number {
  return mix(Math.imul(value, 0x9e3779b1))
}

function mix(h: number): number {
  const a = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  const b = Math.imul(a ^ (a >>> 12), 0x297a2d39)
  return (b ^ (b >>> 15)) >>> 0
}

/** A Uint32Array that doubles when it is full, for lists whose length nobody knows beforehand. */
export class GrowingWords {
  length = 0
  private words = new Uint32Array(16)

  get(i: number): number {
    return this.words[i]!
  }

  set(i: number, value: number): void {
    this.words[i] = value
  }

  push(value: number): void {
    if (this.length === this.words.length) {
      const wider = new Uint32Array(this.length * 2)
      wider.set(this.words)
      this.words = wider
    }
    this.words[this.length++] = value
  }

  /** The values so far, without a copy. */
  view(): Uint32Array {
    return this.words.subarray(0, this.length)
  }
}
