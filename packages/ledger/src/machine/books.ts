/** All that a ledger knows: the state that events change and queries read. Which list means what: docs/store.md. */

import {IdIndex} from '../memory/id-index.js'
import {RecordStore, SEGMENT_BITS, SEGMENT_ROWS} from '../memory/record-store.js'
import {SegmentIndexes} from '../memory/segment-index.js'
import {TransferIds} from '../memory/transfer-ids.js'
import {RECORD_BITS} from '../records/layout.js'
import {BalanceHistory} from './balance-history.js'
import {ExpiryQueue} from './expiry-queue.js'

export enum PendingStatus {
  none = 0,
  pending = 1,
  posted = 2,
  voided = 3,
  expired = 4,
}

/** The hidden status of each pending transfer (semantics §10.1), one byte per row, only where there are any. */
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

export class Books {
  readonly accounts = new RecordStore(RECORD_BITS)
  readonly accountIds = new IdIndex(this.accounts)
  readonly accountIndexes = new SegmentIndexes(this.accounts, false)
  readonly transfers = new RecordStore(RECORD_BITS)
  readonly transferIds = new TransferIds(this.transfers)
  readonly transferIndexes = new SegmentIndexes(this.transfers, true)
  readonly pending = new PendingStatuses()
  readonly expiry = new ExpiryQueue()
  readonly history = new BalanceHistory()
  /** The last time slot given away. */
  lastTime = 0n
}
