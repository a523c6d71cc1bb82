import {accessSync, constants, existsSync} from 'node:fs'
import {dirname} from 'node:path'
import {NAME} from '@parix/books/chart'
import {draftChart} from '@parix/books/chart/plan'
import {createFile} from '@parix/files/atomic-write'
import {errnoOf, reasonOf} from '@parix/files/errors'
import {ParixError} from '@parix/kit/errors'
import {parseUint} from '@parix/kit/integers'
import type {Terminal} from '@parix/kit/output'
import type {Account} from '@parix/ledger/schema'
import {accountPages, type BookReader, transferPages} from '../books/read-books.js'
import {openRows} from '../import/read-rows.js'
import {withFile} from '../input/spool.js'

export interface DraftedChart {
  text: string
  accounts: number
  ledgers: number
}

/** Transfers that are looked at for their codes. */
const TRANSFERS_MAX = 50_000

/** What a database has, as a chart; of more than a thousand accounts the rest as counts. */
export async function draftFrom(
  reader: BookReader,
  namesFile: string | undefined,
  terminal: Terminal,
): Promise<DraftedChart> {
  const accounts: Account[] = []
  for await (const page of accountPages(reader)) accounts.push(...page)
  const codes = new Set<number>()
  let seen = 0
  for await (const page of transferPages(reader)) {
    for (const {code} of page) codes.add(code)
    seen += page.length
    if (seen >= TRANSFERS_MAX) break
  }
  const names = namesFile === undefined ? undefined : await withFile(namesFile, terminal, readNames)
  const text = draftChart({accounts, transferCodes: [...codes], ...(names && {names})})
  return {text, accounts: accounts.length, ledgers: new Set(accounts.map(({ledger}) => ledger)).size}
}

async function readNames(file: string, path: string): Promise<Map<bigint, string>> {
  const rows = await openRows({name: file, path, format: 'csv'})
  const id = rows.header?.indexOf('id') ?? -1
  const name = rows.header?.indexOf('name') ?? -1
  if (id < 0 || name < 0)
    throw new ParixError('BAD_INPUT', `${file} needs the columns id and name.`, {code: 'bad_names'})
  const names = new Map<bigint, string>()
  const ids = new Map<string, bigint>()
  for await (const chunk of rows.rows(rows.first)) {
    for (const {line, cells, fault} of chunk) {
      if (cells === undefined) throw new ParixError('BAD_INPUT', `${file} line ${line} ${fault}.`, {code: 'bad_names'})
      const called = cells[name]!.trim()
      if (!NAME.test(called))
        throw new ParixError(
          'BAD_INPUT',
          `${file} line ${line}: ${JSON.stringify(called.slice(0, 60))} is not a name: lower-case segments with / between them, beginning with a letter.`,
          {code: 'bad_names'},
        )
      const account = parseUint(`${file} line ${line} id`, cells[id]!, 128)
      const taken = takenBy(account, called, names, ids)
      if (taken !== undefined) throw new ParixError('BAD_INPUT', `${file} line ${line}: ${taken}.`, {code: 'bad_names'})
      names.set(account, called)
      ids.set(called, account)
    }
  }
  return names
}

/** Why an account can't have this name: a chart with a name twice, or an account with two, could not be read. */
function takenBy(
  account: bigint,
  called: string,
  names: ReadonlyMap<bigint, string>,
  ids: ReadonlyMap<string, bigint>,
): string | undefined {
  const other = ids.get(called)
  if (other !== undefined && other !== account) return `${called} is the name of account ${other} already`
  const earlier = names.get(account)
  if (earlier !== undefined && earlier !== called) return `account ${account} is ${earlier} already`
  // What `draftChart` calls an account without a name.
  if (/^a\d+$/.test(called) && called !== `a${account}`)
    return `${called} is what account ${called.slice(1)} is called without a name`
  return undefined
}

/** @throws ParixError BAD_INPUT when there is such a file */
export function writeChart(path: string, text: string): void {
  try {
    createFile(path, text, 0o644)
  } catch (error) {
    throw notNew(path, error)
  }
}

/** Before the database is read for it. @throws ParixError as `writeChart` */
export function assertNewChart(path: string): void {
  try {
    accessSync(`${dirname(path)}/.`, constants.W_OK)
    if (existsSync(path)) throw Object.assign(new Error('it exists'), {code: 'EEXIST'})
  } catch (error) {
    throw notNew(path, error)
  }
}

function notNew(path: string, error: unknown): ParixError {
  if (errnoOf(error) === 'EEXIST')
    return new ParixError(
      'BAD_INPUT',
      `${path} exists already; it was not changed. Write to another file with --output FILE.`,
      {code: 'chart_exists'},
    )
  return new ParixError('FAILED', `${path} can't be written: ${reasonOf(error)}.`, {cause: error})
}

export function exampleChart(): DraftedChart {
  return {text: EXAMPLE, accounts: 3, ledgers: 1}
}

const EXAMPLE = `# A chart of accounts for parix: names for ids, ledgers and codes. It is meant to be edited and committed.
version: 1
ledgers:
  # The scale is the number of decimal places: 2 for USD, 0 for JPY. Amounts are then written as 12.50.
  USD: {id: 700, scale: 2}
codes:
  account: {bank: 10, customer: 20, revenue: 30}
  transfer: {deposit: 1, payment: 2, refund: 4}
types: {bank: asset, customer: liability, revenue: income}
accounts:
  bank: {id: 1, ledger: USD, code: bank, flags: [history]}
  sales: {id: 2, ledger: USD, code: revenue}
  # Millions of accounts by one line: @customer/17 has the id 2^48 + 17.
  customer/*: {id: {base: 0x1000000000000, plus: n}, ledger: USD, code: customer, flags: [debits_must_not_exceed_credits, history]}
`
