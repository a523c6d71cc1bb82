/** Reads a whole database and checks its books: accounts alone, every transfer, or history executed again. */

import {type AuditFinding, accountsOf, auditAccounts, auditFold} from '@parix/books/audit'
import {type Columns, Fold} from '@parix/books/fold'
import {movedBy} from '@parix/books/holds'
import {SealDigest} from '@parix/books/seal'
import type {Account, Transfer} from '@parix/ledger/schema'
import {accountsOfOneMoment, type BookReader, newestTransfer, readAccounts, transferPages} from './read-books.js'
import {Replay} from './replay.js'

export type AuditDepth = 'quick' | 'deep' | 'replay'

export interface AuditResult {
  depth: AuditDepth
  accounts: number
  transfers: number
  /** The newest timestamp that the result is about, in nanoseconds; 0 for an empty database. */
  until: bigint
  findings: AuditFinding[]
  findingsCount: number
  sealed: Sealed | undefined
}

/** What a seal is made from. */
export interface Sealed {
  digest: SealDigest
  until: bigint
  /** Posted debits by ledger at `until`. */
  ledgers: Map<number, bigint>
}

export interface AuditOptions {
  reader: BookReader
  depth: AuditDepth
  /** Digests every row as well, for a seal. */
  seal: boolean
  /** The books as of this moment: what is newer is left out, of the seal as well. */
  until?: bigint | undefined
  /** Only digests; for a comparison with a seal. */
  digestOnly?: boolean
  progress(rows: number): void
}

/** Lapsed holds are released with the next operation of the ledger, not at the very instant. */
const JUST_LAPSED_NS = 60_000_000_000n

/** @throws ParixError UNAVAILABLE when others write so fast that the accounts alone can't be read for one moment */
export async function audit(options: AuditOptions): Promise<AuditResult> {
  if (options.depth === 'quick' && !options.seal && options.until === undefined) return auditQuick(options.reader)
  const accounts = await readAccounts(options.reader)
  const run = new Audit(options, accounts, options.until ?? newestOf(accounts, await newestTransfer(options.reader)))
  try {
    await run.readUntil()
    if (options.digestOnly) return run.result([])
    const findings = await run.checkAt()
    return run.result([...findings, ...(await run.checkNow())])
  } finally {
    await run.close()
  }
}

async function auditQuick(reader: BookReader): Promise<AuditResult> {
  let findings: AuditFinding[] = []
  const isRight = (accounts: ReadonlyMap<bigint, Account>) => {
    findings = auditAccounts(accounts.values())
    return findings.length === 0
  }
  const {accounts, newest} = await accountsOfOneMoment(reader, isRight, '--deep allows for that.')
  const until = newestOf(accounts, newest)
  return {...shown(findings), depth: 'quick', accounts: accounts.size, transfers: 0, until, sealed: undefined}
}

/** One pass over all transfers, which stops at `until` and then goes on to the present. */
class Audit {
  readonly #fold: Fold
  readonly #digest: SealDigest | undefined
  readonly #ledgers = new Map<number, bigint>()
  #replay: Replay | undefined
  #newest = 0n
  /** Counted at `until`. */
  #transfers = 0
  #end: bigint

  constructor(
    private readonly options: AuditOptions,
    private readonly accounts: Map<bigint, Account>,
    private readonly until: bigint,
  ) {
    this.#fold = new Fold(accounts)
    this.#digest = options.seal ? new SealDigest(true) : undefined
    this.#end = until
  }

  /** Everything up to `until`: folded, digested, executed again. */
  async readUntil(): Promise<void> {
    const accounts = this.#accountsAt()
    for (const account of accounts) this.#digest?.addAccount(account)
    if (this.options.depth === 'replay') {
      this.#replay = await Replay.open()
      this.#replay.accounts(accounts)
    }
    for await (const page of this.#pages(this.until)) {
      for (const transfer of page) {
        this.#fold.add(transfer)
        this.#digest?.addTransfer(transfer)
        const {ledger} = transfer
        if (this.options.seal) this.#ledgers.set(ledger, (this.#ledgers.get(ledger) ?? 0n) + movedBy(transfer))
      }
      await this.#replay?.transfers(page)
    }
    this.#transfers = this.#fold.rows
  }

