/**
 * Rows of 2^n words in segments of 65,536, in the order they were added.
 *
 * Segments never move, so growing copies nothing; but the first begins small and moves as it fills, because most ledgers are
 * small, and memory that is only reserved counts for V8 as well: it would collect the garbage of a whole process for every few
 * ledgers. So the words of a row are asked for again after rows were added. Rows leave only from the end, when the latest change
 * is taken back.
 */

export const SEGMENT_BITS = 16
export const SEGMENT_ROWS = 1 << SEGMENT_BITS
const POSITION_MASK = SEGMENT_ROWS - 1
const SPARE_MAX = 2
const FIRST_ROWS = 256

export class RecordStore {
  readonly segments: Uint32Array[] = []
  count = 0
  private readonly spare: Uint32Array[] = []

  /** @param rowBits a row has 2^rowBits words */
  constructor(readonly rowBits: number) {}

  /** The words of the segment that holds this row. */
  words(row: number): Uint32Array {
    return this.segments[row >>> SEGMENT_BITS]!
  }

  /** Where in its segment this row starts. */
  at(row: number): number {
    return (row & POSITION_MASK) << this.rowBits
  }

  append(from: Uint32Array, f: number): number {
    const row = this.count++
    const to = this.segment(row >>> SEGMENT_BITS, (row & POSITION_MASK) + 1)
    const at = (row & POSITION_MASK) << this.rowBits
    const length = 1 << this.rowBits
    for (let i = 0; i < length; i++) to[at + i] = from[f + i]!
    return row
  }

  /** Adds rows that arrive one after another, as the log holds them. */
  appendMany(from: Uint32Array, rows: number): void {
    for (let done = 0; done < rows; ) {
      const position = this.count & POSITION_MASK
      const take = Math.min(rows - done, SEGMENT_ROWS - position)
      const part = from.subarray(done << this.rowBits, (done + take) << this.rowBits)
      this.segment(this.count >>> SEGMENT_BITS, position + take).set(part, position << this.rowBits)
      this.count += take
      done += take
    }
  }

  /**
   * Takes memory of a segment's size, with whatever it holds, for the next segment. New memory costs most when it is first
   * touched, so memory that another thread has touched is worth keeping.
   */
  donate(memory: ArrayBuffer): void {
    if (this.spare.length < SPARE_MAX) this.spare.push(new Uint32Array(memory))
  }

  /** Lets go of memory donated and not used. */
  dropSpare(): void {
    this.spare.length = 0
  }

  /** Bytes of one segment. */
  get segmentBytes(): number {
    return SEGMENT_ROWS << (this.rowBits + 2)
  }

  /** The rows from..to as runs of words, one per segment they lie in. */
  slices(from: number, to: number): Uint32Array[] {
    const parts: Uint32Array[] = []
    for (let row = from; row < to; ) {
      const end = Math.min(to, ((row >>> SEGMENT_BITS) + 1) << SEGMENT_BITS)
      parts.push(this.words(row).subarray(this.at(row), this.at(row) + ((end - row) << this.rowBits)))
      row = end
    }
    return parts
  }

  /** The segment with space for so many rows. */
  private segment(s: number, rows: number): Uint32Array {
    const segment = this.segments[s]
    return segment !== undefined && segment.length >= rows << this.rowBits ? segment : this.makeSpace(s, rows)
  }

  private makeSpace(s: number, rows: number): Uint32Array {
    const moved = this.segments[s]
    let segment = this.spare.pop()
    if (segment === undefined) {
      let space = s > 0 ? SEGMENT_ROWS : FIRST_ROWS
      while (space < rows) space *= 2
      segment = new Uint32Array(space << this.rowBits)
    }
    if (moved !== undefined) segment.set(moved)
    this.segments[s] = segment
    return segment
  }
}
