/** The memory of one request: its events as encoded records, one behind the other. */

import {BATCH_EVENTS_MAX} from '../schema/limits.js'
import {RECORD_BYTES} from './layout.js'

const SPARE_BATCHES_MAX = 4
/** Requests of one event, of many callers at once: as many spare as a group commit may hold of them. */
const SPARE_SINGLES_MAX = 256
const SMALL_EVENTS = 64

export interface Batch {
  /** 32 words an event. */
  readonly words: Uint32Array
  /** The same memory, 64 bits at a time. */
  readonly longs: BigUint64Array
  count: number
}

/** Full-size batches are a megabyte, and single events come by the thousand: both are used again, so that a steady load makes no garbage. */
export class BatchPool {
  private readonly spare: Batch[] = []
  private readonly singles: Batch[] = []

  take(count: number): Batch {
    if (count === 1) return this.singles.pop() ?? makeBatch(1)
    if (count <= SMALL_EVENTS) return makeBatch(count)
    const batch = this.spare.pop() ?? makeBatch(BATCH_EVENTS_MAX)
    batch.count = count
    return batch
  }

  giveBack(batch: Batch): void {
    const events = (batch.words.length * 4) / RECORD_BYTES
    if (events === 1 && this.singles.length < SPARE_SINGLES_MAX) this.singles.push(batch)
    if (events === BATCH_EVENTS_MAX && this.spare.length < SPARE_BATCHES_MAX) this.spare.push(batch)
  }
}

function makeBatch(count: number): Batch {
  const buffer = new ArrayBuffer(count * RECORD_BYTES)
  return {words: new Uint32Array(buffer), longs: new BigUint64Array(buffer), count}
}
