/** Reads a whole database and checks its books: accounts alone, every transfer, or history executed again. */

import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type AuditFinding, auditAccounts, auditFold} from '@parix/books/audit'
import {Fold} from '@parix/books/fold'
import {SealDigest} from '@parix/books/seal'
import {ParixError} from '@parix/kit/errors'
import {
  type Account,
  AccountFlags,
  CreateAccountStatus,
  CreateTransferStatus,
  type Transfer,
  TransferFlags,
} from '@parix/ledger/schema'
import {accountPages, type BookReader, newestTransfer, transferPages} from './read-books.js'

export type AuditDepth = 'quick' | 'deep' | 'replay'

export interface AuditResult {
  depth: AuditDepth
  accounts: number
  transfers: number
  /** The newest timestamp that the result is about, in nanoseconds; 0 for an empty database. */
  until: bigint
  findings: AuditFinding[]
  findingsCount: number
  digest: SealDigest | undefined
  /** Posted debits by ledger. */
  ledgers: Map<number, bigint>
}

export interface AuditOptions {
  reader: BookReader
  depth: AuditDepth
  /** Digests every row as well, for a seal. */
  seal: boolean
  /** Only what is not newer; for a comparison with a seal. */
  until?: bigint | undefined
  progress(rows: number): void
}

/** How often the accounts are read again because somebody wrote meanwhile. */
const ROUNDS_MAX = 3
/** Lapsed holds are released with the next operation of the ledger, not at the very instant. */
const JUST_LAPSED_NS = 60_000_000_000n

/** @throws ParixError UNAVAILABLE when others write so fast that accounts and transfers can't be read for one moment */
export async function audit(options: AuditOptions): Promise<AuditResult> {
  const {reader, depth, seal, until} = options
  if (depth === 'quick' && !seal) {
    const accounts = await readAccounts(reader)
    return resultOf(depth, accounts, 0, newestOf(accounts), auditAccounts(accounts.values()), undefined)
  }
  const digest = seal ? new SealDigest(true) : undefined
  let accounts = await readAccounts(reader)
  const fold = new Fold()
  const replay = depth === 'replay' ? await Replay.open() : undefined
  try {
    if (digest !== undefined)
      for (const account of accounts.values())
        if (until === undefined || account.timestamp <= until) digest.addAccount(account)
    replay?.accounts(accounts.values())
    let newest = 0n
    for (let round = 1; ; round++) {
      for await (const page of transferPages(reader, {from: newest + 1n, ...(until !== undefined && {to: until})})) {
        for (const transfer of page) {
          fold.add(transfer)
          digest?.addTransfer(transfer)
        }
        await replay?.transfers(page)
        newest = page.at(-1)?.timestamp ?? newest
        options.progress(fold.rows)
      }
      if (until !== undefined) return resultOf(depth, accounts, fold.rows, until, [], digest)
      accounts = await readAccounts(reader)
      if ((await newestTransfer(reader)) === newest) break
      if (round === ROUNDS_MAX)
        throw new ParixError(
          'UNAVAILABLE',
          'Others write to the database faster than it can be read: the accounts and the transfers are never of one moment. Audit it when it is quieter, or a copy of it.',
          {code: 'busy_ledger', retryable: true},
        )
    }
    fold.finish()
    const findings = [...auditAccounts(accounts.values()), ...auditFold(accounts.values(), fold, justLapsed(fold))]
    if (replay !== undefined) findings.push(...(await replay.compare(accounts)))
    return resultOf(depth, accounts, fold.rows, newest, findings, digest)
  } finally {
    await replay?.close()
  }
}

function resultOf(
  depth: AuditDepth,
  accounts: ReadonlyMap<bigint, Account>,
  transfers: number,
  until: bigint,
  findings: AuditFinding[],
  digest: SealDigest | undefined,
): AuditResult {
  const ledgers = new Map<number, bigint>()
  for (const {ledger, debits_posted} of accounts.values())
    ledgers.set(ledger, (ledgers.get(ledger) ?? 0n) + debits_posted)
  return {
    depth,
    accounts: accounts.size,
    transfers,
    until,
    findings: findings.slice(0, 1000),
    findingsCount: findings.length,
    digest,
    ledgers,
  }
}

async function readAccounts(reader: BookReader): Promise<Map<bigint, Account>> {
  const accounts = new Map<bigint, Account>()
  for await (const page of accountPages(reader)) for (const account of page) accounts.set(account.id, account)
  return accounts
}

function newestOf(accounts: ReadonlyMap<bigint, Account>): bigint {
  let newest = 0n
  for (const {timestamp} of accounts.values()) if (timestamp > newest) newest = timestamp
  return newest
}

