/**
 * Checks a file before it is imported; only reads are sent. Three passes: each row and the file as a whole, the rows against the
 * database, and a dry run of the file in an embedded ledger that begins with the balances of the database.
 */

import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {
  type Account,
  AccountFlags,
  type CreateAccountStatus,
  type CreateKind,
  CreateTransferStatus,
  type Transfer,
  TransferFlags,
} from '@parix/ledger/schema'
import {isSame} from '../events/compare.js'
import type {LedgerRecord} from '../records/kinds.js'
import {statusByName} from '../results/statuses.js'
import type {ReadEvent} from './events.js'

export interface CheckFinding {
  /** 0 where it is about the file as a whole. */
  line: number
  field?: string
  /** `bad_row`, `duplicate_id`, `chain_open`, TigerBeetle's name of a result, … */
  code: string
  message: string
}

/** What the file does to one ledger, or to one account. */
export interface Effect {
  debits: bigint
  credits: bigint
}

export interface CheckResult {
  rows: number
  findings: CheckFinding[]
  /** All of them; `findings` has the first hundred. */
  findingsCount: number
  /** Rows whose id is in the database as it is in the file. */
  existing: number
  /** By ledger, what would move. */
  ledgers: Map<number, Effect>
  /** The fifty accounts with the largest effect. */
  accounts: Map<bigint, Effect>
}

/** Looks up objects of the database, at most 8,189 ids at a time. */
export interface CheckReader {
  accounts(ids: readonly bigint[]): Promise<Map<bigint, Account>>
  transfers(ids: readonly bigint[]): Promise<Map<bigint, Transfer>>
}

const SHOWN_MAX = 100
const LOOKUP_MAX = 8189
const ACCOUNTS_SHOWN_MAX = 50

/** @param events a fresh pass over the rows each time it is called */
export async function checkFile(
  kind: CreateKind,
  events: () => AsyncIterable<ReadEvent[]>,
  reader: CheckReader,
  batchEventsMax: number,
): Promise<CheckResult> {
  const result: CheckResult = {
    rows: 0,
    findings: [],
    findingsCount: 0,
    existing: 0,
    ledgers: new Map(),
    accounts: new Map(),
  }
  const find = (finding: CheckFinding) => {
    result.findingsCount++
    if (result.findings.length < SHOWN_MAX) result.findings.push(finding)
  }
  await checkRows(kind, events, batchEventsMax, result, find)
  await checkDuplicates(events, find)
  if (kind === 'account') await checkExisting(events, reader, result, find)
  else await dryRun(events, reader, result, find)
  result.findings.sort((a, b) => a.line - b.line)
  return result
}

type Find = (finding: CheckFinding) => void

/** Each row for itself, chains, and imported timestamps. */
async function checkRows(
  kind: CreateKind,
  events: () => AsyncIterable<ReadEvent[]>,
  eventsMax: number,
  result: CheckResult,
  find: Find,
): Promise<void> {
  const linked = kind === 'account' ? AccountFlags.linked : TransferFlags.linked
  const imported = kind === 'account' ? AccountFlags.imported : TransferFlags.imported
  let chainStart = 0
  let chain = 0
  let lastLine = 0
  let first: boolean | undefined
  let newest = 0n
  for await (const chunk of events()) {
    for (const {line, record, faults} of chunk) {
      result.rows++
      lastLine = line
      for (const {field, message} of faults) find({line, ...(field !== undefined && {field}), code: 'bad_row', message})
      if (record === undefined) continue
      const flags = Number(record.flags ?? 0n)
      if (chain === 0) chainStart = line
      chain = (flags & linked) === 0 ? 0 : chain + 1
      if (chain === eventsMax)
        find({
          line: chainStart,
          code: 'chain_too_long',
          message: `the chain that begins here is longer than a request of ${eventsMax} events`,
        })
      const isImported = (flags & imported) !== 0
      first ??= isImported
      if (isImported !== first)
        find({line, field: 'flags', code: 'imported_mixed', message: 'imported and other rows can not be in one file'})
      if (isImported && (record.timestamp ?? 0n) <= newest)
        find({
          line,
          field: 'timestamp',
          code: 'timestamp_not_rising',
          message: `timestamp must be later than ${newest}, that of a row before`,
        })
      newest = record.timestamp !== undefined && record.timestamp > newest ? record.timestamp : newest
    }
  }
  if (chain > 0)
    find({
      line: lastLine,
      field: 'flags',
      code: 'chain_open',
      message: 'the last row is linked to a next one that does not exist',
    })
}

/** Ids that come twice: by 64-bit fingerprints first, which cost 8 bytes a row, and the suspects by a second look. */
async function checkDuplicates(events: () => AsyncIterable<ReadEvent[]>, find: Find): Promise<void> {
  let prints = new BigUint64Array(1 << 16)
  let count = 0
  for await (const chunk of events()) {
    for (const {record} of chunk) {
      if (record?.id === undefined) continue
      if (count === prints.length) {
        const larger = new BigUint64Array(count * 2)
        larger.set(prints)
        prints = larger
      }
      prints[count++] = fingerprint(record.id)
    }
  }
  const sorted = prints.subarray(0, count).sort()
  const suspects = new Set<bigint>()
  for (let i = 1; i < count; i++) if (sorted[i] === sorted[i - 1]) suspects.add(sorted[i]!)
  if (suspects.size === 0) return
  const firstLine = new Map<bigint, number>()
  for await (const chunk of events()) {
    for (const {line, record} of chunk) {
      if (record?.id === undefined || !suspects.has(fingerprint(record.id))) continue
      const before = firstLine.get(record.id)
      if (before === undefined) firstLine.set(record.id, line)
      else find({line, field: 'id', code: 'duplicate_id', message: `id ${record.id} is that of line ${before} as well`})
    }
  }
}

