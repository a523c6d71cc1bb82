/** The ledger as its host sees it: the eight operations of a TigerBeetle client, and the expiry job. */

import {RequestError} from './errors.js'
import {AccountKind} from './machine/account-kind.js'
import type {Books} from './machine/books.js'
import {TransferKind} from './machine/transfer-kind.js'
import {
  CreateAtOperation,
  CreateOperation,
  type ExpiredTransfer,
  ExpireOperation,
  type Workplace,
} from './operations.js'
import {
  type EncodedRows,
  lookupAccounts,
  lookupAccountsEncoded,
  lookupTransfers,
  lookupTransfersEncoded,
  queryAccounts,
  queryAccountsEncoded,
  queryBalances,
  queryTransfers,
  queryTransfersEncoded,
} from './reads/answers.js'
import {type Selection, selectionOfAccount, selectionOfQuery} from './reads/selection.js'
import {type Batch, BatchPool, type EncodedResults, Results} from './records/batch.js'
import {encodeAccounts, encodeIds, encodeTransfers} from './records/encode.js'
import {BATCH_EVENTS_MAX} from './schema/limits.js'
import type {
  Account,
  AccountBalance,
  AccountFilter,
  CreateAccountResult,
  CreateTransferResult,
  QueryFilter,
  Transfer,
} from './schema/records.js'
import {GroupCommit} from './store/group-commit.js'
import type {Recovered} from './store/recovery.js'
import {RewindOperation, type Snapshot} from './store/rewind.js'

/** See `Ledger.records`. */
export interface RecordReads {
  lookupAccounts(ids: readonly bigint[]): Promise<EncodedRows>
  lookupTransfers(ids: readonly bigint[]): Promise<EncodedRows>
  getAccountTransfers(filter: AccountFilter): Promise<EncodedRows>
  queryAccounts(filter: QueryFilter): Promise<EncodedRows>
  queryTransfers(filter: QueryFilter): Promise<EncodedRows>
}

export class Ledger {
  private readonly accountKind: AccountKind
  private readonly transferKind: TransferKind
  private readonly results = new Results()
  private readonly batches = new BatchPool()
  private readonly commits: GroupCommit
  private closing: Promise<void> | undefined

  /** Made by openLedger. */
  constructor(
    private readonly place: Workplace,
    /** What opening found: how much was read, and what a crash had left behind. */
    readonly recovered: Recovered,
    private readonly releaseFiles: () => void,
  ) {
    this.accountKind = new AccountKind(place.books)
    this.transferKind = new TransferKind(place.books)
    this.commits = new GroupCommit(place.log)
  }

  /**
   * Identifies the ledger: 32 hex digits, random when it was created, the same for as long as it exists. A ledger that was
   * lost and started anew has another.
   */
  get id(): string {
    return this.recovered.ledgerId
  }

  /**
   * Creates accounts; resolves when the effects are on disk.
   * @returns one result per event, in order
   * @throws RequestError ERR_TOO_MUCH_DATA, FieldRangeError, FieldTypeError: before anything is stored. StoreError NO_SPACE,
   * WRITE_FAILED: nothing was stored.
   */
  async createAccounts(accounts: readonly Account[]): Promise<CreateAccountResult[]> {
    const batch = this.encode(accounts, encodeAccounts)
    return this.create(batch, this.accountKind, (count) => this.results.objects(count))
  }

  /** Creates transfers; as createAccounts. */
  async createTransfers(transfers: readonly Transfer[]): Promise<CreateTransferResult[]> {
    const batch = this.encode(transfers, encodeTransfers)
    return this.create(batch, this.transferKind, (count) => this.results.objects(count))
  }

  /**
   * The second entry point to createTransfers, for a host that has records and no objects: TigerBeetle's 128 bytes an event, as
   * words (see docs/store.md). Take the batch from `takeBatch`; it is the ledger's from this call on.
   */
  async createTransfersEncoded(batch: Batch): Promise<EncodedResults> {
    return this.create(batch, this.transferKind, (count) => this.results.columns(count))
  }

