/**
 * The rules once more, as plainly as they can be written: bigints, objects, a copy of everything at each chain.
 *
 * Written from ledger-semantics.md line by line and sharing nothing with the ledger but its enums, so that a slip in one
 * shows as a difference to the other. Section numbers are those of that text.
 */

import {
  AccountFlags as A,
  type Account,
  type AccountBalance,
  type AccountFilter,
  CreateAccountStatus as AS,
  type QueryFilter,
  TransferFlags as T,
  type Transfer,
  CreateTransferStatus as TS,
} from '@parix/ledger'

const MAX = (1n << 128n) - 1n
const TIME_MAX = (1n << 63n) - 1n

interface State {
  accounts: Account[]
  transfers: Transfer[]
  status: Map<bigint, 'pending' | 'posted' | 'voided' | 'expired'>
  history: {account: bigint; row: AccountBalance}[]
}

interface Outcome {
  status: number
  timestamp: bigint
}

export class Model {
  state: State = {accounts: [], transfers: [], status: new Map(), history: []}
  readonly failed = new Set<bigint>()
  lastTime = 0n

  createAccounts(events: Account[], now: bigint): Outcome[] {
    return this.loop(events, now, A.imported, AS, (e, slot) => this.createAccount(e, slot))
  }

  createTransfers(events: Transfer[], now: bigint): Outcome[] {
    return this.loop(events, now, T.imported, TS, (e, slot) => this.createTransfer(e, slot))
  }

  // §4
  private loop<E extends Account | Transfer>(
    events: E[],
    now: bigint,
    importedBit: number,
    S: typeof AS | typeof TS,
    create: (event: E, slot: bigint) => Outcome,
  ): Outcome[] {
    const n = BigInt(events.length)
    if (n === 0n) return []
    const last = now - n + 1n > this.lastTime ? now : this.lastTime + n
    this.lastTime = last
    const isImported = (events[0]!.flags & importedBit) !== 0
    const results: Outcome[] = []
    let chain: {start: number; saved: State; broken: boolean} | undefined
    for (const [i, event] of events.entries()) {
      const slot = last - n + 1n + BigInt(i)
      const linked = (event.flags & 1) !== 0
      if (linked && !chain) chain = {start: i, saved: structuredClone(this.state), broken: false}
      const mine = (event.flags & importedBit) !== 0
      const refuse = (status: number): Outcome => ({status, timestamp: slot})
      let outcome: Outcome
      if (linked && i === events.length - 1) outcome = refuse(S.linked_event_chain_open)
      else if (chain?.broken) outcome = refuse(S.linked_event_failed)
      else if (mine && !isImported) outcome = refuse(S.imported_event_not_expected)
      else if (!mine && isImported) outcome = refuse(S.imported_event_expected)
      else if (mine && (event.timestamp < 1n || event.timestamp > TIME_MAX)) {
        outcome = refuse(S.imported_event_timestamp_out_of_range)
      } else if (mine && event.timestamp >= last) outcome = refuse(S.imported_event_timestamp_must_not_advance)
      else if (!mine && event.timestamp !== 0n) outcome = refuse(S.timestamp_must_be_zero)
      else outcome = create(event, slot)
      results.push(outcome)
      if (outcome.status !== S.created) {
        if (chain && !chain.broken) {
          chain.broken = true
          this.state = chain.saved
          for (let j = chain.start; j < i; j++) results[j]!.status = S.linked_event_failed
        }
        if (S === TS && isTransient(outcome.status)) this.failed.add(event.id)
      }
      if (!linked) chain = undefined
    }
    return results
  }

  account(id: bigint): Account | undefined {
    return this.state.accounts.find((account) => account.id === id)
  }

  transfer(id: bigint): Transfer | undefined {
    return this.state.transfers.find((transfer) => transfer.id === id)
  }

