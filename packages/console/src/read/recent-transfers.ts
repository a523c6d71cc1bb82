/**
 * The latest transfers of a database, folded: how many there were over time, which holds are open, and what moved between
 * kinds of account. New rows are added as they come, so that a page costs one read of what is new.
 */

import {setImmediate as nextTurn} from 'node:timers/promises'
import {type Hold, Holds, isPending, movedBy, resolvesHold} from '@parix/books/holds'
import {type Flow, Flows} from '@parix/books/report'
import type {Transfer} from '@parix/ledger/schema'
import type {LedgerReader, ReadLimits} from '../host.js'
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
const SLICE_ROWS = 2_048

export class RecentTransfers {
  #fold: RecentFold | undefined
  #extended = false
  #looking: Promise<void> | undefined

  constructor(
    private readonly reader: LedgerReader,
    private readonly limits: ReadLimits,
  ) {}

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
      this.#fold = await this.#load(this.limits.pageRows)
      return
    }
    for (let pages = 0; pages < CATCH_UP_PAGES_MAX; pages++) {
      const rows = await this.reader.queryTransfers(
        queryFilter({timestamp_min: this.#fold.newest + 1n, limit: this.limits.pageRows}),
      )
      await this.#fold.add(rows, this.reader)
      if (rows.length < this.limits.pageRows) break
    }
    this.#extend()
  }

  /** Once the first pages were shown, the rest is read in the background. */
  #extend(): void {
    if (this.#extended || this.#fold!.complete) return
    this.#extended = true
    void this.#load(this.limits.recentPagesMax * this.limits.pageRows)
      .then((fold) => {
        this.#fold = fold
      })
      .catch(() => {
        this.#extended = false
      })
  }

  /** In slices, so that other pages don't wait for all of them. */
  async #load(rowsMax: number): Promise<RecentFold> {
    const limit = Math.min(this.limits.pageRows, SLICE_ROWS)
    const pages: Transfer[][] = []
    let to = 0n
    let complete = false
    for (let rows = 0; rows < rowsMax && !complete; rows += limit) {
      const page = await this.reader.queryTransfers(queryFilter({timestamp_max: to, limit, newestFirst: true}))
      pages.push(page.reverse())
      complete = page.length < limit
      to = page.length > 0 ? page[0]!.timestamp - 1n : 0n
      await nextTurn()
    }
    const fold = new RecentFold(complete)
    for (const page of pages.reverse()) {
      await fold.add(page, this.reader)
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
  readonly #accounts = new Map<bigint, {ledger: number; code: number}>()
  readonly #flows = new Flows(this.#accounts)
  readonly #minutes = new Map<number, {transfers: number; holds: number}>()

  constructor(readonly complete: boolean) {}

  async add(rows: readonly Transfer[], reader: LedgerReader): Promise<void> {
    await this.#learnAccounts(rows, reader)
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

  async #learnAccounts(rows: readonly Transfer[], reader: LedgerReader): Promise<void> {
    const unknown = new Set<bigint>()
    for (const {debit_account_id, credit_account_id} of rows) {
      if (!this.#accounts.has(debit_account_id)) unknown.add(debit_account_id)
      if (!this.#accounts.has(credit_account_id)) unknown.add(credit_account_id)
    }
    const ids = [...unknown]
    for (let from = 0; from < ids.length; from += LOOKUP_MAX) {
      for (const {id, ledger, code} of await reader.lookupAccounts(ids.slice(from, from + LOOKUP_MAX)))
        this.#accounts.set(id, {ledger, code})
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

const LOOKUP_MAX = 8189
const BARS_MAX = 60
const BARS_LIMIT = 600
const MINUTE_S = 60
const HOUR_S = 3_600
const DAY_S = 86_400
const WIDTHS_S = [MINUTE_S, 5 * MINUTE_S, 15 * MINUTE_S, HOUR_S, 3 * HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S, 28 * DAY_S]
