/** Brings an empty ledger to the balances that accounts have: with two opening transfers each, and their open holds. */

import {
  type Account,
  AccountFlags,
  BATCH_EVENTS_MAX,
  BLANK_ACCOUNT,
  BLANK_TRANSFER,
  type CreateAccountStatus,
  type CreateTransferStatus,
  type Transfer,
  TransferFlags,
} from '@parix/ledger/schema'

/** What a dry run asks of the embedded ledger. */
export interface DryLedger {
  createAccounts(accounts: readonly Account[]): Promise<{status: CreateAccountStatus}[]>
  createTransfers(transfers: readonly Transfer[]): Promise<{status: CreateTransferStatus}[]>
  lookupAccounts(ids: readonly bigint[]): Promise<Account[]>
  lookupTransfers(ids: readonly bigint[]): Promise<Transfer[]>
  close(): Promise<void>
}

/** Ids that no file has: those of opening transfers rise from here, those of their other accounts fall from the largest. */
const OPENING_ID = 2n ** 127n
const OPENING_ACCOUNT = 2n ** 128n - 3n

/** Held on an account in all, as far as no hold is known that it is for. */
interface Rest {
  account: Account
  debit: Transfer | undefined
  credit: Transfer | undefined
}

export class Opening {
  #nextId = OPENING_ID
  readonly #ledgers = new Set<number>()
  readonly #rests = new Map<bigint, Rest>()

  constructor(private readonly ledger: DryLedger) {}

  /**
   * Accounts that were not opened before, then holds of these or of earlier ones, which are part of what the accounts hold.
   * Closed accounts are closed at the end.
   */
  async open(accounts: readonly Account[], holds: readonly Transfer[]): Promise<void> {
    const ledgers = [...new Set(accounts.map(({ledger}) => ledger))].filter((id) => !this.#ledgers.has(id))
    for (const id of ledgers) this.#ledgers.add(id)
    await inParts(
      [
        ...ledgers.map((ledger) => ({...BLANK_ACCOUNT, id: openingAccount(ledger), ledger, code: 1})),
        ...accounts.map(asNew),
      ],
      (part) => this.ledger.createAccounts(part),
    )
    await this.#create(accounts.flatMap((account) => this.#posted(account)))
    for (const account of accounts) {
      const [debit, credit] = [
        this.#rest(account, 'debit', account.debits_pending),
        this.#rest(account, 'credit', account.credits_pending),
      ]
      if (debit !== undefined || credit !== undefined) this.#rests.set(account.id, {account, debit, credit})
    }
    const open = holds.filter(({flags}) => (flags & TransferFlags.pending) !== 0)
    const replaced: Transfer[] = []
    for (const {debit_account_id, credit_account_id, amount} of open) {
      this.#take(debit_account_id, 'debit', amount, replaced)
      this.#take(credit_account_id, 'credit', amount, replaced)
    }
    await this.#create(replaced.map((transfer) => this.#voided(transfer)))
    await this.#create(open.map(asHold))
    const sides = open.flatMap(({debit_account_id, credit_account_id}) => [debit_account_id, credit_account_id])
    const changed = new Set([...accounts.map(({id}) => id), ...sides])
    await this.#create(
      [...changed].flatMap((id) => {
        const {debit, credit} = this.#rests.get(id) ?? {}
        return [debit, credit].filter((transfer) => transfer !== undefined)
      }),
    )
    const closed = accounts.filter(({flags}) => (flags & AccountFlags.closed) !== 0)
    await this.#create(
      closed.map(({id, ledger}) =>
        this.#transfer(ledger, id, openingAccount(ledger), 0n, TransferFlags.pending | TransferFlags.closing_debit),
      ),
    )
  }

  /** In the order that the limit of the account allows. */
  #posted({id, ledger, flags, debits_posted, credits_posted}: Account): Transfer[] {
    const other = openingAccount(ledger)
    const debit = debits_posted === 0n ? [] : [this.#transfer(ledger, id, other, debits_posted, 0)]
    const credit = credits_posted === 0n ? [] : [this.#transfer(ledger, other, id, credits_posted, 0)]
    return (flags & AccountFlags.credits_must_not_exceed_debits) === 0 ? [...credit, ...debit] : [...debit, ...credit]
  }

  #rest({id, ledger}: Account, side: 'debit' | 'credit', amount: bigint): Transfer | undefined {
    if (amount <= 0n) return undefined
    const other = openingAccount(ledger)
    return side === 'debit'
      ? this.#transfer(ledger, id, other, amount, TransferFlags.pending)
      : this.#transfer(ledger, other, id, amount, TransferFlags.pending)
  }

  /** A hold is known of what the account holds: the rest becomes smaller. */
  #take(id: bigint, side: 'debit' | 'credit', amount: bigint, replaced: Transfer[]): void {
    const rest = this.#rests.get(id)
    const before = rest?.[side]
    if (rest === undefined || before === undefined) return
    replaced.push(before)
    rest[side] = this.#rest(rest.account, side, before.amount - amount)
  }

  #voided({id, ledger, debit_account_id, credit_account_id}: Transfer): Transfer {
    const voiding = this.#transfer(ledger, debit_account_id, credit_account_id, 0n, TransferFlags.void_pending_transfer)
    return {...voiding, pending_id: id}
  }

  #transfer(ledger: number, debit: bigint, credit: bigint, amount: bigint, flags: number): Transfer {
    const id = this.#nextId++
    return {...BLANK_TRANSFER, id, debit_account_id: debit, credit_account_id: credit, amount, ledger, code: 1, flags}
  }

  async #create(transfers: readonly Transfer[]): Promise<void> {
    await inParts(transfers, (part) => this.ledger.createTransfers(part))
  }
}

async function inParts<T>(all: readonly T[], work: (part: readonly T[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < all.length; from += BATCH_EVENTS_MAX) await work(all.slice(from, from + BATCH_EVENTS_MAX))
}

function asNew({id, ledger, code, flags}: Account): Account {
  const {linked, imported, closed} = AccountFlags
  return {...BLANK_ACCOUNT, id, ledger, code, flags: flags & ~(linked | imported | closed)}
}

function asHold(transfer: Transfer): Transfer {
  const flags = transfer.flags & ~(TransferFlags.linked | TransferFlags.imported)
  return {...transfer, flags, timestamp: 0n, timeout: 0}
}

function openingAccount(ledger: number): bigint {
  return OPENING_ACCOUNT - BigInt(ledger)
}