  // §5
  private createAccount(e: Account, slot: bigint): Outcome {
    const refuse = (status: number): Outcome => ({status, timestamp: slot})
    if (e.reserved !== 0) return refuse(AS.reserved_field)
    if (e.flags > 63) return refuse(AS.reserved_flag)
    if (e.id === 0n) return refuse(AS.id_must_not_be_zero)
    if (e.id === MAX) return refuse(AS.id_must_not_be_int_max)
    const old = this.account(e.id)
    if (old) {
      if (old.flags !== e.flags) return refuse(AS.exists_with_different_flags)
      if (old.user_data_128 !== e.user_data_128) return refuse(AS.exists_with_different_user_data_128)
      if (old.user_data_64 !== e.user_data_64) return refuse(AS.exists_with_different_user_data_64)
      if (old.user_data_32 !== e.user_data_32) return refuse(AS.exists_with_different_user_data_32)
      if (old.ledger !== e.ledger) return refuse(AS.exists_with_different_ledger)
      if (old.code !== e.code) return refuse(AS.exists_with_different_code)
      return {status: AS.exists, timestamp: old.timestamp}
    }
    if (e.flags & A.debits_must_not_exceed_credits && e.flags & A.credits_must_not_exceed_debits) {
      return refuse(AS.flags_are_mutually_exclusive)
    }
    if (e.debits_pending !== 0n) return refuse(AS.debits_pending_must_be_zero)
    if (e.debits_posted !== 0n) return refuse(AS.debits_posted_must_be_zero)
    if (e.credits_pending !== 0n) return refuse(AS.credits_pending_must_be_zero)
    if (e.credits_posted !== 0n) return refuse(AS.credits_posted_must_be_zero)
    if (e.ledger === 0) return refuse(AS.ledger_must_not_be_zero)
    if (e.code === 0) return refuse(AS.code_must_not_be_zero)
    const timestamp = e.flags & A.imported ? e.timestamp : slot
    if (e.flags & A.imported) {
      const largest = newest(this.state.accounts)
      if (timestamp <= largest || this.state.transfers.some((t) => t.timestamp === timestamp)) {
        return refuse(AS.imported_event_timestamp_must_not_regress)
      }
    }
    this.state.accounts.push({...e, timestamp})
    return {status: AS.created, timestamp}
  }

  // §6
  private createTransfer(e: Transfer, slot: bigint): Outcome {
    const refuse = (status: number): Outcome => ({status, timestamp: slot})
    if (e.flags > 511) return refuse(TS.reserved_flag)
    if (e.id === 0n) return refuse(TS.id_must_not_be_zero)
    if (e.id === MAX) return refuse(TS.id_must_not_be_int_max)
    const old = this.transfer(e.id)
    if (old) return this.existing(e, old, slot)
    if (this.failed.has(e.id)) return refuse(TS.id_already_failed)
    if (e.flags & (T.post_pending_transfer | T.void_pending_transfer)) return this.resolve(e, slot)
    if (e.debit_account_id === 0n) return refuse(TS.debit_account_id_must_not_be_zero)
    if (e.debit_account_id === MAX) return refuse(TS.debit_account_id_must_not_be_int_max)
    if (e.credit_account_id === 0n) return refuse(TS.credit_account_id_must_not_be_zero)
    if (e.credit_account_id === MAX) return refuse(TS.credit_account_id_must_not_be_int_max)
    if (e.debit_account_id === e.credit_account_id) return refuse(TS.accounts_must_be_different)
    if (e.pending_id !== 0n) return refuse(TS.pending_id_must_be_zero)
    if (!(e.flags & T.pending)) {
      if (e.timeout !== 0) return refuse(TS.timeout_reserved_for_pending_transfer)
      if (e.flags & (T.closing_debit | T.closing_credit)) return refuse(TS.closing_transfer_must_be_pending)
    }
    if (e.ledger === 0) return refuse(TS.ledger_must_not_be_zero)
    if (e.code === 0) return refuse(TS.code_must_not_be_zero)
    const dr = this.account(e.debit_account_id)
    const cr = this.account(e.credit_account_id)
    if (!dr) return refuse(TS.debit_account_not_found)
    if (!cr) return refuse(TS.credit_account_not_found)
    if (dr.ledger !== cr.ledger) return refuse(TS.accounts_must_have_the_same_ledger)
    if (e.ledger !== dr.ledger) return refuse(TS.transfer_must_have_the_same_ledger_as_accounts)
    const imported = (e.flags & T.imported) !== 0
    const timestamp = imported ? e.timestamp : slot
    if (imported) {
      if (this.regresses(timestamp)) return refuse(TS.imported_event_timestamp_must_not_regress)
      if (timestamp <= dr.timestamp) return refuse(TS.imported_event_timestamp_must_postdate_debit_account)
      if (timestamp <= cr.timestamp) return refuse(TS.imported_event_timestamp_must_postdate_credit_account)
      if (e.timeout !== 0) return refuse(TS.imported_event_timeout_must_be_zero)
    }
    if (dr.flags & A.closed) return refuse(TS.debit_account_already_closed)
    if (cr.flags & A.closed) return refuse(TS.credit_account_already_closed)
    let a = e.amount
    if (e.flags & T.balancing_debit) a = min(a, max0(dr.credits_posted - (dr.debits_posted + dr.debits_pending)))
    if (e.flags & T.balancing_credit) a = min(a, max0(cr.debits_posted - (cr.credits_posted + cr.credits_pending)))
    if (e.flags & T.pending) {
      if (a + dr.debits_pending > MAX) return refuse(TS.overflows_debits_pending)
      if (a + cr.credits_pending > MAX) return refuse(TS.overflows_credits_pending)
    }
    if (a + dr.debits_posted > MAX) return refuse(TS.overflows_debits_posted)
    if (a + cr.credits_posted > MAX) return refuse(TS.overflows_credits_posted)
    if (a + dr.debits_pending + dr.debits_posted > MAX) return refuse(TS.overflows_debits)
    if (a + cr.credits_pending + cr.credits_posted > MAX) return refuse(TS.overflows_credits)
    if (timestamp + BigInt(e.timeout) * 1_000_000_000n > TIME_MAX) return refuse(TS.overflows_timeout)
    if (dr.flags & A.debits_must_not_exceed_credits && dr.debits_pending + dr.debits_posted + a > dr.credits_posted) {
      return refuse(TS.exceeds_credits)
    }
    if (cr.flags & A.credits_must_not_exceed_debits && cr.credits_pending + cr.credits_posted + a > cr.debits_posted) {
      return refuse(TS.exceeds_debits)
    }
    if (e.flags & T.pending) {
      dr.debits_pending += a
      cr.credits_pending += a
      this.state.status.set(e.id, 'pending')
    } else {
      dr.debits_posted += a
      cr.credits_posted += a
    }
    if (e.flags & T.closing_debit) dr.flags |= A.closed
    if (e.flags & T.closing_credit) cr.flags |= A.closed
    this.store({...e, amount: a, timestamp}, dr, cr)
    return {status: TS.created, timestamp}
  }

