/** The results of one batch while it runs, as columns; room for the largest batch, used again and again. */

import {BATCH_EVENTS_MAX} from '../schema/limits.js'

/** The results of a batch as columns: event i has `timestamps[i]` and `statuses[i]`. */
export interface EncodedResults {
  timestamps: BigUint64Array
  statuses: Uint32Array
}

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
