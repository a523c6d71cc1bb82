/** Runs a query over one store: which rows match, in time order or reversed, up to the limit. */

import {firstRowNotBefore} from '../machine/timestamps.js'
import {type RecordStore, SEGMENT_BITS, SEGMENT_ROWS} from '../memory/record-store.js'
import {type SegmentIndex, type SegmentIndexes, ZONE_ROWS, type ZoneMap} from '../memory/segment-index.js'
import {findCandidates} from './scan-candidates.js'
import {isOpen, matches, type Selection} from './selection.js'

export function selectRows(rows: RecordStore, indexes: SegmentIndexes, selection: Selection): number[] {
  const from = firstRowNotBefore(rows, selection.timeMin, 0)
  const to = firstRowNotBefore(rows, next(selection.timeMax), 0)
  const search = new Search(rows, selection, from, to)
  const first = from >>> SEGMENT_BITS
  const last = (to - 1) >>> SEGMENT_BITS
  const asksForAll = isOpen(selection)
  if (to > from) {
    for (let i = 0; i <= last - first && !search.isFull; i++) {
      const s = selection.reversed ? last - i : first + i
      // A query for whatever there is does not wait for a segment to be indexed after a replay.
      if (asksForAll) search.walk(s)
      else search.segment(s, indexes.segment(s))
    }
  }
  return search.found
}

class Search {
  readonly found: number[] = []

  constructor(
    private readonly rows: RecordStore,
    private readonly selection: Selection,
    private readonly from: number,
    private readonly to: number,
  ) {}

  get isFull(): boolean {
    return this.found.length >= this.selection.limit
  }

  segment(s: number, index: SegmentIndex): void {
    const candidates = findCandidates(index, this.selection)
    if (candidates === 'none') return
    if (candidates === 'all') this.walk(s, index.zones)
    else this.pick(s << SEGMENT_BITS, candidates)
  }

  private pick(base: number, positions: readonly number[]): void {
    const {length} = positions
    for (let i = 0; i < length && !this.isFull; i++) {
      this.consider(base + positions[this.selection.reversed ? i : length - 1 - i]!)
    }
  }

  /** Every row of the segment, without the zones in which the ledger or code does not occur. */
  walk(s: number, zoneMap?: ZoneMap): void {
    const {ledger, code, reversed} = this.selection
    const zones = SEGMENT_ROWS / ZONE_ROWS
    for (let z = 0; z < zones && !this.isFull; z++) {
      const position = (reversed ? zones - 1 - z : z) * ZONE_ROWS
      const start = (s << SEGMENT_BITS) + position
      if (start >= this.to || start + ZONE_ROWS <= this.from) continue
      if (zoneMap?.mayHave(position, ledger, code) === false) continue
      for (let i = 0; i < ZONE_ROWS && !this.isFull; i++)
        this.consider(reversed ? start + ZONE_ROWS - 1 - i : start + i)
    }
  }

  private consider(row: number): void {
    if (row < this.from || row >= this.to) return
    if (matches(this.selection, this.rows.words(row), this.rows.at(row))) this.found.push(row)
  }
}

/** The nanosecond after. */
function next(time: Uint32Array): Uint32Array {
  const low = time[0]! + 1
  return Uint32Array.of(low, time[1]! + (low > 0xffffffff ? 1 : 0))
}
