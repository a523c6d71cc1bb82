import {type Change, type ChangedAccount, ChangeStream, ChangingAccounts} from '@parix/books/change-events'
import type {Transfer} from '@parix/ledger/schema'
import {accountsById, accountTransferPages, type BookReader} from '../books/read-books.js'

/**
 * Accounts with their balances as of each event. When an account comes for the first time, its transfers up to then are
 * folded, which is exact without the flag history and for pending amounts; from there on each event is added.
 */
export class AccountsAsOf {
  readonly #accounts = new ChangingAccounts()

  constructor(
    private readonly reader: BookReader,
    private readonly stream: ChangeStream,
  ) {}

  /** Reads the accounts of `page` that were not seen before, as they were at `last`. */
  async load(page: readonly Transfer[], last: bigint): Promise<void> {
    const ids = new Set(page.flatMap(({debit_account_id, credit_account_id}) => [debit_account_id, credit_account_id]))
    const unknown = [...ids].filter((id) => !this.#accounts.has(id))
    if (unknown.length === 0) return
    for (const account of (await accountsById(this.reader, unknown)).values()) {
      const alone = new ChangingAccounts()
      alone.start(account)
      if (account.timestamp <= last) await this.#fold(account.id, last, alone)
      this.#accounts.adopt(alone)
    }
  }

  apply(change: Change): void {
    this.#accounts.apply(change)
  }

  of(id: bigint): ChangedAccount {
    return this.#accounts.of(id)
  }

  async #fold(id: bigint, last: bigint, account: ChangingAccounts): Promise<void> {
    const history = new ChangeStream()
    for await (const page of accountTransferPages(this.reader, id, {to: last}))
      for (const transfer of page) for (const change of history.add(transfer)) account.apply(change)
    for (const change of history.expire(last)) account.apply(change)
    for (const hold of history.open()) this.stream.remember(hold)
  }
}
