/**
 * Transfers as change events, in the form that TigerBeetle's own change data capture publishes
 * (docs.tigerbeetle.com/operating/cdc, 'Message content'). 64 and 128 bits are decimal text.
 *
 * The public operations do not return expiries: they are derived from the pending transfers that were seen, and marked so.
 */

import {type Account, AccountFlags, type Transfer, TransferFlags} from '@parix/ledger/schema'
import type {Columns} from './fold.js'
import {Holds, isPending, movedBy, resolvesHold} from './holds.js'

export type ChangeType =
  | 'single_phase'
  | 'two_phase_pending'
  | 'two_phase_posted'
  | 'two_phase_voided'
  | 'two_phase_expired'

/** Something that changed balances. */
export interface Change {
  type: ChangeType
  /** Nanoseconds since 1970: of the transfer; of an expiry, when it was due. */
  timestamp: bigint
  /** The transfer; of an expiry, the pending transfer. */
  transfer: Transfer
  /** The pending transfer behind a post, a void or an expiry, where it was seen. */
  hold: Transfer | undefined
}

/** An account as of an event. Without balances, the id alone. */
export interface ChangedAccount {
  id: string
  debits_pending?: string
  debits_posted?: string
  credits_pending?: string
  credits_posted?: string
  user_data_128?: string
  user_data_64?: string
  user_data_32?: number
  code?: number
  flags?: number
  timestamp?: string
}

/** One line of a stream of changes. */
export interface ChangeEvent {
  timestamp: string
  type: ChangeType
  ledger: number
  transfer: {
    id: string
    amount: string
    pending_id: string
    user_data_128: string
    user_data_64: string
    user_data_32: number
    timeout: number
    code: number
    flags: number
    timestamp: string
  }
  debit_account: ChangedAccount
  credit_account: ChangedAccount
  /** Computed from the pending transfer and its timeout, not read from the ledger. */
  derived?: true
}

/** Makes changes of transfers that arrive in the order of their timestamps. */
export class ChangeStream {
  readonly #holds = new Holds()
  /** Expiries up to here were returned. */
  #expiredUntil: bigint

  constructor(expiredUntil = 0n) {
    this.#expiredUntil = expiredUntil
  }

  /** Takes a transfer without returning it: one that was returned before, by an earlier stream. */
  remember(transfer: Transfer): void {
    this.#holds.take(transfer)
  }

  /** The transfer, after the expiries that were due before it. */
  add(transfer: Transfer): Change[] {
    const changes = this.expire(transfer.timestamp)
    const hold = this.#holds.take(transfer)
    changes.push({type: typeOf(transfer), timestamp: transfer.timestamp, transfer, hold: hold?.transfer})
    return changes
  }

