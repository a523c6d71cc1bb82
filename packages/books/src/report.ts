/** Trial balance, balance sheet, income statement and flows, from the columns of all accounts. */

import type {Account} from '@parix/ledger/schema'
import {type AccountType, type Chart, normalSide} from './chart/chart.js'
import type {Posted} from './statement.js'

export type GroupBy = 'account' | 'code' | 'ledger' | {prefix: number}

export interface TrialRow extends Posted {
  /** The account's name or id, the code's name, the ledger's name, or the first segments of the name. */
  key: string
  /** Debits − credits. */
  net: bigint
  accounts: number
}

export interface TrialLedger extends Posted {
  ledger: number
  name: string
  rows: TrialRow[]
  balanced: boolean
}

export type Totals = ReadonlyMap<bigint, Posted>
type AccountList = ReadonlyMap<bigint, Pick<Account, 'ledger' | 'code'>>

/** Debits and credits by group for each ledger. In the books of a ledger both sums are equal. */
export function trialBalance(totals: Totals, accounts: AccountList, by: GroupBy, chart?: Chart): TrialLedger[] {
  const ledgers = new Map<number, Map<string, TrialRow>>()
  for (const [id, {ledger, code}] of accounts) {
    const {debits, credits} = totals.get(id) ?? {debits: 0n, credits: 0n}
    const rows = getOrAdd(ledgers, ledger, () => new Map<string, TrialRow>())
    const key = keyOf(by, id, ledger, code, chart)
    const row = getOrAdd(rows, key, () => ({key, debits: 0n, credits: 0n, net: 0n, accounts: 0}))
    row.debits += debits
    row.credits += credits
    row.net += debits - credits
    row.accounts++
  }
  return [...ledgers]
    .sort(([a], [b]) => a - b)
    .map(([ledger, rows]) => {
      const list = [...rows.values()]
      const debits = sum(list.map((row) => row.debits))
      const credits = sum(list.map((row) => row.credits))
      return {ledger, name: ledgerName(ledger, chart), rows: list, debits, credits, balanced: debits === credits}
    })
}

function keyOf(by: GroupBy, id: bigint, ledger: number, code: number, chart: Chart | undefined): string {
  const name = chart?.nameOf(id) ?? String(id)
  if (by === 'account') return name
  if (by === 'ledger') return ledgerName(ledger, chart)
  if (by === 'code') return chart?.codeName('account', code) ?? String(code)
  return name.split('/').slice(0, by.prefix).join('/')
}

export interface TypedRow {
  key: string
  /** On the normal side of its type. */
  balance: bigint
}

export interface BalanceSheet {
  ledger: number
  name: string
  assets: TypedRow[]
  liabilities: TypedRow[]
  equity: TypedRow[]
  /** Income − expenses up to now, which closes the sheet. */
  result: bigint
  /** Accounts whose code has no type in the chart, debits − credits. */
  untyped: TypedRow[]
  /** assets − liabilities = equity + income − expenses, with nothing left untyped. */
  holds: boolean
}

export function balanceSheets(totals: Totals, accounts: AccountList, by: GroupBy, chart: Chart): BalanceSheet[] {
  return byLedger(totals, accounts, by, chart).map(({ledger, groups}) => {
    const {asset, liability, equity} = groups
    const result = total(groups.income) - total(groups.expense)
    const untyped = groups.untyped.filter(({balance}) => balance !== 0n)
    const holds = total(asset) - total(liability) === total(equity) + result && untyped.length === 0
    return {
      ledger,
      name: ledgerName(ledger, chart),
      assets: asset,
      liabilities: liability,
      equity,
      result,
      untyped,
      holds,
    }
  })
}

export interface IncomeStatement {
  ledger: number
  name: string
  income: TypedRow[]
  expenses: TypedRow[]
  result: bigint
}

/** @param totals what moved in the period, not balances */
export function incomeStatements(totals: Totals, accounts: AccountList, by: GroupBy, chart: Chart): IncomeStatement[] {
  return byLedger(totals, accounts, by, chart).map(({ledger, groups: {income, expense}}) => ({
    ledger,
    name: ledgerName(ledger, chart),
    income,
    expenses: expense,
    result: total(income) - total(expense),
  }))
}

type Groups = Record<AccountType | 'untyped', TypedRow[]>

function byLedger(
  totals: Totals,
  accounts: AccountList,
  by: GroupBy,
  chart: Chart,
): {ledger: number; groups: Groups}[] {
  const found = new Map<number, Map<string, {type: AccountType | undefined; key: string; net: bigint}>>()
  for (const [id, {ledger, code}] of accounts) {
    const {debits, credits} = totals.get(id) ?? {debits: 0n, credits: 0n}
    const type = chart.typeOf(code)
    const key = keyOf(by, id, ledger, code, chart)
    const rows = getOrAdd(found, ledger, () => new Map())
    getOrAdd(rows, `${type} ${key}`, () => ({type, key, net: 0n})).net += debits - credits
  }
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([ledger, rows]) => {
      const groups: Groups = {asset: [], liability: [], equity: [], income: [], expense: [], untyped: []}
      for (const {type, key, net} of rows.values()) {
        groups[type ?? 'untyped'].push({key, balance: normalSide(type) === 'debit' ? net : -net})
      }
      return {ledger, groups}
    })
}

/** What moved between two kinds of account: debited and credited code. */
export interface Flow {
  ledger: number
  debitCode: number
  creditCode: number
  amount: bigint
  transfers: number
}

/** Sums transfers by the codes of their two accounts. */
export class Flows {
  readonly #flows = new Map<string, Flow>()

  constructor(private readonly accounts: Pick<AccountList, 'get'>) {}

  add(transfer: {debit_account_id: bigint; credit_account_id: bigint; ledger: number}, moved: bigint): void {
    if (moved === 0n) return
    const debitCode = this.accounts.get(transfer.debit_account_id)?.code ?? 0
    const creditCode = this.accounts.get(transfer.credit_account_id)?.code ?? 0
    const key = `${transfer.ledger} ${debitCode} ${creditCode}`
    const flow = getOrAdd(this.#flows, key, () => ({
      ledger: transfer.ledger,
      debitCode,
      creditCode,
      amount: 0n,
      transfers: 0,
    }))
    flow.amount += moved
    flow.transfers++
  }

  list(): Flow[] {
    return [...this.#flows.values()].sort(
      (a, b) => a.ledger - b.ledger || a.debitCode - b.debitCode || a.creditCode - b.creditCode,
    )
  }
}

function ledgerName(id: number, chart: Chart | undefined): string {
  return chart?.ledgerOf(id)?.name ?? String(id)
}

function total(rows: readonly TypedRow[]): bigint {
  return sum(rows.map(({balance}) => balance))
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((all, value) => all + value, 0n)
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