  // §7
  private resolve(e: Transfer, slot: bigint): Outcome {
    const refuse = (status: number): Outcome => ({status, timestamp: slot})
    const isPost = (e.flags & T.post_pending_transfer) !== 0
    const isVoid = (e.flags & T.void_pending_transfer) !== 0
    const excluded = T.pending | T.balancing_debit | T.balancing_credit | T.closing_debit | T.closing_credit
    if ((isPost && isVoid) || e.flags & excluded) return refuse(TS.flags_are_mutually_exclusive)
    if (e.pending_id === 0n) return refuse(TS.pending_id_must_not_be_zero)
    if (e.pending_id === MAX) return refuse(TS.pending_id_must_not_be_int_max)
    if (e.pending_id === e.id) return refuse(TS.pending_id_must_be_different)
    if (e.timeout !== 0) return refuse(TS.timeout_reserved_for_pending_transfer)
    const p = this.transfer(e.pending_id)
    if (!p) return refuse(TS.pending_transfer_not_found)
    if (!(p.flags & T.pending)) return refuse(TS.pending_transfer_not_pending)
    if (e.debit_account_id !== 0n && e.debit_account_id !== p.debit_account_id) {
      return refuse(TS.pending_transfer_has_different_debit_account_id)
    }
    if (e.credit_account_id !== 0n && e.credit_account_id !== p.credit_account_id) {
      return refuse(TS.pending_transfer_has_different_credit_account_id)
    }
    if (e.ledger !== 0 && e.ledger !== p.ledger) return refuse(TS.pending_transfer_has_different_ledger)
    if (e.code !== 0 && e.code !== p.code) return refuse(TS.pending_transfer_has_different_code)
    const a = e.amount === (isVoid ? 0n : MAX) ? p.amount : e.amount
    if (a > p.amount) return refuse(TS.exceeds_pending_transfer_amount)
    if (isVoid && a < p.amount) return refuse(TS.pending_transfer_has_different_amount)
    const status = this.state.status.get(p.id)
    if (status === 'posted') return refuse(TS.pending_transfer_already_posted)
    if (status === 'voided') return refuse(TS.pending_transfer_already_voided)
    if (status === 'expired') return refuse(TS.pending_transfer_expired)
    if (p.timeout && p.timestamp + BigInt(p.timeout) * 1_000_000_000n <= slot)
      return refuse(TS.pending_transfer_expired)
    const imported = (e.flags & T.imported) !== 0
    const timestamp = imported ? e.timestamp : slot
    if (imported && this.regresses(timestamp)) return refuse(TS.imported_event_timestamp_must_not_regress)
    // A real server panics here; the refusal is the ledger's own.
    if (imported && p.timeout !== 0) return refuse(TS.imported_event_timeout_must_be_zero)
    const dr = this.account(p.debit_account_id)!
    const cr = this.account(p.credit_account_id)!
    if (isPost && dr.flags & A.closed) return refuse(TS.debit_account_already_closed)
    if (isPost && cr.flags & A.closed) return refuse(TS.credit_account_already_closed)
    dr.debits_pending -= p.amount
    cr.credits_pending -= p.amount
    if (isPost) {
      dr.debits_posted += a
      cr.credits_posted += a
    } else {
      if (p.flags & T.closing_debit) dr.flags &= ~A.closed
      if (p.flags & T.closing_credit) cr.flags &= ~A.closed
    }
    this.state.status.set(p.id, isPost ? 'posted' : 'voided')
    const stored: Transfer = {
      ...e,
      debit_account_id: p.debit_account_id,
      credit_account_id: p.credit_account_id,
      amount: a,
      user_data_128: e.user_data_128 || p.user_data_128,
      user_data_64: e.user_data_64 || p.user_data_64,
      user_data_32: e.user_data_32 || p.user_data_32,
      ledger: p.ledger,
      code: p.code,
      timestamp,
    }
    this.store(stored, dr, cr)
    return {status: TS.created, timestamp}
  }

