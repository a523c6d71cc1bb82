/**
 * Follows the transfers of a database: pages by timestamp, then polls. Timestamps are unique and only ever rise, imported
 * transfers included (TigerBeetle refuses one that is not newer than the newest), so the next page begins right after the
 * last row and nothing can appear before it.
 */

import {
  type Change,
  type ChangedAccount,
  type ChangeEvent,
  ChangeStream,
  ChangingAccounts,
  changeEvent,
} from '@parix/books/change-events'
import {isParixError} from '@parix/kit/errors'
import type {Transfer} from '@parix/ledger/schema'
import {
  accountsById,
  accountTransferPages,
  type BookFilter,
  type BookReader,
  transferPages,
} from '../books/read-books.js'
import type {Position} from './cursor.js'

export interface WatchFilter {
  account?: bigint | undefined
  ledger?: number | undefined
  code?: number | undefined
}

export interface WatchOptions {
  reader: BookReader
  filter: WatchFilter
  /** Where to begin; what is behind it was delivered before. */
  start: Position
  /** Adds the accounts with their balances as of each event. */
  accounts: boolean
  batchEventsMax: number
  /** Ends after this many events. */
  limit?: number | undefined
  /** Ends when there is nothing new. */
  untilIdle: boolean
  /** Takes events, and the position after them. Returns false where nobody reads any longer. */
  take(events: readonly ChangeEvent[], position: Position): Promise<boolean>
  /** Nanoseconds since 1970. */
  now(): bigint
  sleep(ms: number): Promise<void>
  /** A failure to read, before the next attempt. */
  failed(error: unknown, pauseMs: number): void
}

const PAUSE_MS_MIN = 200
const PAUSE_MS_MAX = 2000
/** Clocks of this machine and the cluster may differ by this much: an expiry that no later transfer proves waits for it. */
const CLOCKS_DIFFER_NS = 5_000_000_000n

/** @throws ParixError by the responses; a passing failure is waited out once the first page was read */
export async function watch(options: WatchOptions): Promise<void> {
  const {untilIdle, now, sleep} = options
  const run = await Watch.begin(options)
  for (let pause = PAUSE_MS_MIN, failures = 0, reads = 0; ; ) {
    const asked = now()
    let rows: number
    try {
      rows = await run.read()
      reads++
      failures = 0
    } catch (error) {
      if (reads === 0 || untilIdle || !isParixError(error) || error.kind !== 'UNAVAILABLE' || run.isDelivering)
        throw error
      const wait = Math.min(30_000, PAUSE_MS_MAX * 2 ** failures++)
      options.failed(error, wait)
      await sleep(wait)
      continue
    }
    if (!run.isOver && rows === 0) await run.expire(asked - CLOCKS_DIFFER_NS)
    if (run.isOver || (rows === 0 && untilIdle)) return
    pause = rows === 0 ? Math.min(PAUSE_MS_MAX, pause * 2) : PAUSE_MS_MIN
    if (!untilIdle) await sleep(pause)
  }
}

/** Until when all expiries are delivered, by the last change that was and the one after it: several may be due at the same nanosecond. */
function expiredWith(last: Change, next: Change): bigint {
  const more = next.type === 'two_phase_expired' && next.timestamp === last.timestamp
  return more ? last.timestamp - 1n : last.timestamp
}

class Watch {
  isOver = false
  /** An error that was thrown is one of the delivery, not of reading. */
  isDelivering = false
  #last: bigint
  #expired: bigint
  #delivered = 0
  readonly #accounts: AccountsAsOf | undefined

  private constructor(
    private readonly options: WatchOptions,
    private readonly stream: ChangeStream,
  ) {
    this.#last = options.start.last
    this.#expired = options.start.expired
    if (options.accounts) this.#accounts = new AccountsAsOf(options.reader, stream)
  }

  /** Reads the pending transfers again that may still expire. */
  static async begin(options: WatchOptions): Promise<Watch> {
    const {last, expired, holdsFrom} = options.start
    const stream = new ChangeStream(expired)
    if (holdsFrom !== undefined) {
      for await (const page of pages(options, {from: holdsFrom, to: last}))
        for (const transfer of page) stream.remember(transfer)
    }
    return new Watch(options, stream)
  }