  /** As createTransfersEncoded, for accounts. */
  async createAccountsEncoded(batch: Batch): Promise<EncodedResults> {
    return this.create(batch, this.accountKind, (count) => this.results.columns(count))
  }

  /**
   * Memory for the records of `count` events. Its words hold what an earlier batch left: write all 32 of each event.
   * @throws RequestError ERR_TOO_MUCH_DATA
   */
  takeBatch(count: number): Batch {
    refuseTooMany(count)
    return this.batches.take(count)
  }

  async lookupAccounts(ids: readonly bigint[]): Promise<Account[]> {
    refuseTooMany(ids.length)
    const words = encodeIds(ids)
    return this.read(() => lookupAccounts(this.place.books, words))
  }

  async lookupTransfers(ids: readonly bigint[]): Promise<Transfer[]> {
    refuseTooMany(ids.length)
    const words = encodeIds(ids)
    return this.read(() => lookupTransfers(this.place.books, words))
  }

  /** The five reads of accounts and transfers, with rows as records in place of objects. They throw as the others do. */
  readonly records: RecordReads = {
    lookupAccounts: async (ids) => {
      refuseTooMany(ids.length)
      const words = encodeIds(ids)
      return this.read(() => lookupAccountsEncoded(this.place.books, words))
    },
    lookupTransfers: async (ids) => {
      refuseTooMany(ids.length)
      const words = encodeIds(ids)
      return this.read(() => lookupTransfersEncoded(this.place.books, words))
    },
    getAccountTransfers: async (filter) => this.selectRecords(selectionOfAccount(filter), queryTransfersEncoded),
    queryAccounts: async (filter) => this.selectRecords(selectionOfQuery(filter), queryAccountsEncoded),
    queryTransfers: async (filter) => this.selectRecords(selectionOfQuery(filter), queryTransfersEncoded),
  }

  async getAccountTransfers(filter: AccountFilter): Promise<Transfer[]> {
    return this.select(selectionOfAccount(filter), (selection) => queryTransfers(this.place.books, selection))
  }

  async getAccountBalances(filter: AccountFilter): Promise<AccountBalance[]> {
    return this.select(selectionOfAccount(filter), (selection) => queryBalances(this.place.books, selection))
  }

  async queryAccounts(filter: QueryFilter): Promise<Account[]> {
    return this.select(selectionOfQuery(filter), (selection) => queryAccounts(this.place.books, selection))
  }

  async queryTransfers(filter: QueryFilter): Promise<Transfer[]> {
    return this.select(selectionOfQuery(filter), (selection) => queryTransfers(this.place.books, selection))
  }

  /**
   * The expiry job: releases what pending transfers reserved whose time has come at now(), at most 8,190 at once.
   * Nothing else expires transfers: the host calls this before each operation and from a timer.
   * @returns the transfers released, in order, each with the time slot of its release
   */
  async expirePendingTransfers(): Promise<ExpiredTransfer[]> {
    return this.commits.submit(new ExpireOperation(this.place))
  }

  /**
   * As createAccounts, at a given time: the last event gets exactly this time slot, the others the slots before it. For
   * replaying what happened elsewhere. Pending transfers that expire before the first event are released first.
   * @param timestamp nanoseconds since 1970
   * @throws RequestError ERR_TIMESTAMP_TAKEN unless it is later than everything before it
   */
  async createAccountsAt(accounts: readonly Account[], timestamp: bigint): Promise<CreateAccountResult[]> {
    const batch = this.encode(accounts, encodeAccounts)
    return this.create(batch, this.accountKind, (count) => this.results.objects(count), timestamp)
  }

  /** Creates transfers at a given time; as createAccountsAt. */
  async createTransfersAt(transfers: readonly Transfer[], timestamp: bigint): Promise<CreateTransferResult[]> {
    const batch = this.encode(transfers, encodeTransfers)
    return this.create(batch, this.transferKind, (count) => this.results.objects(count), timestamp)
  }

