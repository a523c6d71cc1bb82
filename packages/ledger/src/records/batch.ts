/** The memory of one request: its events as encoded records, one behind the other. */

import {BATCH_EVENTS_MAX, RECORD_BYTES} from './layout.js'

const SPARE_BATCHES_MAX = 4
const SMALL_EVENTS = 64

export interface Batch {
  /** 32 words an event. */
  readonly words: Uint32Array
  /** The same memory, 64 bits at a time. */
  readonly longs: BigUint64Array
  count: number
}

/** Full-size batches are a megabyte: they are used again, so that a steady load makes no garbage. */
export class BatchPool {
  private readonly spare: Batch[] = []

  take(count: number): Batch {
    if (count <= SMALL_EVENTS) return makeBatch(count)
    const batch = this.spare.pop() ?? makeBatch(BATCH_EVENTS_MAX)
    batch.count = count
    return batch
  }

  giveBack(batch: Batch): void {
    const full = batch.words.length * 4 === BATCH_EVENTS_MAX * RECORD_BYTES
    if (full && this.spare.length < SPARE_BATCHES_MAX) this.spare.push(batch)
  }
}

function makeBatch(count: number): Batch {
  const buffer = new ArrayBuffer(count * RECORD_BYTES)
  return {words: new Uint32Array(buffer), longs: new BigUint64Array(buffer), count}
}
