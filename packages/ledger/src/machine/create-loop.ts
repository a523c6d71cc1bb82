/**
 * The loop over the events of a create batch, the same for accounts and transfers (semantics §4): linked chains,
 * the imported rule, time slots. What an event does is its kind's matter.
 */

import type {Results} from '../records/batch.js'
import {CODE_AND_FLAGS, FLAGS_SHIFT, RECORD_BITS, TIMESTAMP} from '../records/layout.js'

/** What a kind's `create` returns for success. The public number of `created`, 2^32 - 1, is written in its place. */
export const CREATED = 0
const CREATED_STATUS = 0xffffffff

const LINKED = 1
const LINKED_EVENT_FAILED = 1
const LINKED_EVENT_CHAIN_OPEN = 2
const TIMESTAMP_MUST_BE_ZERO = 3
const TIMESTAMP_MAX_HIGH = 0x7fffffff

/** Statuses that both kinds have under different numbers. */
export interface ImportedStatuses {
  expected: number
  notExpected: number
  outOfRange: number
  mustNotAdvance: number
}

export interface EventKind {
  readonly importedFlag: number
  readonly imported: ImportedStatuses
  /** Remembers where a chain starts. */
  mark(): void
  /** Takes back everything since the mark. */
  rollBack(): void
  /**
   * Checks event i, whose record starts at words[at], and stores it if all is well.
   * @returns CREATED or a status. results.times[2i] holds the event's time slot; where the response's timestamp is another, it is
   * written there.
   */
  create(words: Uint32Array, at: number, i: number, results: Results): number
  /** Hears of every event that was not created, after the chain was rolled back. */
  refused(words: Uint32Array, at: number, status: number): void
}

/** @param time the time slot of the last event; event i gets time - count + 1 + i */
export function runCreateLoop(
  kind: EventKind,
  words: Uint32Array,
  count: number,
  time: bigint,
  results: Results,
): void {
  const {statuses, times} = results
  const loop = new BatchRules(kind, words, count, time)
  let chain = -1
  let broken = false
  for (let i = 0; i < count; i++) {
    const at = i << RECORD_BITS
    loop.writeSlot(times, i)
    const linked = ((words[at + CODE_AND_FLAGS]! >>> FLAGS_SHIFT) & LINKED) !== 0
    if (linked && chain < 0) {
      chain = i
      kind.mark()
    }
    let status: number
    if (linked && i === count - 1) status = LINKED_EVENT_CHAIN_OPEN
    else if (broken) status = LINKED_EVENT_FAILED
    else status = loop.check(at) || kind.create(words, at, i, results)
    if (status === CREATED) {
      statuses[i] = CREATED_STATUS
    } else {
      statuses[i] = status
      if (chain >= 0 && !broken) {
        broken = true
        kind.rollBack()
        statuses.fill(LINKED_EVENT_FAILED, chain, i)
      }
      kind.refused(words, at, status)
    }
    if (!linked) {
      chain = -1
      broken = false
    }
  }
}

/** Rules 3 and 4 of §4, and the arithmetic of time slots. */
class BatchRules {
  private readonly isImported: boolean
  private readonly firstLow: number
  private readonly firstHigh: number
  private readonly lastLow: number
  private readonly lastHigh: number

  constructor(
    private readonly kind: EventKind,
    private readonly words: Uint32Array,
    count: number,
    last: bigint,
  ) {
    const first = last - BigInt(count) + 1n
    this.isImported = count > 0 && this.hasImportedFlag(0)
    this.firstLow = Number(first & 0xffffffffn)
    this.firstHigh = Number(first >> 32n)
    this.lastLow = Number(last & 0xffffffffn)
    this.lastHigh = Number(last >> 32n)
  }

  writeSlot(times: Uint32Array, i: number): void {
    const low = this.firstLow + i
    times[2 * i] = low
    times[2 * i + 1] = this.firstHigh + (low > 0xffffffff ? 1 : 0)
  }

  /** 0 when the event passes. */
  check(at: number): number {
    const {imported} = this.kind
    if (this.hasImportedFlag(at) !== this.isImported) return this.isImported ? imported.expected : imported.notExpected
    const low = this.words[at + TIMESTAMP]!
    const high = this.words[at + TIMESTAMP + 1]!
    if (!this.isImported) return (low | high) === 0 ? 0 : TIMESTAMP_MUST_BE_ZERO
    if ((low | high) === 0 || high > TIMESTAMP_MAX_HIGH) return imported.outOfRange
    const before = high < this.lastHigh || (high === this.lastHigh && low < this.lastLow)
    return before ? 0 : imported.mustNotAdvance
  }

  private hasImportedFlag(at: number): boolean {
    return ((this.words[at + CODE_AND_FLAGS]! >>> FLAGS_SHIFT) & this.kind.importedFlag) !== 0
  }
}
