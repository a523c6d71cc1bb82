/** Whether books are as expected, and what is the case instead. */

import type {Account, Transfer} from '@parix/ledger/schema'
import {parseMoney} from './amounts.js'
import {type Chart, normalSide} from './chart/chart.js'
import {
  type Amount,
  at,
  type Expectation,
  ExpectationError,
  OPERATORS,
  type Operator,
  type Quantity,
} from './expectations.js'
import {accountLabel, amountLabel} from './present.js'

export interface Facts {
  accounts: ReadonlyMap<bigint, Account>
  /** Open pending transfers. */
  pending: readonly Transfer[]
  /** How many there are. */
  transfers: number
  /** Nanoseconds since 1970. */
  now: bigint
}

export interface Verdict {
  expectation: string
  ok: boolean
  /** What is the case instead: at most ten sentences, the number of all, or what was counted. */
  found: string[]
}

const FOUND_MAX = 10

/** @throws ExpectationError for an amount that is not valid on the ledger of its account */
export function judge(expectation: Expectation, facts: Facts, chart: Chart | undefined): Verdict {
  const found = foundBy(expectation, facts, chart)
  const shown =
    found.length > FOUND_MAX ? [...found.slice(0, FOUND_MAX), `and ${found.length - FOUND_MAX} more`] : found
  return {expectation: expectation.text, ok: found.length === 0, found: shown}
}

function foundBy(expectation: Expectation, facts: Facts, chart: Chart | undefined): string[] {
  switch (expectation.kind) {
    case 'balanced':
      return unbalanced(expectation.ledger, facts, chart)
    case 'count': {
      const count = expectation.of === 'accounts' ? facts.accounts.size : facts.transfers
      return compared(BigInt(count), expectation, `there are ${count} ${expectation.of}`)
    }
    case 'pending': {
      const {account, olderThanMs} = expectation
      const before = olderThanMs === undefined ? undefined : facts.now - BigInt(Math.round(olderThanMs)) * 1_000_000n
      const {length} = facts.pending.filter(
        ({debit_account_id, credit_account_id, timestamp}) =>
          (account === undefined || debit_account_id === account || credit_account_id === account) &&
          (before === undefined || timestamp < before),
      )
      return compared(BigInt(length), expectation, `there are ${length}`)
    }
    case 'accounts':
      return accountsBy(expectation, facts, chart)
  }
}

function compared(count: bigint, expected: {operator: Operator; count: bigint}, sentence: string): string[] {
  return OPERATORS[expected.operator](count, expected.count) ? [] : [sentence]
}

function unbalanced(ledger: number | undefined, {accounts}: Facts, chart: Chart | undefined): string[] {
  const sums = new Map<number, [posted: bigint, pending: bigint]>()
  for (const account of accounts.values()) {
    const [posted, held] = sums.get(account.ledger) ?? [0n, 0n]
    const {debits_posted, credits_posted, debits_pending, credits_pending} = account
    sums.set(account.ledger, [posted + debits_posted - credits_posted, held + debits_pending - credits_pending])
  }
  if (ledger !== undefined && !sums.has(ledger))
    return [`there is no account on ledger ${chart?.ledgerOf(ledger)?.name ?? ledger}`]
  return [...sums].flatMap(([id, [posted, held]]) => {
    if ((ledger !== undefined && id !== ledger) || (posted === 0n && held === 0n)) return []
    return [`ledger ${chart?.ledgerOf(id)?.name ?? id}: debits less credits are ${posted} posted, ${held} pending`]
  })
}

function accountsBy(
  {of, quantity, operator, value}: Expectation & {kind: 'accounts'},
  {accounts}: Facts,
  chart: Chart | undefined,
): string[] {
  if (of !== 'all' && 'id' in of && !accounts.has(of.id)) return [`${accountLabel(of.id, chart)} does not exist`]
  const isMeant = ({id}: Account) =>
    of === 'all' || ('id' in of ? id === of.id : chart?.nameOf(id)?.startsWith(of.prefix) === true)
  const found: string[] = []
  for (const account of accounts.values()) {
    if (!isMeant(account)) continue
    const actual = quantityIn(account, quantity, chart)
    const expected = typeof value === 'string' ? quantityIn(account, value, chart) : amountIn(account, value, chart)
    if (OPERATORS[operator](actual, expected)) continue
    const money = (amount: bigint) => amountLabel(amount, account.ledger, chart)
    const other = typeof value === 'string' ? `, ${value} ${money(expected)}` : ''
    found.push(`${accountLabel(account.id, chart)}: ${quantity} is ${money(actual)}${other}`)
  }
  return found
}

function quantityIn(account: Account, quantity: Quantity, chart: Chart | undefined): bigint {
  const {debits_posted, credits_posted, debits_pending, credits_pending} = account
  const debit = normalSide(chart?.typeOf(account.code)) === 'debit'
  const balance = debit ? debits_posted - credits_posted : credits_posted - debits_posted
  switch (quantity) {
    case 'balance':
      return balance
    case 'available':
      return balance - (debit ? credits_pending : debits_pending)
    case 'debits':
      return debits_posted
    case 'credits':
      return credits_posted
    case 'debits_pending':
      return debits_pending
    case 'credits_pending':
      return credits_pending
  }
}

/** Money of the account's ledger, as everywhere; 0 needs no decimal places, and balances may be negative. */
function amountIn(account: Account, {text, column}: Amount, chart: Chart | undefined): bigint {
  const sign = /^[-\u2212]/.test(text) ? -1n : 1n
  const size = text.replace(/^[-\u2212]/, '')
  if (/^0+$/.test(size)) return 0n
  const unit = chart?.ledgerOf(account.ledger)
  if (unit !== undefined) return sign * at({text: size, column}, () => parseMoney('the amount', size, unit))
  if (/^\d[\d_]*$/.test(size)) return sign * BigInt(size.replaceAll('_', ''))
  throw new ExpectationError(column, `"${text}" is not a whole number, and no chart has the ledger ${account.ledger}`)
}