  // §8.2
  private existing(t: Transfer, e: Transfer, slot: bigint): Outcome {
    const refuse = (status: number): Outcome => ({status, timestamp: slot})
    if (t.flags !== e.flags) return refuse(TS.exists_with_different_flags)
    if (t.pending_id !== e.pending_id) return refuse(TS.exists_with_different_pending_id)
    if (t.timeout !== e.timeout) return refuse(TS.exists_with_different_timeout)
    const isPost = (e.flags & T.post_pending_transfer) !== 0
    const p = isPost || e.flags & T.void_pending_transfer ? this.transfer(e.pending_id)! : undefined
    const differs = (mine: bigint | number, theirs: bigint | number) => (!p || Boolean(mine)) && mine !== theirs
    if (differs(t.debit_account_id, e.debit_account_id)) return refuse(TS.exists_with_different_debit_account_id)
    if (differs(t.credit_account_id, e.credit_account_id)) return refuse(TS.exists_with_different_credit_account_id)
    const balancing = (e.flags & (T.balancing_debit | T.balancing_credit)) !== 0
    let same = balancing ? t.amount >= e.amount : t.amount === e.amount
    if (p && t.amount === (isPost ? MAX : 0n)) same = e.amount === p.amount
    if (!same) return refuse(TS.exists_with_different_amount)
    const data = (field: 'user_data_128' | 'user_data_64' | 'user_data_32') => (p && !t[field] ? p[field] : t[field])
    if (data('user_data_128') !== e.user_data_128) return refuse(TS.exists_with_different_user_data_128)
    if (data('user_data_64') !== e.user_data_64) return refuse(TS.exists_with_different_user_data_64)
    if (data('user_data_32') !== e.user_data_32) return refuse(TS.exists_with_different_user_data_32)
    if (differs(t.ledger, e.ledger)) return refuse(TS.exists_with_different_ledger)
    if (differs(t.code, e.code)) return refuse(TS.exists_with_different_code)
    return {status: TS.exists, timestamp: e.timestamp}
  }

  private regresses(timestamp: bigint): boolean {
    const largest = newest(this.state.transfers)
    return timestamp <= largest || this.state.accounts.some((account) => account.timestamp === timestamp)
  }

  private store(transfer: Transfer, dr: Account, cr: Account): void {
    this.state.transfers.push(transfer)
    for (const account of [dr, cr]) {
      if (!(account.flags & A.history)) continue
      const {debits_pending, debits_posted, credits_pending, credits_posted} = account
      const row = {debits_pending, debits_posted, credits_pending, credits_posted, timestamp: transfer.timestamp}
      this.state.history.push({account: account.id, row})
    }
  }

