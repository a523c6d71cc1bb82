/**
 * A hash table from 128-bit ids to rows of a RecordStore whose first four words are the id.
 *
 * 64 parts that fill up at different times, so that no single insert pays for moving everything. A slot is two
 * words: the hash, and the row + 1 (0 = free). Collisions go to the next slot.
 */

import type {RecordStore} from './record-store.js'
import {equal128, hash128} from './words.js'

const PARTS = 64
const PART_SHIFT = 26
const FIRST_SLOTS = 16

export class IdIndex {
  count = 0
  private readonly parts: Uint32Array[] = Array.from({length: PARTS}, () => new Uint32Array(FIRST_SLOTS * 2))
  private readonly used = new Uint32Array(PARTS)

  constructor(private readonly rows: RecordStore) {}

  /** The row with the id at words[at..at+3], or -1. */
  find(words: Uint32Array, at: number): number {
    const hash = hash128(words, at)
    const part = this.parts[hash >>> PART_SHIFT]!
    const mask = part.length - 1
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const entry = part[slot + 1]!
      if (entry === 0) return -1
      if (part[slot] === hash) {
        const row = entry - 1
        if (equal128(this.rows.words(row), this.rows.at(row), words, at)) return row
      }
    }
  }

  /** Files a row whose id is not yet here. */
  add(row: number): void {
    const hash = hash128(this.rows.words(row), this.rows.at(row))
    const p = hash >>> PART_SHIFT
    if (this.used[p]! >= this.limit(p)) this.grow(p, this.parts[p]!.length * 2)
    place(this.parts[p]!, hash, row + 1)
    this.used[p]!++
    this.count++
  }

  /** Takes out a row that was filed, closing the gap so that searches still meet what lies after it. */
  remove(row: number): void {
    const hash = hash128(this.rows.words(row), this.rows.at(row))
    const p = hash >>> PART_SHIFT
    const part = this.parts[p]!
    const mask = part.length - 1
    let gap = (hash << 1) & mask
    while (part[gap + 1] !== row + 1) gap = (gap + 2) & mask
    for (let slot = (gap + 2) & mask; part[slot + 1] !== 0; slot = (slot + 2) & mask) {
      const home = (part[slot]! << 1) & mask
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue
      part[gap] = part[slot]!
      part[gap + 1] = part[slot + 1]!
      gap = slot
    }
    part[gap + 1] = 0
    this.used[p]!--
    this.count--
  }

  /** Files many rows at once, part by part, so that each part stays in the processor's cache while it fills. */
  addMany(rows: Uint32Array): void {
    const hashes = new Uint32Array(rows.length)
    const ends = new Uint32Array(PARTS)
    for (let i = 0; i < rows.length; i++) {
      hashes[i] = hash128(this.rows.words(rows[i]!), this.rows.at(rows[i]!))
      ends[hashes[i]! >>> PART_SHIFT]!++
    }
    for (let p = 1; p < PARTS; p++) ends[p]! += ends[p - 1]!
    const sortedHashes = new Uint32Array(rows.length)
    const sortedRows = new Uint32Array(rows.length)
    for (let i = rows.length - 1; i >= 0; i--) {
      const to = --ends[hashes[i]! >>> PART_SHIFT]!
      sortedHashes[to] = hashes[i]!
      sortedRows[to] = rows[i]!
    }
    for (let p = 0; p < PARTS; p++) {
      const end = p + 1 < PARTS ? ends[p + 1]! : rows.length
      this.used[p]! += end - ends[p]!
      if (this.used[p]! > this.limit(p)) this.grow(p, this.slotsFor(p) * 2)
      const part = this.parts[p]!
      for (let k = ends[p]!; k < end; k++) place(part, sortedHashes[k]!, sortedRows[k]! + 1)
    }
    this.count += rows.length
  }

  /** How full a part may get: each has its own limit, from 50 to 75 %, so that parts grow one by one. */
  private limit(p: number): number {
    return (this.parts[p]!.length / 2) * (0.5 + (0.25 * p) / PARTS)
  }

  private slotsFor(p: number): number {
    let slots = this.parts[p]!.length / 2
    while (this.used[p]! > slots * (0.5 + (0.25 * p) / PARTS)) slots *= 2
    return slots
  }

  private grow(p: number, length: number): void {
    const old = this.parts[p]!
    const part = new Uint32Array(length)
    for (let slot = 0; slot < old.length; slot += 2) {
      if (old[slot + 1] !== 0) place(part, old[slot]!, old[slot + 1]!)
    }
    this.parts[p] = part
  }
}

function place(part: Uint32Array, hash: number, entry: number): void {
  const mask = part.length - 1
  let slot = (hash << 1) & mask
  while (part[slot + 1] !== 0) slot = (slot + 2) & mask
  part[slot] = hash
  part[slot + 1] = entry
}
