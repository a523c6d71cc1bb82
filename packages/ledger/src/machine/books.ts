/** All that a ledger knows: the state that events change and queries read. Which list means what: docs/store.md. */

import {IdIndex} from '../memory/id-index.js'
import {RecordStore} from '../memory/record-store.js'
import {SegmentIndexes} from '../memory/segment-index.js'
import {TransferIds} from '../memory/transfer-ids.js'
import {RECORD_BITS} from '../records/layout.js'
import {BalanceHistory} from './balance-history.js'
import {ExpiryQueue} from './expiry-queue.js'
import {PendingStatuses} from './pending-statuses.js'

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