  // §10.3
  expire(now: bigint): {id: bigint; timestamp: bigint}[] {
    const instant = (t: Transfer) => t.timestamp + BigInt(t.timeout) * 1_000_000_000n
    const due = this.state.transfers
      .filter((t) => t.timeout && this.state.status.get(t.id) === 'pending' && instant(t) <= now)
      .sort((a, b) =>
        instant(a) === instant(b) ? Number(a.timestamp - b.timestamp) : instant(a) < instant(b) ? -1 : 1,
      )
      .slice(0, 8190)
    const n = BigInt(due.length)
    if (n === 0n) return []
    const last = now - n + 1n > this.lastTime ? now : this.lastTime + n
    this.lastTime = last
    return due.map((p, i) => {
      const dr = this.account(p.debit_account_id)!
      const cr = this.account(p.credit_account_id)!
      dr.debits_pending -= p.amount
      cr.credits_pending -= p.amount
      if (p.flags & T.closing_debit) dr.flags &= ~A.closed
      if (p.flags & T.closing_credit) cr.flags &= ~A.closed
      this.state.status.set(p.id, 'expired')
      return {id: p.id, timestamp: last - n + 1n + BigInt(i)}
    })
  }

  // §14
  lookupAccounts(ids: bigint[]): Account[] {
    return ids.flatMap((id) => this.account(id) ?? [])
  }

  lookupTransfers(ids: bigint[]): Transfer[] {
    return ids.flatMap((id) => this.transfer(id) ?? [])
  }

  getAccountTransfers(filter: AccountFilter): Transfer[] {
    const {account_id: id, flags} = filter
    if (id === 0n || id === MAX || !(flags & 3) || flags > 7 || !isValidRange(filter)) return []
    const rows = this.state.transfers.filter(
      (t) => (flags & 1 && t.debit_account_id === id) || (flags & 2 && t.credit_account_id === id),
    )
    return pick(rows, {...filter, ledger: 0}, (flags & 4) !== 0)
  }

  getAccountBalances(filter: AccountFilter): AccountBalance[] {
    const account = this.account(filter.account_id)
    if (!account || !(account.flags & A.history)) return []
    return this.getAccountTransfers(filter).map(
      (t) => this.state.history.find((h) => h.account === account.id && h.row.timestamp === t.timestamp)!.row,
    )
  }

  queryAccounts(filter: QueryFilter): Account[] {
    return filter.flags > 1 || !isValidRange(filter) ? [] : pick(this.state.accounts, filter, filter.flags === 1)
  }

  queryTransfers(filter: QueryFilter): Transfer[] {
    return filter.flags > 1 || !isValidRange(filter) ? [] : pick(this.state.transfers, filter, filter.flags === 1)
  }
}

function isTransient(status: number): boolean {
  return [
    TS.debit_account_not_found,
    TS.credit_account_not_found,
    TS.pending_transfer_not_found,
    TS.exceeds_credits,
    TS.exceeds_debits,
    TS.debit_account_already_closed,
    TS.credit_account_already_closed,
  ].includes(status)
}

function isValidRange({timestamp_min: from, timestamp_max: to, limit}: AccountFilter | QueryFilter): boolean {
  return from <= TIME_MAX && to <= TIME_MAX && (to === 0n || from <= to) && limit !== 0
}

/** A naive filter over all rows. */
function pick<R extends Account | Transfer>(rows: R[], f: QueryFilter, reversed: boolean): R[] {
  const wanted = rows.filter(
    (row) =>
      (!f.user_data_128 || row.user_data_128 === f.user_data_128) &&
      (!f.user_data_64 || row.user_data_64 === f.user_data_64) &&
      (!f.user_data_32 || row.user_data_32 === f.user_data_32) &&
      (!f.ledger || row.ledger === f.ledger) &&
      (!f.code || row.code === f.code) &&
      row.timestamp >= f.timestamp_min &&
      (!f.timestamp_max || row.timestamp <= f.timestamp_max),
  )
  wanted.sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1))
  if (reversed) wanted.reverse()
  return wanted.slice(0, f.limit)
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function max0(a: bigint): bigint {
  return a > 0n ? a : 0n
}

function newest(rows: {timestamp: bigint}[]): bigint {
  let largest = 0n
  for (const {timestamp} of rows) if (timestamp > largest) largest = timestamp
  return largest
}
