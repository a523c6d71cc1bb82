import type {Transfer} from '@parix/ledger/schema'
import type {LedgerReader} from '../host.js'

export interface AccountKind {
  ledger: number
  code: number
}

type TransferAccounts = Pick<Transfer, 'debit_account_id' | 'credit_account_id'>

const LOOKUP_MAX = 8_189
const KNOWN_MAX = 250_000

/**
 * Ledger and code of accounts, which never change once an account is created: looked up once for all pages of a database.
 */
export class AccountKinds {
  #known = new Map<bigint, AccountKind>()
  /** Accounts that had to be looked up so far. */
  lookedUp = 0

  constructor(private readonly reader: LedgerReader) {}

  /** @returns a map that has at least the accounts of these transfers, also while others ask for theirs */
  async of(rows: readonly TransferAccounts[]): Promise<ReadonlyMap<bigint, AccountKind>> {
    if (this.#known.size > KNOWN_MAX) this.#known = new Map()
    const known = this.#known
    const unknown = new Set<bigint>()
    for (const {debit_account_id, credit_account_id} of rows) {
      if (!known.has(debit_account_id)) unknown.add(debit_account_id)
      if (!known.has(credit_account_id)) unknown.add(credit_account_id)
    }
    const ids = [...unknown]
    this.lookedUp += ids.length
    for (let from = 0; from < ids.length; from += LOOKUP_MAX) {
      for (const {id, ledger, code} of await this.reader.lookupAccounts(ids.slice(from, from + LOOKUP_MAX)))
        known.set(id, {ledger, code})
    }
    return known
  }
}
