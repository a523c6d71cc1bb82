/**
 * The statement of one account over a period: opening balance, what moved, closing balance. It is made from the rows of
 * get_account_transfers and is only valid when opening + rows = closing; otherwise it is refused (`StatementError`).
 */

import {type Transfer, TransferFlags} from '@parix/ledger/schema'
import {type AccountType, normalSide} from './chart/chart.js'
import {type Hold, Holds, isPending, movedBy, resolvesHold} from './holds.js'

/** Sums of posted debits and credits. */
export interface Posted {
  debits: bigint
  credits: bigint
}

export interface StatementRow {
  /** Nanoseconds since 1970: when money moved, or when the hold was made, voided or lapsed. */
  timestamp: bigint
  /** The transfer; for a lapsed hold the pending transfer. */
  id: bigint
  counterpart: bigint
  debit: bigint
  credit: bigint
  /** After this row, on the account's normal side. */
  balance: bigint
  state: 'posted' | 'held' | 'hold_posted' | 'voided' | 'lapsed'
  /** Of the hold behind this row. */
  heldSince?: bigint
  heldAmount?: bigint
  code: number
  userData128: bigint
  userData64: bigint
  userData32: number
  /** The transfer that reversed it, where one is known. */
  reversedBy?: bigint
  /** When it happened, where the statement is ordered by that and not by when it was recorded. */
  occurred?: bigint
}

export interface Statement {
  account: bigint
  /** Nanoseconds: rows have from ≤ timestamp < to. */
  from: bigint
  to: bigint
  side: 'debit' | 'credit'
  opening: bigint
  rows: StatementRow[]
  /** Holds that are open at `to`; they don't count into the balance. */
  open: StatementRow[]
  closing: bigint
}

export interface StatementInput {
  account: bigint
  type: AccountType | undefined
  from: bigint
  to: bigint
  /** `fold`: a hold and what became of it are one row. `show`: both. `hide`: only rows that move money. */
  holds: 'fold' | 'show' | 'hide'
  opening: Posted
  /** Posted sums at `to`, where they are known from a source other than the rows. */
  closing?: Posted
  /** Pending transfers from before `from` that rows of the period post or void, by id. */
  earlier?: ReadonlyMap<bigint, Transfer>
  /** Reversals by the id of what they reverse. */
  reversals?: ReadonlyMap<bigint, bigint>
}

/** Opening + rows and the closing balance differ: the rows are not all there, or the account changed meanwhile. */
export class StatementError extends Error {
  constructor(
    readonly computed: Posted,
    readonly actual: Posted,
  ) {
    super('the opening balance and the rows do not add up to the closing balance')
  }
}

/**
 * @param transfers of the account in the period, in the order of their timestamps
 * @throws StatementError when `closing` is given and the rows do not lead to it
 */
export function buildStatement(input: StatementInput, transfers: Iterable<Transfer>): Statement {
  const builder = new StatementBuilder(input)
  for (const transfer of transfers) builder.add(transfer)
  return builder.finish()
}

class StatementBuilder {
  readonly #rows: StatementRow[] = []
  readonly #holds = new Holds()
  readonly #side: 'debit' | 'credit'
  #sum: Posted

  constructor(private readonly input: StatementInput) {
    this.#side = normalSide(input.type)
    this.#sum = {...input.opening}
    for (const transfer of input.earlier?.values() ?? []) this.#holds.take(transfer)
  }

  add(transfer: Transfer): void {
    this.#lapse(transfer.timestamp)
    const hold = this.#holds.take(transfer)
    if (isPending(transfer)) {
      if (this.input.holds === 'show') this.#push(transfer, 'held', transfer, 0n)
      return
    }
    const {holds, earlier} = this.input
    if (resolvesHold(transfer)) {
      const pending = hold?.transfer ?? earlier?.get(transfer.pending_id)
      const voided = (transfer.flags & TransferFlags.void_pending_transfer) !== 0
      if (voided && holds === 'hide') return
      this.#push(transfer, voided ? 'voided' : 'hold_posted', pending, movedBy(transfer))
      return
    }
    this.#push(transfer, 'posted', undefined, movedBy(transfer))
  }

  finish(): Statement {
    const {account, from, to, closing, opening} = this.input
    this.#lapse(to - 1n)
    if (closing !== undefined && (closing.debits !== this.#sum.debits || closing.credits !== this.#sum.credits)) {
      throw new StatementError(this.#sum, closing)
    }
    const balance = this.#balance()
    const open = this.#holds.open().map(({transfer}) => this.#row(transfer, 'held', transfer, 0n))
    return {
      account,
      from,
      to,
      side: this.#side,
      opening: this.#balance(opening),
      rows: this.#rows,
      open,
      closing: balance,
    }
  }

  #lapse(until: bigint): void {
    for (const hold of this.#holds.lapse(until)) this.#lapsed(hold)
  }

  #lapsed({transfer, expiresAt}: Hold): void {
    if (this.input.holds === 'hide' || expiresAt === undefined || expiresAt < this.input.from) return
    this.#rows.push({...this.#row(transfer, 'lapsed', transfer, 0n), timestamp: expiresAt})
  }

  #push(transfer: Transfer, state: StatementRow['state'], pending: Transfer | undefined, moved: bigint): void {
    if (this.#isDebit(transfer)) this.#sum.debits += moved
    else this.#sum.credits += moved
    this.#rows.push(this.#row(transfer, state, pending, moved))
  }

  #row(transfer: Transfer, state: StatementRow['state'], pending: Transfer | undefined, moved: bigint): StatementRow {
    const debit = this.#isDebit(transfer)
    const reversedBy = this.input.reversals?.get(transfer.id)
    return {
      timestamp: transfer.timestamp,
      id: transfer.id,
      counterpart: debit ? transfer.credit_account_id : transfer.debit_account_id,
      debit: debit ? moved : 0n,
      credit: debit ? 0n : moved,
      balance: this.#balance(),
      state,
      ...(pending !== undefined && {heldSince: pending.timestamp, heldAmount: pending.amount}),
      code: transfer.code,
      userData128: transfer.user_data_128,
      userData64: transfer.user_data_64,
      userData32: transfer.user_data_32,
      ...(reversedBy !== undefined && {reversedBy}),
    }
  }

  #isDebit(transfer: Transfer): boolean {
    return transfer.debit_account_id === this.input.account
  }

  #balance({debits, credits}: Posted = this.#sum): bigint {
    return this.#side === 'debit' ? debits - credits : credits - debits
  }
}

/**
 * The rows of a period by the time at which they happened, which may be long before they were recorded. Opening and closing
 * balance are then those of what happened before the period and up to its end.
 *
 * @param whole from the first transfer of the account to the last: what was recorded late may belong to any period
 * @param occurredOf nanoseconds since 1970
 */
export function byOccurrence(
  whole: Statement,
  {from, to}: {from: bigint; to: bigint},
  occurredOf: (row: StatementRow) => bigint,
): Statement {
  const moved = ({debit, credit}: StatementRow) => (whole.side === 'debit' ? debit - credit : credit - debit)
  const before = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0)
  const sorted = whole.rows
    .map((row) => ({...row, occurred: occurredOf(row)}))
    .sort((a, b) => before(a.occurred, b.occurred) || before(a.timestamp, b.timestamp))
  let balance = whole.opening
  let opening = balance
  const rows: StatementRow[] = []
  for (const row of sorted) {
    if (row.occurred >= to) break
    balance += moved(row)
    if (row.occurred < from) opening = balance
    else rows.push({...row, balance})
  }
  return {...whole, from, to, opening, rows, closing: balance}
}