  /** Expiries that are due at `until`, in their order; none comes twice. */
  expire(until: bigint): Change[] {
    const changes: Change[] = []
    for (const {transfer, expiresAt} of this.#holds.lapse(until)) {
      if (expiresAt! > this.#expiredUntil)
        changes.push({type: 'two_phase_expired', timestamp: expiresAt!, transfer, hold: transfer})
    }
    if (until > this.#expiredUntil) this.#expiredUntil = until
    return changes
  }

  /** Until when expiries were returned, or belong to an earlier stream. */
  get expiredUntil(): bigint {
    return this.#expiredUntil
  }

  /** Pending transfers whose expiries `expire(until)` would return. */
  due(until: bigint): Transfer[] {
    return this.#holds
      .open()
      .filter(({expiresAt}) => expiresAt !== undefined && expiresAt <= until && expiresAt > this.#expiredUntil)
      .map(({transfer}) => transfer)
  }

  /** Pending transfers that are open. */
  open(): Transfer[] {
    return this.#holds.open().map(({transfer}) => transfer)
  }

  /** The oldest pending transfer that can still expire: a later stream remembers everything from there on. */
  oldestHold(): bigint | undefined {
    let oldest: bigint | undefined
    for (const {transfer, expiresAt} of this.#holds.open())
      if (expiresAt !== undefined && (oldest === undefined || transfer.timestamp < oldest)) oldest = transfer.timestamp
    return oldest
  }
}

function typeOf(transfer: Transfer): ChangeType {
  if (isPending(transfer)) return 'two_phase_pending'
  if (!resolvesHold(transfer)) return 'single_phase'
  return (transfer.flags & TransferFlags.post_pending_transfer) !== 0 ? 'two_phase_posted' : 'two_phase_voided'
}

/** @param accountOf what to say of an account; the id alone where it is left out */
export function changeEvent(
  {type, timestamp, transfer}: Change,
  accountOf: (id: bigint) => ChangedAccount = (id) => ({id: id.toString()}),
): ChangeEvent {
  return {
    timestamp: timestamp.toString(),
    type,
    ledger: transfer.ledger,
    transfer: {
      id: transfer.id.toString(),
      amount: transfer.amount.toString(),
      pending_id: transfer.pending_id.toString(),
      user_data_128: transfer.user_data_128.toString(),
      user_data_64: transfer.user_data_64.toString(),
      user_data_32: transfer.user_data_32,
      timeout: transfer.timeout,
      code: transfer.code,
      flags: transfer.flags,
      timestamp: transfer.timestamp.toString(),
    },
    debit_account: accountOf(transfer.debit_account_id),
    credit_account: accountOf(transfer.credit_account_id),
    ...(type === 'two_phase_expired' && {derived: true as const}),
  }
}

/** Accounts as of each change: balances, and whether they are closed. */
export class ChangingAccounts {
  readonly #accounts = new Map<bigint, {account: Account; columns: Columns; closed: boolean}>()

  has(id: bigint): boolean {
    return this.#accounts.has(id)
  }

  /** An account before its first transfer. Its immutable fields count; its balances may be newer than the stream. */
  start(account: Account): void {
    const columns = {debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n}
    this.#accounts.set(account.id, {account, columns, closed: false})
  }

  /** Takes over accounts with their balances. */
  adopt(others: ChangingAccounts): void {
    for (const [id, state] of others.#accounts) this.#accounts.set(id, state)
  }

  apply({type, transfer, hold}: Change): void {
    const held = type === 'two_phase_pending' ? transfer.amount : -(hold?.amount ?? 0n)
    const pending = type === 'single_phase' ? 0n : held
    const posted = type === 'two_phase_expired' ? 0n : movedBy(transfer)
    const debit = this.#accounts.get(transfer.debit_account_id)
    const credit = this.#accounts.get(transfer.credit_account_id)
    if (debit !== undefined) {
      debit.columns.debitsPending += pending
      debit.columns.debitsPosted += posted
    }
    if (credit !== undefined) {
      credit.columns.creditsPending += pending
      credit.columns.creditsPosted += posted
    }
    for (const changed of [debit, credit]) {
      if (changed === undefined) continue
      if (type === 'two_phase_pending') changed.closed ||= closes(transfer, changed.account.id)
      else if (type !== 'two_phase_posted' && hold !== undefined && closes(hold, changed.account.id))
        changed.closed = false
    }
  }

  /** The account as it is now. */
  of(id: bigint): ChangedAccount {
    const known = this.#accounts.get(id)
    if (known === undefined) return {id: id.toString()}
    const {account, columns, closed} = known
    return {
      id: id.toString(),
      debits_pending: columns.debitsPending.toString(),
      debits_posted: columns.debitsPosted.toString(),
      credits_pending: columns.creditsPending.toString(),
      credits_posted: columns.creditsPosted.toString(),
      user_data_128: account.user_data_128.toString(),
      user_data_64: account.user_data_64.toString(),
      user_data_32: account.user_data_32,
      code: account.code,
      flags: closed ? account.flags | AccountFlags.closed : account.flags & ~AccountFlags.closed,
      timestamp: account.timestamp.toString(),
    }
  }
}

/** Whether an open pending transfer closes the account. */
function closes({flags, debit_account_id, credit_account_id}: Transfer, id: bigint): boolean {
  return (
    ((flags & TransferFlags.closing_debit) !== 0 && debit_account_id === id) ||
    ((flags & TransferFlags.closing_credit) !== 0 && credit_account_id === id)
  )
}