  /** The second entry point to both; as createTransfersEncoded. Calls are executed in the order in which they are made. */
  async createEncodedAt(kind: 'account' | 'transfer', batch: Batch, timestamp: bigint): Promise<EncodedResults> {
    const events = kind === 'account' ? this.accountKind : this.transferKind
    return this.create(batch, events, (count) => this.results.columns(count), timestamp)
  }

  /** Releases everything that expires up to a given time; as createAccountsAt. */
  async expirePendingTransfersAt(timestamp: bigint): Promise<ExpiredTransfer[]> {
    const expired: ExpiredTransfer[] = []
    for (;;) {
      const some = await this.commits.submit(new ExpireOperation(this.place, timestamp))
      if (some.length === 0) return expired
      for (const transfer of some) expired.push(transfer)
    }
  }

  /**
   * Where the log ends now, to come back to with `restoreLedger`. A snapshot copies nothing: the log is only appended to.
   * It is taken in line with other calls, so it has everything that was answered before.
   */
  async snapshot(): Promise<Snapshot> {
    return this.commits.submit({
      run: () => {
        const {size, lastChecksum, entries} = this.place.log
        if (size === 0) throw new RequestError('ERR_IN_MEMORY', 'A ledger in memory has no snapshots.')
        return {
          ledgerId: this.id,
          length: size + entries.length,
          checksum: entries.length > 0 ? entries.checksum : lastChecksum,
          time: String(this.place.books.lastTime),
        }
      },
    })
  }

  /**
   * Goes back to a snapshot while the ledger is open: what was stored since is taken back from the end, which costs as much as
   * there is of it, and the log is cut off. Durable when answered.
   * @throws StoreError SNAPSHOT where it is of another ledger, or of a part of the log that is gone; nothing was changed then
   */
  async rewind(snapshot: Snapshot): Promise<void> {
    return this.commits.submit(new RewindOperation(this.place, this.id, snapshot))
  }

  /** Bytes that the log takes on disk. */
  get bytesOnDisk(): number {
    return this.place.log.size
  }

  /** Answers what was asked, then lets go of the directory. Later calls, but for this one, are refused: ERR_CLIENT_CLOSED. */
  async close(): Promise<void> {
    this.closing ??= this.commits.close().then(this.releaseFiles)
    await this.closing
  }

  private encode<E>(events: readonly E[], encodeInto: (events: readonly E[], batch: Batch) => void): Batch {
    const batch = this.takeBatch(events.length)
    try {
      encodeInto(events, batch)
    } catch (error) {
      this.batches.giveBack(batch)
      throw error
    }
    return batch
  }

  private async create<T>(
    batch: Batch,
    kind: AccountKind | TransferKind,
    answer: (count: number) => T,
    at?: bigint,
  ): Promise<T> {
    const {place, results} = this
    const operation =
      at === undefined
        ? new CreateOperation(place, kind, batch, results, answer)
        : new CreateAtOperation(place, kind, batch, results, answer, at)
    try {
      return await this.commits.submit(operation)
    } finally {
      this.batches.giveBack(batch)
    }
  }

  private select<T>(selection: Selection | undefined, query: (selection: Selection) => T[]): Promise<T[]> {
    return this.read(() => (selection ? query(selection) : []))
  }

  private selectRecords(
    selection: Selection | undefined,
    query: (books: Books, selection: Selection) => EncodedRows,
  ): Promise<EncodedRows> {
    return this.read(() => (selection ? query(this.place.books, selection) : {words: new Uint32Array(0), count: 0}))
  }

  private read<T>(run: () => T): Promise<T> {
    return this.commits.submit({run})
  }
}

function refuseTooMany(count: number): void {
  if (count <= BATCH_EVENTS_MAX) return
  throw new RequestError('ERR_TOO_MUCH_DATA', `${count} events: at most ${BATCH_EVENTS_MAX} can be sent at once.`)
}
