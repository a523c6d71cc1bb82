/** create_transfers once more, as plainly as it can be written. */

import {AccountFlags as A, TransferFlags as T, type Transfer, CreateTransferStatus as TS} from '@parix/ledger'
import {MAX, ModelState, type Outcome, TIME_MAX} from './state.js'

export class TransferRules extends ModelState {
  // §6
  protected createTransfer(e: Transfer, slot: bigint): Outcome {
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
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function max0(a: bigint): bigint {
  return a > 0n ? a : 0n
}
