import type {AuditFinding} from '@parix/books/audit'
import {
  type Account,
  AccountFlags,
  BATCH_EVENTS_MAX,
  CreateAccountStatus,
  CreateTransferStatus,
  type Transfer,
  TransferFlags,
} from '@parix/ledger/schema'

/**
 * History executed again by the embedded ledger, an independent implementation of TigerBeetle's rules, with its clock set to the
 * timestamp of each row. Rows with consecutive timestamps run as one request, which keeps chains together.
 */
export class Replay {
  readonly #findings: AuditFinding[] = []
  #group: Transfer[] = []
  #accounts: Account[] = []
  #next = 0

  private constructor(
    private readonly clock: {now: bigint},
    private readonly ledger: Awaited<ReturnType<typeof import('@parix/ledger').openLedger>>,
  ) {}

  /** @param kept where the ledger stays when it is closed; else it is in memory */
  static async open(kept?: string): Promise<Replay> {
    const {openLedger, openMemoryLedger} = await import('@parix/ledger')
    const clock = {now: 1n}
    const now = () => clock.now
    // In memory no row waits for the disk.
    return new Replay(clock, await (kept === undefined ? openMemoryLedger({now}) : openLedger({directory: kept, now})))
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
      // What is imported is from before the moment at which it is.
      this.clock.now = imported ? account.timestamp + 1n : account.timestamp
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
      if (
        last !== undefined &&
        (transfer.timestamp !== last.timestamp + 1n || isImported(transfer) !== isImported(last))
      )
        await this.#flush()
      this.#group.push(transfer)
      if (this.#group.length >= BATCH_EVENTS_MAX) await this.#flushWholeChains()
    }
  }

  /** A chain is not cut: of one that is open, what is there so far waits for its end. One that fills a request has none. */
  async #flushWholeChains(): Promise<void> {
    const isEnd = ({flags}: Transfer) => (flags & TransferFlags.linked) === 0
    const end = this.#group.findLastIndex(isEnd) + 1
    const open = end === 0 ? [] : this.#group.splice(end)
    await this.#flush()
    this.#group = open
  }

  /**
   * @param accounts as they have to be at `now`; where that is in the middle of a chain, with the part of it up to then. That a
   *   chain has no end at all is found by `Fold`.
   */
  async compare(accounts: ReadonlyMap<bigint, Account>, now: bigint): Promise<AuditFinding[]> {
    const last = this.#group.at(-1)
    if (last !== undefined) this.#group.splice(-1, 1, {...last, flags: last.flags & ~TransferFlags.linked})
    await this.#flush()
    await this.#createAccounts()
    this.clock.now = now
    await this.ledger.expirePendingTransfers()
    const ids = [...accounts.keys()]
    for (let from = 0; from < ids.length; from += BATCH_EVENTS_MAX) {
      for (const replayed of await this.ledger.lookupAccounts(ids.slice(from, from + BATCH_EVENTS_MAX))) {
        const actual = accounts.get(replayed.id)!
        for (const column of ['debits_posted', 'credits_posted', 'debits_pending', 'credits_pending'] as const) {
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
  }

  async #flush(): Promise<void> {
    const group = this.#group
    if (group.length === 0) return
    this.#group = []
    await this.#createAccounts(group[0]!.timestamp)
    this.clock.now = group[0]!.timestamp - 1n
    await this.ledger.expirePendingTransfers()
    this.clock.now = group.at(-1)!.timestamp + (isImported(group[0]!) ? 1n : 0n)
    const results = await this.ledger.createTransfers(
      group.map((transfer) => ({
        ...transfer,
        timestamp: isImported(transfer) ? transfer.timestamp : 0n,
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

/** A request has imported events only, or none. */
function isImported({flags}: Transfer): boolean {
  return (flags & TransferFlags.imported) !== 0
}
