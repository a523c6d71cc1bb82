import type {
  Account,
  AccountBalance,
  AccountFilter,
  CreateAccountResult,
  CreateTransferResult,
  EncodedResults,
  QueryFilter,
  Transfer,
} from '@parix/ledger'
import type {Records} from './records.js'

/**
 * What the service asks of a ledger: TigerBeetle's eight operations, in the shapes of tigerbeetle-node 0.17. The embedded
 * ledger and the client of a real cluster stand behind it, and nothing else of the service knows which.
 *
 * A request that holds too much is refused by an error whose `code` is `ERR_TOO_MUCH_DATA`.
 */
export interface LedgerPort {
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
  /** The same as `createAccounts` and `createTransfers`, for events that are encoded already: where there is such a door. */
  createAccountsEncoded?(records: Records): Promise<EncodedResults>
  createTransfersEncoded?(records: Records): Promise<EncodedResults>
}

/** Where ledgers come from. */
export interface LedgerSource {
  /** What the answers say of the ledger behind a database. */
  readonly clusterId: string
  /** `targetHost` of the answers; null for the ledger inside this service. */
  readonly addresses: string | null
  /** Makes what a new database needs. */
  provision(databaseId: string): Promise<void>
  open(databaseId: string): Promise<LedgerPort>
  /** Removes everything that `databaseId` has. It is closed. */
  remove(databaseId: string): Promise<void>
  /** Ends the source. All ledgers of it are closed. */
  close(): Promise<void>
}
