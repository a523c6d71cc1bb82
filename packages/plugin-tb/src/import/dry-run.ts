/** The transfers of a file in an embedded ledger that begins with the balances of a database. */

import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {
  type Account,
  AccountFlags,
  type CreateAccountStatus,
  CreateTransferStatus,
  type Transfer,
  TransferFlags,
} from '@parix/ledger/schema'
import {isSame} from '../events/compare.js'
import type {LedgerRecord} from '../records/kinds.js'
import {statusByName} from '../results/statuses.js'
import {
  ACCOUNTS_SHOWN_MAX,
  asRecord,
  BLANK_ACCOUNT,
  BLANK_TRANSFER,
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
import type {ReadEvent} from './events.js'

const OPENING_LEDGER_ACCOUNT = 2n ** 128n - 3n

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
  const {openLedger} = await import('@parix/ledger')
  const directory = mkdtempSync(join(tmpdir(), 'parix-check-'))
  const ledger = await openLedger({directory})
  try {
    const state = new DryRun(ledger as unknown as DryLedger, reader)
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
    await ledger.close()
    rmSync(directory, {recursive: true, force: true})
  }
}

const ORDERING =
  AccountFlags.debits_must_not_exceed_credits | AccountFlags.credits_must_not_exceed_debits | AccountFlags.closed

interface DryLedger {
  createAccounts(accounts: readonly Account[]): Promise<{status: CreateAccountStatus}[]>
  createTransfers(transfers: readonly Transfer[]): Promise<{status: CreateTransferStatus}[]>
}

class DryRun {
  readonly #known = new Map<bigint, Account | undefined>()
  readonly #openingAccounts = new Set<number>()
  readonly #pending = new Set<bigint>()
  #nextOpeningId = 2n ** 127n

  constructor(
    private readonly ledger: DryLedger,
    private readonly reader: CheckReader,
  ) {}

  async run(rows: readonly CheckedRow[], result: CheckResult, find: Find): Promise<void> {
    await this.#prepare(rows, result)
    const transfers = rows.map(({record}) => toTransfer(record))
    const outcomes = await this.ledger.createTransfers(transfers)
    for (const [index, {status}] of outcomes.entries()) {
      const {line, record} = rows[index]!
      const name = CreateTransferStatus[status]!
      if (name === 'created') this.#count(transfers[index]!, result)
      else if (name !== 'linked_event_failed')
        find({line, ...fieldOf(name), code: name, message: meaning(name, record)})
    }
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
    await this.#open([...accounts.values()], [...pending.values()])
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

  /** Two opening transfers an account, in the order that its limit allows; open holds as they are; closings last. */
  async #open(accounts: readonly Account[], pending: readonly Transfer[]): Promise<void> {
    if (accounts.length === 0 && pending.length === 0) return
    const ledgers = [...new Set(accounts.map(({ledger}) => ledger))].filter((id) => !this.#openingAccounts.has(id))
    for (const id of ledgers) this.#openingAccounts.add(id)
    const held = new Map<bigint, {debits: bigint; credits: bigint}>()
    const openHolds = pending.filter(({flags}) => (flags & TransferFlags.pending) !== 0)
    for (const {debit_account_id, credit_account_id, amount} of openHolds) {
      addTo(held, debit_account_id, amount, 0n)
      addTo(held, credit_account_id, 0n, amount)
    }
    await this.ledger.createAccounts([
      ...ledgers.map((ledger) => ({...BLANK_ACCOUNT, id: openingAccount(ledger), ledger, code: 1})),
      ...accounts.map((account) => ({
        ...BLANK_ACCOUNT,
        id: account.id,
        ledger: account.ledger,
        code: account.code,
        flags: account.flags & ~(AccountFlags.linked | AccountFlags.imported | AccountFlags.closed),
      })),
    ])
    const opening = accounts.flatMap((account) => this.#openingTransfers(account, held.get(account.id)))
    await this.ledger.createTransfers(opening)
    await this.ledger.createTransfers(
      openHolds.map((transfer) => ({
        ...transfer,
        flags: transfer.flags & ~(TransferFlags.linked | TransferFlags.imported),
        timestamp: 0n,
        timeout: 0,
      })),
    )
    await this.ledger.createTransfers(
      accounts
        .filter(({flags}) => (flags & AccountFlags.closed) !== 0)
        .map((account) =>
          this.#transfer(
            account.ledger,
            account.id,
            openingAccount(account.ledger),
            0n,
            TransferFlags.pending | TransferFlags.closing_debit,
          ),
        ),
    )
  }

  #openingTransfers(account: Account, held = {debits: 0n, credits: 0n}): Transfer[] {
    const other = openingAccount(account.ledger)
    const debit = this.#transfer(account.ledger, account.id, other, account.debits_posted, 0)
    const credit = this.#transfer(account.ledger, other, account.id, account.credits_posted, 0)
    const pendingDebits = account.debits_pending - held.debits
    const pendingCredits = account.credits_pending - held.credits
    const pending = [
      ...(pendingDebits > 0n
        ? [this.#transfer(account.ledger, account.id, other, pendingDebits, TransferFlags.pending)]
        : []),
      ...(pendingCredits > 0n
        ? [this.#transfer(account.ledger, other, account.id, pendingCredits, TransferFlags.pending)]
        : []),
    ]
    const debitFirst = (account.flags & AccountFlags.credits_must_not_exceed_debits) !== 0
    return [...(debitFirst ? [debit, credit] : [credit, debit]), ...pending]
  }

  #transfer(ledger: number, debit: bigint, credit: bigint, amount: bigint, flags: number): Transfer {
    return {
      ...BLANK_TRANSFER,
      id: this.#nextOpeningId++,
      debit_account_id: debit,
      credit_account_id: credit,
      amount,
      ledger,
      code: 1,
      flags,
    }
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

function openingAccount(ledger: number): bigint {
  return OPENING_LEDGER_ACCOUNT - BigInt(ledger)
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
