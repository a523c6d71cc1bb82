/**
 * The latest transfers of a database, folded: how many there were over time, which holds are open, and what moved between
 * kinds of account. New rows are added as they come, so that a page costs one read of what is new.
 */

import {setImmediate as nextTurn, setTimeout as pause} from 'node:timers/promises'
import {type Hold, Holds, isPending, movedBy, resolvesHold} from '@parix/books/holds'
import {type Flow, Flows} from '@parix/books/report'
import type {Transfer} from '@parix/ledger/schema'
import type {LedgerReader, ReadLimits} from '../host.js'
import {type AccountKind, AccountKinds} from './account-kinds.js'
import {queryFilter} from './filters.js'

export interface Bar {
  /** Seconds since 1970 at which it begins. */
  from: number
  transfers: number
  /** Of these, pending ones. */
  holds: number
}

export interface RecentView {
  rows: number
  /** Every transfer of the database is in it. */
  complete: boolean
  /** Nanoseconds; undefined where there are no transfers. */
  oldest: bigint | undefined
  newest: bigint
  /** Holds that were created in these rows and are open, oldest first. */
  open: readonly Hold[]
  flows: readonly Flow[]
  /** Bars of equal width, without gaps. */
  bars: {seconds: number; list: readonly Bar[]}
}

/** Pages of new rows that one look takes at most; the rest comes with the next. */
const CATCH_UP_PAGES_MAX = 2
const SLICE_ROWS = 1_024
/**
 * What the first look may take in, while a page waits for it: rows, and accounts twice, each found for itself. A month of
 * the demo books is within it.
 */
const FIRST_LOOK_MAX = 5_000
/** After the page that waited was sent. */
const EXTEND_AFTER_MS = 100

export class RecentTransfers {
  #fold: RecentFold | undefined
  #kinds: AccountKinds
  #extended = false
  #looking: Promise<void> | undefined

  constructor(
    private readonly reader: LedgerReader,
    private readonly limits: ReadLimits,
  ) {
    this.#kinds = new AccountKinds(reader)
  }

  /** Those of the ledger that the last look found. */
  get kinds(): AccountKinds {
    return this.#kinds
  }

