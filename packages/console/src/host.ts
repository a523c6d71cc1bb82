/** What the console asks of whoever mounts it: who is visiting, which databases there are, and how their rows are read. */

import type {Chart} from '@parix/books/chart'
import type {ServiceInPrint} from '@parix/kit/next-command'
import type {
  Account,
  AccountBalance,
  AccountFilter,
  CreateAccountResult,
  CreateTransferResult,
  QueryFilter,
  Transfer,
} from '@parix/ledger/schema'
import type {Markup} from './view/markup.js'

/** TigerBeetle's six reads, in the shapes of tigerbeetle-node 0.17. Nothing else is asked of a database. */
export interface LedgerReader {
  lookupAccounts(ids: bigint[]): Promise<Account[]>
  lookupTransfers(ids: bigint[]): Promise<Transfer[]>
  getAccountTransfers(filter: AccountFilter): Promise<Transfer[]>
  getAccountBalances(filter: AccountFilter): Promise<AccountBalance[]>
  queryAccounts(filter: QueryFilter): Promise<Account[]>
  queryTransfers(filter: QueryFilter): Promise<Transfer[]>
}

type Create<Event, Result> = (events: Event[]) => Promise<Result[]>

/** What is needed to create accounts and transfers; a host that only shows has none of it. */
export interface LedgerWriter {
  /** A fresh 128-bit id, greater than those before. */
  newId(): bigint
  createAccounts: Create<Account, CreateAccountResult>
  createTransfers: Create<Transfer, CreateTransferResult>
  /**
   * Runs `work` on a copy of the ledger, of which nothing is kept.
   * @returns undefined where the ledger is too large to be copied for a page
   */
  onCopy<T>(work: (copy: LedgerCopy) => Promise<T>): Promise<T | undefined>
}

export interface LedgerCopy {
  createAccounts: Create<Account, CreateAccountResult>
  createTransfers: Create<Transfer, CreateTransferResult>
  lookupAccounts(ids: bigint[]): Promise<Account[]>
}

export interface ConsoleDatabase {
  id: string
  name: string
  reader: LedgerReader
  /** Left out where the console only shows. */
  writer?: LedgerWriter
  /** Names and currencies; ids and integers are shown without one. */
  chart: Chart | undefined
}

/** A row of the list of databases. */
export interface DatabaseCard {
  id: string
  name: string
  status: string
  /** `gcp us-central1`; empty where it has no place. */
  place: string
  createdAt: string
}

/** Somebody who may look, and what they may see. */
export interface Visitor {
  /** Shown in the header: `you@localhost · Local`. */
  label: string
  databases(): Promise<DatabaseCard[]>
  /** By name or id; undefined where there is none that can be read. */
  database(key: string): Promise<ConsoleDatabase | undefined>
}

/** A page of the host's own in the frame of the console, such as the requests of the local service. */
export interface ConsoleTool {
  /** In the address: `/-/requests`. */
  slug: string
  label: string
  icon: 'requests' | 'failures'
  show(request: Request): Promise<Markup>
  /** Handles a form of this page; the page is shown again afterwards. Absent: the page has none. */
  submit?(request: Request, form: URLSearchParams): Promise<void>
}

/** How much of a database one page may read. */
export interface ReadLimits {
  /** Rows per request when many are read, at most 8,189. */
  pageRows: number
  /** Pages of transfers that the recent history covers. */
  recentPagesMax: number
  /** Pages of accounts that the sums of an overview cover. */
  accountPagesMax: number
  /** Milliseconds between two looks for new transfers while a live page is open. */
  livePollMs: number
}

export interface ConsoleHost {
  /** The path that it is mounted at, without a slash at its end: `/console`. */
  base: string
  /** Beside the name at the top: `local`, `read-only`. */
  tag: string
  /** Who sent the request; a response where they have to sign in first, or may not look. */
  admit(request: Request): Promise<Visitor | Response>
  limits: ReadLimits
  tools?: readonly ConsoleTool[]
  /** Further links of the side bar, outside of the console. */
  links?: readonly {label: string; href: string; icon: 'keys' | 'docs'}[]
  /** For the commands on the pages, so that they reach this service when pasted. */
  inPrint?: ServiceInPrint
  /** Gets the failures whose details a page must not show. */
  log(message: string): void
}
