/** The transfers of a file in an embedded ledger that begins with the balances of a database. */

import {type Account, AccountFlags, CreateTransferStatus, type Transfer, TransferFlags} from '@parix/ledger/schema'
import {isSame} from '../events/compare.js'
import type {LedgerRecord} from '../records/kinds.js'
import {statusByName} from '../results/statuses.js'
import {
  ACCOUNTS_SHOWN_MAX,
  asRecord,
  type CheckedRow,
  type CheckReader,
  type CheckResult,
  type Effect,
  type Find,
  groups,
  keepLargest,
  LOOKUP_MAX,
  toTransfer,
} from './check-rows.js'
import {type DryLedger, Opening} from './dry-opening.js'
import type {ReadEvent} from './events.js'

/**
 * The transfers of the file, executed by TigerBeetle's own rules on the balances that the database has now. What other writers
 * do meanwhile is not in it.
 */
export async function dryRun(
  events: () => AsyncIterable<ReadEvent[]>,
  reader: CheckReader,
  result: CheckResult,
  find: Find,
): Promise<void> {
  const {openMemoryLedger} = await import('@parix/ledger')
  const state = new DryRun(async () => (await openMemoryLedger()) as unknown as DryLedger, reader)
  try {
    for await (const group of groups(events(), 2000)) {
      const existing = await reader.transfers(group.map(({record}) => record.id!))
      const fresh: CheckedRow[] = []
      for (const row of group) {
        const there = existing.get(row.record.id!)
        if (there === undefined) fresh.push(row)
        else if (isSame('transfer', asRecord(there), row.record)) result.existing++
        else
          find({
            line: row.line,
            field: 'id',
            code: 'exists_differently',
            message: `transfer ${row.record.id} is in the database with other contents`,
          })
      }
      await state.run(fresh, result, find)
    }
  } finally {
    await state.close()
  }
}

const ORDERING =
  AccountFlags.debits_must_not_exceed_credits | AccountFlags.credits_must_not_exceed_debits | AccountFlags.closed

const RESOLVING = TransferFlags.post_pending_transfer | TransferFlags.void_pending_transfer

/** A ledger keeps every transfer: after so many a fresh one begins with the balances reached, so that memory stays flat. */
const TRANSFERS_A_LEDGER = 500_000

export class DryRun {
  readonly #known = new Map<bigint, Account | undefined>()
  readonly #pending = new Set<bigint>()
  /** Pending transfers that are not resolved so far, of the file and of the database. */
  readonly #held = new Set<bigint>()
  #ledger: DryLedger | undefined
  #opening: Opening | undefined
  #transfers = 0

  constructor(
    private readonly openLedger: () => Promise<DryLedger>,
    private readonly reader: CheckReader,
    private readonly transfersMax = TRANSFERS_A_LEDGER,
  ) {}

  async close(): Promise<void> {
    await this.#ledger?.close()
  }

  async run(rows: readonly CheckedRow[], result: CheckResult, find: Find): Promise<void> {
    const ledger = await this.#freshLedger()
    await this.#prepare(rows, result)
    const transfers = rows.map(({record}) => toTransfer(record))
    const outcomes = await ledger.createTransfers(transfers)
    this.#transfers += transfers.length
    for (const [index, {status}] of outcomes.entries()) {
      const {line, record} = rows[index]!
      const name = CreateTransferStatus[status]!
      if (name === 'created') {
        this.#follow(transfers[index]!)
        this.#count(transfers[index]!, result)
        this.#assertAfterAccounts(rows[index]!, find)
      } else if (name !== 'linked_event_failed')
        find({line, ...fieldOf(name), code: name, message: meaning(name, record)})
    }
  }

