/**
 * The rules once more, as plainly as they can be written: bigints, objects, a copy of everything at each chain.
 *
 * Written from semantics line by line and sharing nothing with the ledger but its enums, so that a slip in one
 * shows as a difference to the other. Section numbers are those of that text.
 */

import {
  AccountFlags as A,
  type Account,
  CreateAccountStatus as AS,
  TransferFlags as T,
  type Transfer,
  CreateTransferStatus as TS,
} from '@parix/ledger'
import {Reads} from './reads.js'
import {MAX, newest, type Outcome, type State, TIME_MAX} from './state.js'

export class Model extends Reads {
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
