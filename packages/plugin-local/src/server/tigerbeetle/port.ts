import type {
  Account,
  AccountBalance,
  AccountFilter,
  CreateAccountResult,
  CreateTransferResult,
  EncodedResults,
  History,
  QueryFilter,
  RecordReads,
  RefusedRow,
  Snapshot,
  Transfer,
} from '@parix/ledger'
import type {Records} from './records.js'

/**
 * What the service asks of a ledger: TigerBeetle's eight operations, in the shapes of tigerbeetle-node 0.17. The embedded
 * ledger and the client of a real cluster implement it, and nothing else of the service knows which.
 *
 * A request that holds too much is refused by an error whose `code` is `ERR_TOO_MUCH_DATA`.
 */
export interface LedgerPort {
  /** Identifies the ledger for as long as it exists: another ledger under the same database has another. */
  readonly id: string
  createAccounts(events: Account[]): Promise<CreateAccountResult[]>
  createTransfers(events: Transfer[]): Promise<CreateTransferResult[]>
  lookupAccounts(ids: bigint[]): Promise<Account[]>
  lookupTransfers(ids: bigint[]): Promise<Transfer[]>
  getAccountTransfers(filter: AccountFilter): Promise<Transfer[]>
  getAccountBalances(filter: AccountFilter): Promise<AccountBalance[]>
  queryAccounts(filter: QueryFilter): Promise<Account[]>
  queryTransfers(filter: QueryFilter): Promise<Transfer[]>
  /** Releases pending transfers whose time is over. A cluster does so by itself. */
  expirePendingTransfers(): Promise<void>
  close(): Promise<void>
  /** A copy in memory to try something on, where the ledger has one to give. @returns undefined when it is larger than `bytesMax` */
  copy?(bytesMax: number): Promise<LedgerCopy | undefined>
  /** The same as `createAccounts` and `createTransfers`, for events that are encoded already: where the backend has this entry point. */
  /** The reads of accounts and transfers, with rows as records: where the ledger has them. */
  readonly records?: RecordReads
  createAccountsEncoded?(records: Records): Promise<EncodedResults>
  createTransfersEncoded?(records: Records): Promise<EncodedResults>
  /** What a ledger in a directory of this service can do, and a cluster can't. */
  readonly own?: OwnLedger
}

export interface OwnLedger {
  readonly directory: string
  replay(history: History): Promise<RefusedRow[]>
  snapshot(): Promise<Snapshot>
  rewind(snapshot: Snapshot): Promise<void>
}

/** A ledger that is thrown away. */
export type LedgerCopy = Pick<LedgerPort, 'createAccounts' | 'createTransfers' | 'lookupAccounts' | 'close'>

/** What keeps the accounts and transfers of a service's databases. */
export type Backend =
  /** A ledger inside this service for each database. */
  | {kind: 'embedded'}
  /** One TigerBeetle cluster for all of them. `addresses`: one `HOST:PORT` per replica, as the user named them. */
  | {kind: 'cluster'; clusterId: string; addresses: readonly string[]}

/** What is known of a cluster from the last call. */
export type ClusterState = {answering: true} | {answering: false; reason: string}

/** Where ledgers come from. */
export interface LedgerSource {
  readonly backend: Backend
  /** Whether the cluster answers; the embedded ledgers always do. */
  readonly state: ClusterState
  /** Asks it. */
  probe(): Promise<ClusterState>
  /**
   * Creates what a new database needs, unless it is there already.
   * @returns the ledger's id
   */
  provision(databaseId: string): Promise<string>
  /** @throws where the database was never provisioned, or its ledger is lost: nothing is created */
  open(databaseId: string): Promise<LedgerPort>
  /** Puts a copy of the ledger of `databaseId`, which is closed, in its place. @throws where it is of another ledger */
  replace?(databaseId: string, from: string): void
  /** Removes everything that `databaseId` has. It is closed. */
  remove(databaseId: string): Promise<void>
  /** Ends the source. All ledgers of it are closed. */
  close(): Promise<void>
}
