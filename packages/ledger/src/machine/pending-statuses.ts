/** The hidden status of each pending transfer (semantics §10.1), one byte a row, only where there are any. */

import {SEGMENT_BITS, SEGMENT_ROWS} from '../memory/record-store.js'

export enum PendingStatus {
  none = 0,
  pending = 1,
  posted = 2,
  voided = 3,
  expired = 4,
}

export class PendingStatuses {
  private readonly segments: (Uint8Array | undefined)[] = []

  get(row: number): PendingStatus {
    return this.segments[row >>> SEGMENT_BITS]?.[row & (SEGMENT_ROWS - 1)] ?? PendingStatus.none
  }

  set(row: number, status: PendingStatus): void {
    const s = row >>> SEGMENT_BITS
    this.segments[s] ??= new Uint8Array(SEGMENT_ROWS)
    this.segments[s][row & (SEGMENT_ROWS - 1)] = status
  }
}
