/**
 * Which ledgers and codes occur in each stretch of 1,024 rows, as 128 bits each.
 *
 * Ledgers and codes are few and common, so listing their rows would cost memory and save nothing: a query walks the rows
 * and skips the zones that can't have a match.
 */

import {SEGMENT_ROWS} from './record-store.js'
import {hash32} from './words.js'

const ZONE_BITS = 10
export const ZONE_ROWS = 1 << ZONE_BITS
const CODE_HALF = 4

export class ZoneMap {
  private readonly bits = new Uint32Array((SEGMENT_ROWS >>> ZONE_BITS) * 8)

  add(position: number, ledger: number, code: number): void {
    const zone = (position >>> ZONE_BITS) << 3
    const l = hash32(ledger)
    const c = hash32(code)
    this.bits[zone + (l >>> 30)]! |= 1 << (l & 31)
    this.bits[zone + CODE_HALF + (c >>> 30)]! |= 1 << (c & 31)
  }

  /** False: no row in this position's zone has this ledger and this code (0 = any). */
  mayHave(position: number, ledger: number, code: number): boolean {
    const zone = (position >>> ZONE_BITS) << 3
    return (ledger === 0 || this.has(zone, hash32(ledger))) && (code === 0 || this.has(zone + CODE_HALF, hash32(code)))
  }

  private has(half: number, hash: number): boolean {
    return (this.bits[half + (hash >>> 30)]! & (1 << (hash & 31))) !== 0
  }
}