function fingerprint(id: bigint): bigint {
  return (id ^ (id >> 64n)) & 0xffff_ffff_ffff_ffffn
}

/** Accounts of the file that the database has already, as they are or otherwise. */
async function checkExisting(
  events: () => AsyncIterable<ReadEvent[]>,
  reader: CheckReader,
  result: CheckResult,
  find: Find,
): Promise<void> {
  for await (const group of groups(events(), LOOKUP_MAX)) {
    const found = await reader.accounts(group.map(({record}) => record.id!))
    for (const {line, record} of group) {
      const there = found.get(record.id!)
      if (there === undefined) continue
      if (isSame('account', asRecord(there), record)) {
        result.existing++
        continue
      }
      const field = ACCOUNT_FIELDS.find((name) => BigInt(there[name]) !== (record[name] ?? 0n)) ?? 'flags'

      find({
        line,
        field,
        code: `exists_with_different_${field}`,
        message: `account ${record.id} is in the database with ${field} ${there[field]}`,
      })
    }
  }
}

const ACCOUNT_FIELDS = ['ledger', 'code', 'user_data_128', 'user_data_64', 'user_data_32'] as const

interface Row {
  line: number
  record: LedgerRecord
}

async function* groups(events: AsyncIterable<ReadEvent[]>, size: number): AsyncGenerator<Row[]> {
  let group: Row[] = []
  for await (const chunk of events) {
    for (const {line, record} of chunk) {
      if (record === undefined) continue
      group.push({line, record})
      // A chain stays together: the ledger knows chains only within one request.
      if (group.length < size || (Number(record.flags ?? 0n) & TransferFlags.linked) !== 0) continue
      yield group
      group = []
    }
  }
  if (group.length > 0) yield group
}

const OPENING_LEDGER_ACCOUNT = 2n ** 128n - 3n

/**
 * The transfers of the file, executed by TigerBeetle's own rules on the balances that the database has now. What other writers
 * do meanwhile is not in it.
 */
async function dryRun(
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
      const fresh: Row[] = []
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

/** A row as a record of bigints, for `isSame`. */
function asRecord(row: Account | Transfer): LedgerRecord {
  return Object.fromEntries(Object.entries(row).map(([field, value]) => [field, BigInt(value as bigint | number)]))
}

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

  async run(rows: readonly Row[], result: CheckResult, find: Find): Promise<void> {
    await this.#prepare(rows)
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
  async #prepare(rows: readonly Row[]): Promise<void> {
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
    for (const id of missing) this.#known.set(id, accounts.get(id))
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

/** @internal the fifty accounts that move most */
export function keepLargest(accounts: Map<bigint, Effect>): void {
  const size = ({debits, credits}: Effect) => debits + credits
  const largest = [...accounts].sort(([, a], [, b]) => (size(b) > size(a) ? 1 : -1)).slice(0, ACCOUNTS_SHOWN_MAX)
  accounts.clear()
  for (const [id, effect] of largest) accounts.set(id, effect)
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

function toTransfer(record: LedgerRecord): Transfer {
  const {
    id,
    debit_account_id = 0n,
    credit_account_id = 0n,
    amount = 0n,
    pending_id = 0n,
    user_data_128 = 0n,
    user_data_64 = 0n,
    user_data_32 = 0n,
    timeout = 0n,
    ledger = 0n,
    code = 0n,
    flags = 0n,
  } = record
  // A dry run has its own clock: imported rows run as ordinary ones.
  const ordinary = Number(flags) & ~TransferFlags.imported
  return {
    id: id!,
    debit_account_id,
    credit_account_id,
    amount,
    pending_id,
    user_data_128,
    user_data_64,
    user_data_32: Number(user_data_32),
    timeout: Number(timeout),
    ledger: Number(ledger),
    code: Number(code),
    flags: ordinary,
    timestamp: 0n,
  }
}

const BLANK_ACCOUNT: Account = {
  id: 0n,
  debits_pending: 0n,
  debits_posted: 0n,
  credits_pending: 0n,
  credits_posted: 0n,
  user_data_128: 0n,
  user_data_64: 0n,
  user_data_32: 0,
  reserved: 0,
  ledger: 0,
  code: 0,
  flags: 0,
  timestamp: 0n,
}
const BLANK_TRANSFER: Transfer = {
  id: 0n,
  debit_account_id: 0n,
  credit_account_id: 0n,
  amount: 0n,
  pending_id: 0n,
  user_data_128: 0n,
  user_data_64: 0n,
  user_data_32: 0,
  timeout: 0,
  ledger: 0,
  code: 0,
  flags: 0,
  timestamp: 0n,
}
