/**
 * The sums of all accounts by ledger and code. Accounts are read page by page: the first ones at once, the rest in the
 * background, so that no page of the console waits for a scan of a large database.
 */

import {setImmediate as nextTurn, setTimeout as pause} from 'node:timers/promises'
import type {Chart} from '@parix/books/chart'
import {type TrialLedger, trialBalance} from '@parix/books/report'
import type {Posted} from '@parix/books/statement'
import type {Account} from '@parix/ledger/schema'
import type {LedgerReader, ReadLimits} from '../host.js'
import {queryFilter} from './filters.js'

export interface Group extends Posted {
  ledger: number
  code: number
  accounts: number
  /** Of accounts that are debited by holds: the sum of what is held. */
  held: bigint
}

export interface AccountSums {
  /** One for each ledger and code, by ledger and code. */
  groups: readonly Group[]
  accounts: number
  /** Every account is in it. */
  complete: boolean
  /** All pages are of one moment, so that debits and credits can be compared. */
  consistent: boolean
  /** The last transfer that is in the sums, in nanoseconds; undefined where transfers were created while they were read. */
  asOf: bigint | undefined
}

/** The first look, for which a page waits. */
const FIRST_ROWS = 1_024
/** After the page that waited was sent. */
const SCAN_AFTER_MS = 100
const FRESH_MS = 400
const TRIES_MAX = 3

export class AccountSumsCache {
  #known: AccountSums | undefined
  #knownAt = 0
  #reading: Promise<void> | undefined

  constructor(
    private readonly reader: LedgerReader,
    private readonly limits: ReadLimits,
  ) {}

  async current(): Promise<AccountSums> {
    // Large databases are read again less often than small ones: the scan goes on in the background.
    const freshMs = this.#known !== undefined && this.#known.accounts > this.limits.pageRows ? 10_000 : FRESH_MS
    if (this.#known === undefined || Date.now() - this.#knownAt > freshMs) await this.#read()
    return this.#known!
  }

  async #read(): Promise<void> {
    if (this.#known !== undefined && this.#known.accounts > this.limits.pageRows) {
      this.#scanInBackground()
      return
    }
    const rows = this.#known === undefined ? Math.min(FIRST_ROWS, this.limits.pageRows) : this.limits.pageRows
    const {first, asOf} = await this.#firstPage(rows)
    const sums = new Sums()
    sums.add(first)
    const complete = first.length < rows
    // One page is of one moment by itself.
    if (complete || this.#known === undefined) this.#set(sums.result(complete, complete, asOf))
    if (!complete) this.#scanInBackground()
  }

  #scanInBackground(): void {
    this.#reading ??= pause(SCAN_AFTER_MS, undefined, {ref: false})
      .then(() => this.#scan())
      .finally(() => {
        this.#reading = undefined
      })
    this.#reading.catch(() => undefined)
  }

  /** Read again where transfers came in between, up to three times. */
  async #firstPage(rows: number): Promise<{first: Account[]; asOf: bigint | undefined}> {
    let before = await this.#lastTransfer()
    for (let tries = 1; ; tries++) {
      const first = await this.#page(0n, rows)
      const after = await this.#lastTransfer()
      if (after === before) return {first, asOf: after}
      if (tries === TRIES_MAX) return {first, asOf: undefined}
      before = after
    }
  }

  async #scan(): Promise<void> {
    const before = await this.#lastTransfer()
    const sums = new Sums()
    let from = 0n
    for (let pages = 0; pages < this.limits.accountPagesMax; pages++) {
      const page = await this.#page(from)
      sums.add(page)
      await nextTurn()
      if (page.length < this.limits.pageRows) {
        const quiet = before === (await this.#lastTransfer())
        this.#set(sums.result(true, quiet, quiet ? before : undefined))
        return
      }
      from = page.at(-1)!.timestamp + 1n
    }
    this.#set(sums.result(false, false, undefined))
  }

  #page(from: bigint, limit = this.limits.pageRows): Promise<Account[]> {
    return this.reader.queryAccounts(queryFilter({timestamp_min: from, limit}))
  }

  async #lastTransfer(): Promise<bigint> {
    const [last] = await this.reader.queryTransfers(queryFilter({limit: 1, newestFirst: true}))
    return last?.timestamp ?? 0n
  }

  #set(sums: AccountSums): void {
    this.#known = sums
    this.#knownAt = Date.now()
  }
}

class Sums {
  readonly #groups = new Map<number, Group>()
  #accounts = 0

  add(accounts: readonly Account[]): void {
    this.#accounts += accounts.length
    for (const {ledger, code, debits_posted, credits_posted, debits_pending} of accounts) {
      const key = ledger * 0x1_0000 + code
      let group = this.#groups.get(key)
      if (group === undefined) {
        group = {ledger, code, accounts: 0, debits: 0n, credits: 0n, held: 0n}
        this.#groups.set(key, group)
      }
      group.accounts++
      group.debits += debits_posted
      group.credits += credits_posted
      group.held += debits_pending
    }
  }

  result(complete: boolean, consistent: boolean, asOf: bigint | undefined): AccountSums {
    const groups = [...this.#groups.values()].sort((a, b) => a.ledger - b.ledger || a.code - b.code)
    return {groups, accounts: this.#accounts, complete, consistent, asOf}
  }
}

/** The trial balance of sums, one row for each code, by the rules of every other report. */
export function trialOf(groups: readonly Group[], chart: Chart | undefined): TrialLedger[] {
  const ids = groups.map((group, index): [bigint, Group] => [BigInt(index), group])
  return trialBalance(new Map(ids), new Map(ids), 'code', chart)
}

/** The key that `trialBalance` has for a group: the name of its code, or the code. */
export function keyOfGroup({code}: Group, chart: Chart | undefined): string {
  return chart?.codeName('account', code) ?? String(code)
}
