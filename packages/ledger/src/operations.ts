/** The three operations that change the books: how each runs, what it leaves in the log, and how it is taken back. */

import {AccountKind} from './machine/account-kind.js'
import type {Books} from './machine/books.js'
import {assertSlotsFree, shareSlot, takeExactSlots, takeSlots} from './machine/clock.js'
import {type EventKind, runCreateLoop} from './machine/create-loop.js'
import {expireDue, mayBeDue, unexpireTransfer} from './machine/expire.js'
import {removeLastAccount, removeLastTransfer} from './machine/undo.js'
import {read128} from './memory/words.js'
import type {Batch, Results} from './records/batch.js'
import {ID} from './records/layout.js'
import {EntryKind} from './store/entry.js'
import type {Operation} from './store/group-commit.js'
import type {Journal} from './store/log.js'

/** A pending transfer that the expiry job released, and the time slot its release took. */
export interface ExpiredTransfer {
  id: bigint
  timestamp: bigint
}

export interface Workplace {
  readonly books: Books
  readonly log: Journal
  readonly now: () => bigint
}

/** A create call, for either kind. `answer` makes of the results what the caller gets. */
export class CreateOperation<T> implements Operation<T> {
  private savepoint: Savepoint | undefined

  constructor(
    private readonly place: Workplace,
    private readonly kind: EventKind,
    private readonly batch: Batch,
    private readonly results: Results,
    private readonly answer: (count: number) => T,
    /** The slot of the last event; else the clock decides. */
    private readonly at?: bigint,
  ) {}

  run(): T {
    const {books, log} = this.place
    const {words, count} = this.batch
    log.assertUsable()
    this.savepoint = takeSavepoint(books)
    if (count === 0) return this.answer(0)
    try {
      runCreateLoop(this.kind, words, count, this.slots(count), this.results)
    } catch (error) {
      this.undo()
      throw error
    }
    logCreated(this.place, this.kind, this.savepoint)
    return this.answer(count)
  }

  undo(): void {
    if (this.savepoint) returnTo(this.place.books, this.savepoint)
  }

  private slots(count: number): bigint {
    const {books, now} = this.place
    return this.at === undefined ? takeSlots(books, now(), count) : takeExactSlots(books, this.at, count)
  }
}

/** The expiry job at now(), or, in a replay, at a time in the past. */
export class ExpireOperation implements Operation<ExpiredTransfer[]> {
  private savepoint: Savepoint | undefined
  private expired: number[] = []

  constructor(
    private readonly place: Workplace,
    /** In a replay: the latest slot that the releases may take. They share it, because later slots are spoken for. */
    private readonly at?: bigint,
  ) {}

  run(): ExpiredTransfer[] {
    const {books, log, now} = this.place
    log.assertUsable()
    this.savepoint = takeSavepoint(books)
    const time = this.at ?? now()
    if (!mayBeDue(books, time)) return []
    this.expired = expireDue(books, time)
    const count = this.expired.length
    if (count === 0) return []
    const last = this.at === undefined ? takeSlots(books, time, count) : shareSlot(books, time)
    log.entries.add(EntryKind.expiry, count, 0, last, [Uint32Array.from(this.expired)])
    const first = this.at === undefined ? last - BigInt(count) + 1n : last
    return this.expired.map((row, i) => ({
      id: read128(books.transfers.words(row), books.transfers.at(row) + ID),
      timestamp: this.at === undefined ? first + BigInt(i) : last,
    }))
  }

  undo(): void {
    if (this.savepoint) returnTo(this.place.books, this.savepoint, this.expired)
  }
}

/**
 * A create call at a given time. What expires before its first event is released in the same operation, so that many of them
 * can be queued, one after another, and share a sync.
 */
export class CreateAtOperation<T> implements Operation<T> {
  private readonly releases: ExpireOperation[] = []
  private readonly create: CreateOperation<T>

  constructor(
    private readonly place: Workplace,
    kind: EventKind,
    private readonly batch: Batch,
    results: Results,
    answer: (count: number) => T,
    private readonly at: bigint,
  ) {
    this.create = new CreateOperation(place, kind, batch, results, answer, at)
  }

  run(): T {
    const {count} = this.batch
    // Before anything is released: a refused call changes nothing.
    if (count > 0) assertSlotsFree(this.place.books, this.at, count)
    for (;;) {
      const release = new ExpireOperation(this.place, this.at - BigInt(count))
      if (release.run().length === 0) return this.create.run()
      this.releases.push(release)
    }
  }

  undo(): void {
    this.create.undo()
    for (const release of this.releases.toReversed()) release.undo()
  }
}

/**
 * What the batch added, exactly as it lies in memory. An entry is written even when it added nothing: the time slots of
 * its refused events were given away, and must not be given again after a restart.
 */
function logCreated({books, log}: Workplace, kind: EventKind, before: Savepoint): void {
  const {accounts, transfers} = books
  const {failed} = books.transferIds
  if (kind instanceof AccountKind) {
    const created = accounts.count - before.accounts
    log.entries.add(EntryKind.accounts, created, 0, books.lastTime, accounts.slices(before.accounts, accounts.count))
    return
  }
  const created = transfers.count - before.transfers
  log.entries.add(EntryKind.transfers, created, failed.count - before.failed, books.lastTime, [
    ...transfers.slices(before.transfers, transfers.count),
    ...failed.slices(before.failed, failed.count),
  ])
}

// Where the books stood before an operation, so that it can be taken back whole when the disk refuses it.

interface Savepoint {
  readonly accounts: number
  readonly transfers: number
  readonly failed: number
  readonly highestId: Uint32Array
  readonly lastTime: bigint
}

function takeSavepoint(books: Books): Savepoint {
  const highestId = new Uint32Array(4)
  books.transferIds.markHighest(highestId)
  return {
    accounts: books.accounts.count,
    transfers: books.transfers.count,
    failed: books.transferIds.failed.count,
    highestId,
    lastTime: books.lastTime,
  }
}

/** @param expired the rows that the operation had expired, in that order */
function returnTo(books: Books, savepoint: Savepoint, expired: readonly number[] = []): void {
  for (const row of expired.toReversed()) unexpireTransfer(books, row)
  while (books.transfers.count > savepoint.transfers) removeLastTransfer(books)
  while (books.accounts.count > savepoint.accounts) removeLastAccount(books)
  while (books.transferIds.failed.count > savepoint.failed) books.transferIds.removeLastFailed()
  books.transferIds.restoreHighest(savepoint.highestId)
  books.lastTime = savepoint.lastTime
}