  /** The books at `until`: of a moment in the past only the transfers can tell. */
  async checkAt(): Promise<AuditFinding[]> {
    this.#fold.release(this.until)
    const accounts = [...accountsOf(this.#accountsAt(), this.#fold)]
    const findings = this.options.until === undefined ? [] : auditAccounts(accounts)
    const replayed = await this.#replay?.compare(new Map(accounts.map((account) => [account.id, account])), this.until)
    return [...findings, ...(replayed ?? [])]
  }

  /**
   * The accounts as they are, against all transfers. While they are read others may write: each account is then as of some
   * moment between the transfer that was the newest before and the one that is the newest after.
   */
  async checkNow(): Promise<AuditFinding[]> {
    const {reader} = this.options
    const before = await newestTransfer(reader)
    for await (const page of this.#pages(before)) for (const transfer of page) this.#fold.add(transfer)
    for (const account of (await readAccounts(reader)).values()) this.accounts.set(account.id, account)
    const moments = await this.#moments(before)
    this.#fold.finish()
    if (this.options.until === undefined) {
      if (this.#newest > this.#end) this.#end = this.#newest
      this.#transfers = this.#fold.rows
    }
    const justLapsed = justLapsedIn(this.#fold)
    const moved = moments.size > 0
    return [
      ...auditAccounts(moved ? accountsOf(this.accounts.values(), this.#fold) : this.accounts.values()),
      ...auditFold(this.accounts.values(), this.#fold, {justLapsed, moments}),
    ]
  }

  result(findings: AuditFinding[]): AuditResult {
    const digest = this.#digest
    return {
      ...shown(findings),
      depth: this.options.depth,
      accounts: this.options.until === undefined ? this.accounts.size : this.#accountsAt().length,
      transfers: this.#transfers,
      until: this.#end,
      sealed: digest && {digest, until: this.until, ledgers: this.#ledgers},
    }
  }

  async close(): Promise<void> {
    await this.#replay?.close()
  }

  /** What each account was at, for those that transfers after `before` have touched. */
  async #moments(before: bigint): Promise<Map<bigint, Columns[]>> {
    const moments = new Map<bigint, Columns[]>()
    const note = (id: bigint) => {
      const known = moments.get(id)
      const columns = {...(this.#fold.columns.get(id) ?? NOTHING)}
      if (known === undefined) moments.set(id, [columns])
      else known.push(columns)
    }
    const now = await newestTransfer(this.options.reader)
    if (now === before) return moments
    for await (const page of this.#pages(now)) {
      for (const transfer of page) {
        const ids = [transfer.debit_account_id, transfer.credit_account_id]
        for (const id of ids) if (!moments.has(id)) note(id)
        this.#fold.add(transfer)
        for (const id of ids) note(id)
      }
    }
    return moments
  }

  /** Pages after the last row, up to a moment. */
  async *#pages(to: bigint): AsyncGenerator<Transfer[]> {
    if (to <= this.#newest) return
    for await (const page of transferPages(this.options.reader, {from: this.#newest + 1n, to})) {
      yield page
      this.#newest = page.at(-1)?.timestamp ?? this.#newest
      this.options.progress(this.#fold.rows)
    }
  }

  /** In the order of creation. */
  #accountsAt(): Account[] {
    return [...this.accounts.values()].filter(({timestamp}) => timestamp <= this.until)
  }
}

const NOTHING: Columns = {debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n}

function shown(findings: AuditFinding[]): Pick<AuditResult, 'findings' | 'findingsCount'> {
  return {findings: findings.slice(0, 1000), findingsCount: findings.length}
}

/** The newest account or transfer. */
function newestOf(accounts: ReadonlyMap<bigint, Account>, newestRow: bigint): bigint {
  let newest = newestRow
  for (const {timestamp} of accounts.values()) if (timestamp > newest) newest = timestamp
  return newest
}

/** Holds that lapsed within the last minute may or may not be in the pending columns still; older ones must not. */
function justLapsedIn(fold: Fold): Map<bigint, {debits: bigint; credits: bigint}> {
  const now = BigInt(Date.now()) * 1_000_000n
  fold.release(now - JUST_LAPSED_NS)
  const slack = new Map<bigint, {debits: bigint; credits: bigint}>()
  const add = (id: bigint, debits: bigint, credits: bigint) => {
    const known = slack.get(id) ?? {debits: 0n, credits: 0n}
    slack.set(id, {debits: known.debits + debits, credits: known.credits + credits})
  }
  for (const {transfer} of fold.release(now)) {
    add(transfer.debit_account_id, transfer.amount, 0n)
    add(transfer.credit_account_id, 0n, transfer.amount)
  }
  return slack
}
