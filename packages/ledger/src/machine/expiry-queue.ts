/**
 * Pending transfers with a timeout, ordered by the instant they expire, then by creation (semantics §10.3).
 *
 * A binary heap of two rows of numbers. An entry stays when its transfer is posted, voided or taken back: whoever takes
 * the first entry asks whether it still holds.
 */

export class ExpiryQueue {
  private instants: bigint[] = []
  private rows: number[] = []

  get size(): number {
    return this.rows.length
  }

  /** The instant of the first entry; undefined when the queue is empty. */
  get next(): bigint | undefined {
    return this.instants[0]
  }

  get nextRow(): number {
    return this.rows[0]!
  }

  push(instant: bigint, row: number): void {
    let hole = this.rows.length
    for (; hole > 0; ) {
      const parent = (hole - 1) >>> 1
      if (!this.isBefore(instant, row, parent)) break
      this.move(parent, hole)
      hole = parent
    }
    this.instants[hole] = instant
    this.rows[hole] = row
  }

  /** Drops the first entry. */
  pop(): void {
    const instant = this.instants.pop()!
    const row = this.rows.pop()!
    const size = this.rows.length
    if (size === 0) return
    let hole = 0
    for (;;) {
      let child = hole * 2 + 1
      if (child >= size) break
      if (child + 1 < size && this.isBefore(this.instants[child + 1]!, this.rows[child + 1]!, child)) child++
      if (this.isBefore(instant, row, child)) break
      this.move(child, hole)
      hole = child
    }
    this.instants[hole] = instant
    this.rows[hole] = row
  }

  private isBefore(instant: bigint, row: number, other: number): boolean {
    const theirs = this.instants[other]!
    return instant < theirs || (instant === theirs && row < this.rows[other]!)
  }

  private move(from: number, to: number): void {
    this.instants[to] = this.instants[from]!
    this.rows[to] = this.rows[from]!
  }
}