  /** Every page there is. @returns the number of rows */
  async read(): Promise<number> {
    let rows = 0
    for await (const page of pages(this.options, {from: this.#last + 1n})) {
      const [first] = page
      if (first === undefined) continue
      rows += page.length
      await this.#accounts?.load(page, this.#last, page.at(-1)!.timestamp)
      const holdsFrom = this.stream.oldestHold() ?? first.timestamp
      const changes = page.flatMap((transfer) => this.stream.add(transfer))
      await this.#deliver(changes, holdsFrom, page.at(-1)!.timestamp)
      if (this.isOver) break
    }
    return rows
  }

  /** Expiries that no transfer has come after yet. */
  async expire(until: bigint): Promise<void> {
    await this.#accounts?.load([], this.#last, until)
    const holdsFrom = this.stream.oldestHold()
    await this.#deliver(this.stream.expire(until), holdsFrom, until)
  }

  /**
   * @param holdsFrom the oldest hold before these changes: until all of them are delivered, it may still be needed
   * @param until everything up to here is delivered with the last of the changes
   */
  async #deliver(changes: readonly Change[], holdsFrom: bigint | undefined, until: bigint): Promise<void> {
    const {batchEventsMax, limit} = this.options
    for (let from = 0; from < changes.length && !this.isOver; ) {
      const size = Math.min(batchEventsMax, limit === undefined ? batchEventsMax : limit - this.#delivered)
      const batch = changes.slice(from, from + size)
      from += batch.length
      const whole = from === changes.length
      for (const {type, timestamp} of batch) if (type !== 'two_phase_expired') this.#last = timestamp
      this.#expiredUntil(whole ? until : expiredWith(batch.at(-1)!, changes[from]!))
      const position = {
        last: this.#last,
        expired: this.#expired,
        holdsFrom: whole ? this.stream.oldestHold() : holdsFrom,
      }
      this.isDelivering = true
      const reading = await this.options.take(
        batch.map((change) => this.#event(change)),
        position,
      )
      this.isDelivering = false
      this.#delivered += batch.length
      this.isOver = !reading || this.#delivered === limit
    }
    if (!this.isOver) this.#expiredUntil(until)
  }

  #expiredUntil(until: bigint): void {
    if (until > this.#expired) this.#expired = until
  }

  #event(change: Change): ChangeEvent {
    if (this.#accounts === undefined) return changeEvent(change)
    this.#accounts.apply(change)
    return changeEvent(change, (id) => this.#accounts!.of(id))
  }
}

function pages(
  {reader, filter}: Pick<WatchOptions, 'reader' | 'filter'>,
  range: BookFilter,
): AsyncIterable<Transfer[]> {
  const {account, ledger, code} = filter
  const narrow = {...range, ...(code !== undefined && {code})}
  if (account !== undefined) return accountTransferPages(reader, account, narrow)
  return transferPages(reader, {...narrow, ...(ledger !== undefined && {ledger})})
}

/**
 * Accounts with their balances as of each event. When an account comes for the first time, its transfers up to then are
 * folded, which is exact without the flag history and for pending amounts; from there on each event is added.
 */
class AccountsAsOf {
  readonly #accounts = new ChangingAccounts()

  constructor(
    private readonly reader: BookReader,
    private readonly stream: ChangeStream,
  ) {}

  /**
   * Reads the accounts of `page`, and of the holds that expire until then, that were not seen before, as they were at `last`. An
   * account may bring holds of its own, whose expiries are of other accounts.
   */
  async load(page: readonly Transfer[], last: bigint, until: bigint): Promise<void> {
    const asked = new Set<bigint>()
    for (let transfers = page; ; transfers = this.stream.due(until)) {
      const ids = new Set(
        transfers
          .flatMap(({debit_account_id, credit_account_id}) => [debit_account_id, credit_account_id])
          .filter((id) => !this.#accounts.has(id) && !asked.has(id)),
      )
      for (const id of ids) asked.add(id)
      if (ids.size > 0) await this.#start([...ids], last)
      else if (transfers !== page) return
    }
  }

  async #start(ids: readonly bigint[], last: bigint): Promise<void> {
    for (const account of (await accountsById(this.reader, ids)).values()) {
      const alone = new ChangingAccounts()
      alone.start(account)
      if (account.timestamp <= last) await this.#fold(account.id, last, alone)
      this.#accounts.adopt(alone)
    }
  }

  apply(change: Change): void {
    this.#accounts.apply(change)
  }

  of(id: bigint): ChangedAccount {
    return this.#accounts.of(id)
  }

  async #fold(id: bigint, last: bigint, account: ChangingAccounts): Promise<void> {
    const history = new ChangeStream()
    for await (const page of accountTransferPages(this.reader, id, {to: last}))
      for (const transfer of page) for (const change of history.add(transfer)) account.apply(change)
    // Nobody will be told of what had expired before this account was seen.
    const {expiredUntil} = this.stream
    for (const change of history.expire(expiredUntil > last ? expiredUntil : last)) account.apply(change)
    for (const hold of history.open()) this.stream.remember(hold)
  }
}
