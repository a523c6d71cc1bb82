/** Checks that the books of a ledger are what its rules make of them. Pure: rows in, findings out. */

import {type Account, AccountFlags} from '@parix/ledger/schema'
import type {Columns, Fold} from './fold.js'

export interface AuditFinding {
  code: string
  /** The account, transfer or ledger that it is about. */
  account?: bigint
  transfer?: bigint
  ledger?: number
  message: string
}

/** Ledgers balance in both pairs of columns, and no account is beyond its limit. Needs the accounts alone. */
export function auditAccounts(accounts: Iterable<Account>): AuditFinding[] {
  const findings: AuditFinding[] = []
  const sums = new Map<number, {debits: bigint; credits: bigint; debitsPending: bigint; creditsPending: bigint}>()
  for (const account of accounts) {
    const sum = sums.get(account.ledger) ?? {debits: 0n, credits: 0n, debitsPending: 0n, creditsPending: 0n}
    sum.debits += account.debits_posted
    sum.credits += account.credits_posted
    sum.debitsPending += account.debits_pending
    sum.creditsPending += account.credits_pending
    sums.set(account.ledger, sum)
    findings.push(...limitFindings(account))
  }
  for (const [ledger, {debits, credits, debitsPending, creditsPending}] of sums) {
    if (debits !== credits) {
      findings.push({
        code: 'ledger_not_balanced',
        ledger,
        message: `ledger ${ledger}: debits are ${debits}, credits ${credits}`,
      })
    }
    if (debitsPending !== creditsPending) {
      findings.push({
        code: 'ledger_pending_not_balanced',
        ledger,
        message: `ledger ${ledger}: pending debits are ${debitsPending}, pending credits ${creditsPending}`,
      })
    }
  }
  return findings
}

/** TigerBeetle checks limits with what is pending: an account that breaks them can't have come about by its rules. */
function limitFindings(account: Account): AuditFinding[] {
  const {id, flags, debits_posted, debits_pending, credits_posted, credits_pending} = account
  const findings: AuditFinding[] = []
  if ((flags & AccountFlags.debits_must_not_exceed_credits) !== 0 && debits_posted + debits_pending > credits_posted) {
    const message = `account ${id}: debits of ${debits_posted + debits_pending} exceed credits of ${credits_posted}`
    findings.push({code: 'exceeds_credits', account: id, message})
  }
  if ((flags & AccountFlags.credits_must_not_exceed_debits) !== 0 && credits_posted + credits_pending > debits_posted) {
    const message = `account ${id}: credits of ${credits_posted + credits_pending} exceed debits of ${debits_posted}`
    findings.push({code: 'exceeds_debits', account: id, message})
  }
  return findings
}

/** What a comparison allows for, because the ledger lives on. */
export interface AuditSlack {
  /** What each account may still hold of lapsed holds, by account id. */
  justLapsed?: ReadonlyMap<bigint, {debits: bigint; credits: bigint}>
  /** What accounts were at while they were read and others wrote: each may be as of any of these moments. */
  moments?: ReadonlyMap<bigint, readonly Columns[]>
}

/**
 * Compares every account with the fold of all transfers up to the moment at which the accounts were read.
 *
 * Pending columns may still contain holds that lapsed within the last seconds: TigerBeetle releases them with its next
 * operation, not at the very instant.
 *
 */
export function auditFold(
  accounts: Iterable<Account>,
  fold: Fold,
  {justLapsed = new Map(), moments = new Map()}: AuditSlack = {},
): AuditFinding[] {
  const findings: AuditFinding[] = fold.findings.map(({code, transfer, message}) => ({
    code,
    transfer,
    message: `transfer ${transfer}: ${message}`,
  }))
  for (const account of accounts) {
    const slack = justLapsed.get(account.id) ?? {debits: 0n, credits: 0n}
    const now = differencesOf(account, fold.columns.get(account.id) ?? NOTHING, slack)
    if (now.length === 0 || moments.get(account.id)?.some((then) => differencesOf(account, then, slack).length === 0))
      continue
    findings.push(...now)
  }
  return findings
}

const NOTHING: Columns = {debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n}

function differencesOf(account: Account, computed: Columns, slack: {debits: bigint; credits: bigint}): AuditFinding[] {
  const findings: AuditFinding[] = []
  for (const [column, actual, expected, more] of [
    ['debits_posted', account.debits_posted, computed.debitsPosted, 0n],
    ['credits_posted', account.credits_posted, computed.creditsPosted, 0n],
    ['debits_pending', account.debits_pending, computed.debitsPending, slack.debits],
    ['credits_pending', account.credits_pending, computed.creditsPending, slack.credits],
  ] as const) {
    if (actual >= expected && actual <= expected + more) continue
    const message = `account ${account.id}: ${column} is ${actual}, its transfers make ${expected}`
    findings.push({code: 'account_differs', account: account.id, message})
  }
  return findings
}

/** Accounts with the balances that their transfers make, in place of their own. */
export function* accountsOf(accounts: Iterable<Account>, fold: Fold): Generator<Account> {
  for (const account of accounts) {
    const {debitsPosted, creditsPosted, debitsPending, creditsPending} = fold.columns.get(account.id) ?? NOTHING
    yield {
      ...account,
      debits_posted: debitsPosted,
      credits_posted: creditsPosted,
      debits_pending: debitsPending,
      credits_pending: creditsPending,
    }
  }
}
