/** Compares a chart with a database: what differs, what is missing, and a first chart drafted from what is there. */

import type {Account} from '@parix/ledger/schema'
import type {Chart, NamedAccount} from './chart.js'

/** Bits of TigerBeetle's account flags. */
const FLAG_BITS: Readonly<Record<string, number>> = {
  linked: 1,
  debits_must_not_exceed_credits: 2,
  credits_must_not_exceed_debits: 4,
  history: 8,
  imported: 16,
  closed: 32,
}
/** `linked` and `imported` say how an account was created and `closed` changes during its life. */
const COMPARED = 2 | 4 | 8

/** Where the chart and the database disagree about one account. */
export interface ChartDifference {
  name: string
  id: bigint
  difference: 'missing' | 'ledger' | 'code' | 'flags'
  /** What the chart says and what the database has, as text; `actual` is undefined for a missing account. */
  expected: string
  actual?: string
}

/** @param existing the accounts that were looked up for `chart.listed()`, by id */
export function compareWithChart(chart: Chart, existing: ReadonlyMap<bigint, Account>): ChartDifference[] {
  return chart.listed().flatMap((named) => differences(chart, named, existing.get(named.id)))
}

function differences(chart: Chart, named: NamedAccount, account: Account | undefined): ChartDifference[] {
  const {name, id, ledger, code, codeName} = named
  if (account === undefined) return [{name, id, difference: 'missing', expected: `${ledger.name}, ${codeName}`}]
  const found: ChartDifference[] = []
  if (account.ledger !== ledger.id) {
    const actual = chart.ledgerOf(account.ledger)?.name ?? String(account.ledger)
    found.push({name, id, difference: 'ledger', expected: ledger.name, actual})
  }
  if (account.code !== code) {
    const actual = chart.codeName('account', account.code) ?? String(account.code)
    found.push({name, id, difference: 'code', expected: codeName, actual})
  }
  const flags = flagBits(named.flags) & COMPARED
  if ((account.flags & COMPARED) !== flags) {
    found.push({name, id, difference: 'flags', expected: flagNames(flags), actual: flagNames(account.flags & COMPARED)})
  }
  return found
}

/** The accounts of the chart that the database does not have, in the chart's order. */
export function missingAccounts(chart: Chart, existing: ReadonlyMap<bigint, Account>): NamedAccount[] {
  return chart.listed().filter(({id}) => !existing.has(id))
}

export function flagBits(names: readonly string[]): number {
  return names.reduce((bits, name) => bits | (FLAG_BITS[name] ?? 0), 0)
}

function flagNames(bits: number): string {
  const names = Object.entries(FLAG_BITS)
    .filter(([, bit]) => (bits & bit) !== 0)
    .map(([name]) => name)
  return names.length === 0 ? 'none' : names.join(', ')
}

/** More accounts than a person would write down: `draftChart` gives only their counts. */
export const DRAFT_ACCOUNTS_MAX = 1000

export interface DraftInput {
  accounts: readonly Account[]
  /** Transfer codes that were seen. */
  transferCodes: readonly number[]
  /** Names for account ids, from a file of the user's. */
  names?: ReadonlyMap<bigint, string>
}

/**
 * The text of a first chart for a database, to be edited: its ledgers, codes and accounts with names made from their
 * numbers. Scales can't be known from the ledger, so each has scale 0, which shows integers as they are.
 */
export function draftChart({accounts, transferCodes, names}: DraftInput): string {
  const ledgers = sortedUnique(accounts.map(({ledger}) => ledger))
  const codes = sortedUnique(accounts.map(({code}) => code))
  const listed = accounts.slice(0, DRAFT_ACCOUNTS_MAX)
  const rest = countBy(accounts.slice(DRAFT_ACCOUNTS_MAX), ({ledger, code}) => `ledger ${ledger}, code ${code}`)
  return [
    '# A chart of accounts for parix: names for ids, ledgers and codes. It is meant to be edited and committed.',
    'version: 1',
    'ledgers:',
    '  # The scale is the number of decimal places: 2 for USD. The ledger does not know it; set it before the first use.',
    ...orNone(ledgers.map((id) => `  L${id}: {id: ${id}, scale: 0}`)),
    'codes:',
    '  account:',
    ...orNone(
      codes.map((code) => `    c${code}: ${code}`),
      '    ',
    ),
    '  transfer:',
    ...orNone(
      sortedUnique(transferCodes).map((code) => `    t${code}: ${code}`),
      '    ',
    ),
    'types: {}   # by account code: asset, liability, equity, income or expense',
    'accounts:',
    ...orNone(listed.map((account) => accountLine(account, names?.get(account.id)))),
    ...[...rest].map(
      ([kind, count]) => `  # and ${count} more: ${kind}. A pattern such as customer/* gives them names.`,
    ),
    '',
  ].join('\n')
}

function accountLine({id, ledger, code, flags}: Account, name: string | undefined): string {
  const names = Object.entries(FLAG_BITS).filter(([, bit]) => (flags & bit & COMPARED) !== 0)
  const flagText = names.length === 0 ? '' : `, flags: [${names.map(([flag]) => flag).join(', ')}]`
  return `  ${name ?? `a${id}`}: {id: ${id}, ledger: L${ledger}, code: c${code}${flagText}}`
}

function orNone(lines: string[], indent = '  '): string[] {
  return lines.length > 0 ? lines : [`${indent}{}`]
}

function sortedUnique(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return counts
}
