/** The memory of one request: its events as encoded records, one after another, and their results as columns. */

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

/** The results of a batch as columns: event i has `timestamps[i]` and `statuses[i]`. */
export interface EncodedResults {
  timestamps: BigUint64Array
  statuses: Uint32Array
}

/** The results of one batch while it runs; room for the largest batch, used again and again. */
export class Results {
  readonly statuses = new Uint32Array(BATCH_EVENTS_MAX)
  /** Two words an event, lowest first. */
  readonly times = new Uint32Array(BATCH_EVENTS_MAX * 2)
  private readonly timestamps = new BigUint64Array(this.times.buffer)

  /** One object an event, as the official client answers. */
  objects(count: number): {timestamp: bigint; status: number}[] {
    const results = new Array<{timestamp: bigint; status: number}>(count)
    for (let i = 0; i < count; i++) results[i] = {timestamp: this.timestamps[i]!, status: this.statuses[i]!}
    return results
  }

  /** A copy of the columns. */
  columns(count: number): EncodedResults {
    return {timestamps: this.timestamps.slice(0, count), statuses: this.statuses.slice(0, count)}
  }
}