  async current(now: bigint): Promise<RecentView> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
    return this.#fold!.view(now)
  }

  async #look(): Promise<void> {
    if (this.#fold === undefined || !(await this.#fold.isStillThere(this.reader))) {
      this.#extended = false
      this.#kinds = new AccountKinds(this.reader)
      this.#fold = await this.#load({rows: this.limits.pageRows, work: FIRST_LOOK_MAX})
      void pause(EXTEND_AFTER_MS, undefined, {ref: false}).then(() => this.#extend())
      return
    }
    for (let pages = 0; pages < CATCH_UP_PAGES_MAX; pages++) {
      const rows = await this.reader.queryTransfers(
        queryFilter({timestamp_min: this.#fold.newest + 1n, limit: this.limits.pageRows}),
      )
      this.#fold.add(rows, await this.#kinds.of(rows))
      if (rows.length < this.limits.pageRows) break
    }
    this.#extend()
  }

  /** Once the first page was shown, the rest is read in the background. */
  #extend(): void {
    const first = this.#fold!
    if (this.#extended || first.complete) return
    this.#extended = true
    void this.#load({rows: this.limits.recentPagesMax * this.limits.pageRows, work: Number.POSITIVE_INFINITY})
      .then((fold) => {
        // Not where the ledger was set back meanwhile.
        if (this.#extended) this.#fold = fold
      })
      .catch(() => {
        this.#extended = false
      })
  }

  /** In slices, so that other pages don't wait for all of them. */
  async #load({rows: rowsMax, work: workMax}: {rows: number; work: number}): Promise<RecentFold> {
    const limit = Math.min(this.limits.pageRows, SLICE_ROWS)
    const pages: Transfer[][] = []
    let to = 0n
    let complete = false
    let work = 0
    for (let rows = 0; rows < rowsMax && work < workMax && !complete; rows += limit) {
      const page = await this.reader.queryTransfers(queryFilter({timestamp_max: to, limit, newestFirst: true}))
      const lookedUp = this.#kinds.lookedUp
      await this.#kinds.of(page)
      work += page.length + 2 * (this.#kinds.lookedUp - lookedUp)
      pages.push(page.reverse())
      complete = page.length < limit
      to = page.length > 0 ? page[0]!.timestamp - 1n : 0n
      await nextTurn()
    }
    const fold = new RecentFold(complete)
    for (const page of pages.reverse()) {
      fold.add(page, await this.#kinds.of(page))
      await nextTurn()
    }
    return fold
  }
}

class RecentFold {
  newest = 0n
  #newestId = 0n
  #oldest: bigint | undefined
  #rows = 0
  readonly #holds = new Holds()
  #kinds: ReadonlyMap<bigint, AccountKind> = new Map()
  readonly #flows = new Flows({get: (id) => this.#kinds.get(id)})
  readonly #minutes = new Map<number, {transfers: number; holds: number}>()

  constructor(readonly complete: boolean) {}

  /**
   * @param rows oldest first
   * @param kinds of their accounts
   */
  add(rows: readonly Transfer[], kinds: ReadonlyMap<bigint, AccountKind>): void {
    this.#kinds = kinds
    for (const row of rows) {
      // Two looks may overlap with a batch that is being created: a row counts once.
      if (row.timestamp <= this.newest) continue
      this.newest = row.timestamp
      this.#newestId = row.id
      this.#oldest ??= row.timestamp
      this.#rows++
      this.#holds.lapse(row.timestamp)
      this.#holds.take(row)
      if (!resolvesHold(row) || movedBy(row) > 0n) this.#flows.add(row, movedBy(row))
      this.#count(row)
    }
  }

  /** A ledger can be set back to a snapshot: then its rows are others, and what was folded is of no use. */
  async isStillThere(reader: LedgerReader): Promise<boolean> {
    if (this.newest === 0n) return true
    const [row] = await reader.lookupTransfers([this.#newestId])
    return row?.timestamp === this.newest
  }

  view(now: bigint): RecentView {
    this.#holds.lapse(now)
    return {
      rows: this.#rows,
      complete: this.complete,
      oldest: this.#oldest,
      newest: this.newest,
      open: this.#holds.open(),
      flows: this.#flows.list(),
      bars: this.#bars(),
    }
  }

  #count(row: Transfer): void {
    const minute = Number(row.timestamp / 60_000_000_000n)
    const known = this.#minutes.get(minute)
    if (known === undefined) this.#minutes.set(minute, {transfers: 1, holds: isPending(row) ? 1 : 0})
    else {
      known.transfers++
      if (isPending(row)) known.holds++
    }
  }

  #bars(): RecentView['bars'] {
    if (this.#oldest === undefined) return {seconds: 60, list: []}
    const first = Number(this.#oldest / 1_000_000_000n)
    const last = Number(this.newest / 1_000_000_000n)
    const seconds = WIDTHS_S.find((width) => (last - first) / width <= BARS_MAX) ?? WIDTHS_S.at(-1)!
    const begin = Math.floor(first / seconds)
    const list: Bar[] = []
    for (let index = begin; index <= Math.floor(last / seconds) && list.length < BARS_LIMIT; index++)
      list.push({from: index * seconds, transfers: 0, holds: 0})
    for (const [minute, {transfers, holds}] of this.#minutes) {
      const bar = list[Math.floor((minute * 60) / seconds) - begin]
      if (bar === undefined) continue
      bar.transfers += transfers
      bar.holds += holds
    }
    return {seconds, list}
  }
}

const BARS_MAX = 60
const BARS_LIMIT = 600
const MINUTE_S = 60
const HOUR_S = 3_600
const DAY_S = 86_400
const WIDTHS_S = [MINUTE_S, 5 * MINUTE_S, 15 * MINUTE_S, HOUR_S, 3 * HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S, 28 * DAY_S]