/** Holds that lapsed within the last minute may or may not be in the pending columns still; older ones must not. */
function justLapsed(fold: Fold): Map<bigint, {debits: bigint; credits: bigint}> {
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

/**
 * History executed again by the embedded ledger, an implementation of TigerBeetle's rules of its own, with its clock set to the
 * timestamp of each row. Rows with consecutive timestamps run as one request, which keeps chains together.
 */
class Replay {
  readonly #findings: AuditFinding[] = []
  #group: Transfer[] = []
  #accounts: Account[] = []
  #next = 0

  private constructor(
    private readonly directory: string,
    private readonly clock: {now: bigint},
    private readonly ledger: Awaited<ReturnType<typeof import('@parix/ledger').openLedger>>,
  ) {}

  static async open(): Promise<Replay> {
    const {openLedger} = await import('@parix/ledger')
    const directory = mkdtempSync(join(tmpdir(), 'parix-replay-'))
    const clock = {now: 1n}
    return new Replay(directory, clock, await openLedger({directory, now: () => clock.now}))
  }

  /** To be called before the transfers: accounts are created at their own time, between them. */
  accounts(accounts: Iterable<Account>): void {
    this.#accounts = [...accounts].sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1))
  }

  /** Creates the accounts that are older than a moment; all that are left where none is given. */
  async #createAccounts(before?: bigint): Promise<void> {
    while (this.#next < this.#accounts.length) {
      const account = this.#accounts[this.#next]!
      if (before !== undefined && account.timestamp >= before) return
      this.#next++
      const imported = (account.flags & AccountFlags.imported) !== 0
      this.clock.now = account.timestamp
      const fresh = {
        ...account,
        flags: account.flags & ~(AccountFlags.closed | AccountFlags.linked),
        debits_pending: 0n,
        debits_posted: 0n,
        credits_pending: 0n,
        credits_posted: 0n,
        timestamp: imported ? account.timestamp : 0n,
      }
      const [result] = await this.ledger.createAccounts([fresh])
      if (result?.status === CreateAccountStatus.created) continue
      this.#find({
        account: account.id,
        code: 'replay_refused',
        message: `account ${account.id} would be refused: ${CreateAccountStatus[result!.status]}`,
      })
    }
  }

  async transfers(page: readonly Transfer[]): Promise<void> {
    for (const transfer of page) {
      const last = this.#group.at(-1)
      if (last !== undefined && transfer.timestamp !== last.timestamp + 1n) await this.#flush()
      this.#group.push(transfer)
      // A chain is not cut: it ends with the first transfer that is not linked.
      if (this.#group.length >= 8189 && (transfer.flags & TransferFlags.linked) === 0) await this.#flush()
    }
  }

  async compare(accounts: ReadonlyMap<bigint, Account>): Promise<AuditFinding[]> {
    await this.#flush()
    await this.#createAccounts()
    this.clock.now = BigInt(Date.now()) * 1_000_000n
    await this.ledger.expirePendingTransfers()
    const ids = [...accounts.keys()]
    for (let from = 0; from < ids.length; from += 8189) {
      for (const replayed of await this.ledger.lookupAccounts(ids.slice(from, from + 8189))) {
        const actual = accounts.get(replayed.id)!
        for (const column of ['debits_posted', 'credits_posted'] as const) {
          if (replayed[column] === actual[column]) continue
          this.#find({
            account: actual.id,
            code: 'replay_differs',
            message: `account ${actual.id}: ${column} is ${actual[column]}, history makes ${replayed[column]}`,
          })
        }
      }
    }
    return this.#findings
  }

  async close(): Promise<void> {
    await this.ledger.close()
    rmSync(this.directory, {recursive: true, force: true})
  }

  async #flush(): Promise<void> {
    const group = this.#group
    if (group.length === 0) return
    this.#group = []
    await this.#createAccounts(group[0]!.timestamp)
    this.clock.now = group[0]!.timestamp - 1n
    await this.ledger.expirePendingTransfers()
    this.clock.now = group.at(-1)!.timestamp
    const results = await this.ledger.createTransfers(
      group.map((transfer) => ({
        ...transfer,
        timestamp: (transfer.flags & TransferFlags.imported) === 0 ? 0n : transfer.timestamp,
      })),
    )
    for (const [index, {status, timestamp}] of results.entries()) {
      const {id, timestamp: expected} = group[index]!
      if (status !== CreateTransferStatus.created)
        this.#find({
          transfer: id,
          code: 'replay_refused',
          message: `transfer ${id} would be refused: ${CreateTransferStatus[status]}`,
        })
      else if (timestamp !== expected)
        this.#find({
          transfer: id,
          code: 'replay_differs',
          message: `transfer ${id} would be recorded at ${timestamp}, not at ${expected}`,
        })
    }
  }

  #find(finding: AuditFinding): void {
    this.#findings.push(finding)
  }
}