  /** The dry run has its own clock; what an imported row's own time must be later than is known all the same. */
  #assertAfterAccounts({line, record}: CheckedRow, find: Find): void {
    const flags = Number(record.flags ?? 0n)
    if ((flags & TransferFlags.imported) === 0 || (flags & RESOLVING) !== 0) return
    for (const side of ['debit', 'credit'] as const) {
      const account = this.#known.get(record[`${side}_account_id`] ?? 0n)
      if (account === undefined || (record.timestamp ?? 0n) > account.timestamp) continue
      const code = `imported_event_timestamp_must_postdate_${side}_account`
      const message = `${code}: timestamp ${record.timestamp} is not later than ${account.timestamp}, when account ${account.id} was created`
      find({line, field: 'timestamp', code, message})
      return
    }
  }

  #follow({id, flags, pending_id}: Transfer): void {
    if ((flags & TransferFlags.pending) !== 0) this.#held.add(id)
    if ((flags & RESOLVING) !== 0) this.#held.delete(pending_id)
  }

  /** The ledger of this group: after many transfers another, with the accounts and holds of the one before. */
  async #freshLedger(): Promise<DryLedger> {
    const before = this.#ledger
    if (before !== undefined && this.#transfers < this.transfersMax) return before
    const ledger = await this.openLedger()
    this.#ledger = ledger
    this.#opening = new Opening(ledger)
    this.#transfers = 0
    if (before === undefined) return ledger
    const accountIds = [...this.#known].flatMap(([id, account]) => (account === undefined ? [] : [id]))
    const accounts = await this.#all(accountIds, (ids) => before.lookupAccounts(ids))
    await this.#opening.open(accounts, await this.#all([...this.#held], (ids) => before.lookupTransfers(ids)))
    await before.close()
    return ledger
  }

  async #all<T>(ids: readonly bigint[], look: (ids: readonly bigint[]) => Promise<T[]>): Promise<T[]> {
    const found: T[] = []
    for (let from = 0; from < ids.length; from += LOOKUP_MAX)
      for (const one of await look(ids.slice(from, from + LOOKUP_MAX))) found.push(one)
    return found
  }

  /** Accounts that the rows touch, with the balances of the database, and pending transfers that they resolve. */
  async #prepare(rows: readonly CheckedRow[], result: CheckResult): Promise<void> {
    const pendingIds = rows.flatMap(({record}) =>
      record.pending_id && !this.#pending.has(record.pending_id) ? [record.pending_id] : [],
    )
    const inFile = new Set(rows.map(({record}) => record.id))
    const pending = await this.#lookUp(
      [...new Set(pendingIds)].filter((id) => !inFile.has(id)),
      (ids) => this.reader.transfers(ids),
    )
    for (const id of pendingIds) this.#pending.add(id)
    const accountIds = [
      ...rows.flatMap(({record}) => [record.debit_account_id, record.credit_account_id]),
      ...[...pending.values()].flatMap((transfer) => [transfer.debit_account_id, transfer.credit_account_id]),
    ]
    const missing = [
      ...new Set(accountIds.filter((id): id is bigint => id !== undefined && id !== 0n && !this.#known.has(id))),
    ]
    const accounts = await this.#lookUp(missing, (ids) => this.reader.accounts(ids))
    for (const id of missing) {
      const account = accounts.get(id)
      this.#known.set(id, account)
      if (account !== undefined && (account.flags & ORDERING) !== 0)
        result.ordered ??= `account ${id} has a limit or is closed`
    }
    for (const {id, flags} of pending.values()) if ((flags & TransferFlags.pending) !== 0) this.#held.add(id)
    await this.#opening!.open([...accounts.values()], [...pending.values()])
  }

  async #lookUp<T>(
    ids: readonly bigint[],
    look: (ids: readonly bigint[]) => Promise<Map<bigint, T>>,
  ): Promise<Map<bigint, T>> {
    const found = new Map<bigint, T>()
    for (let from = 0; from < ids.length; from += LOOKUP_MAX)
      for (const [id, row] of await look(ids.slice(from, from + LOOKUP_MAX))) found.set(id, row)
    return found
  }

  #count(
    {debit_account_id, credit_account_id, amount, ledger, flags}: Transfer,
    {ledgers, accounts}: CheckResult,
  ): void {
    const moves = (flags & (TransferFlags.pending | TransferFlags.void_pending_transfer)) === 0
    if (!moves || ledger === 0) return
    const sum = ledgers.get(ledger) ?? {debits: 0n, credits: 0n}
    sum.debits += amount
    sum.credits += amount
    ledgers.set(ledger, sum)
    addTo(accounts, debit_account_id, amount, 0n)
    addTo(accounts, credit_account_id, 0n, amount)
    if (accounts.size > ACCOUNTS_SHOWN_MAX * 200) keepLargest(accounts)
  }
}

function addTo(map: Map<bigint, Effect>, id: bigint, debits: bigint, credits: bigint): void {
  const known = map.get(id)
  if (known === undefined) map.set(id, {debits, credits})
  else {
    known.debits += debits
    known.credits += credits
  }
}

function meaning(name: string, record: LedgerRecord): string {
  const moved = record.debit_account_id
    ? ` (${record.amount ?? 0n} from ${record.debit_account_id} to ${record.credit_account_id})`
    : ''
  return `${name}${moved}: ${statusByName('transfer', name)?.meaning ?? 'the ledger would refuse it'}`
}

function fieldOf(name: string): {field?: string} {
  if (/^exceeds_credits|^debit_account|debits/.test(name)) return {field: 'debit_account_id'}
  if (/^exceeds_debits|^credit_account|credits/.test(name)) return {field: 'credit_account_id'}
  if (/^pending_transfer/.test(name)) return {field: 'pending_id'}
  return {}
}
