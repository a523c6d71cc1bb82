/** `tb diff`: two databases row by row, or what moved in one between two moments. */

import type {Chart} from '@parix/books/chart'
import {Movements, rowDifferences} from '@parix/books/diff'
import {isoOf} from '@parix/books/periods'
import {accountLabel, amountLabel} from '@parix/books/present'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {startProgress, type Table, type Terminal} from '@parix/kit/output'
import type {Account, Transfer} from '@parix/ledger/schema'
import {flagNames} from '../records/flags.js'
import {
  accountPages,
  accountsById,
  type BookReader,
  newestTransfer,
  transferPages,
  transfersById,
} from './read-books.js'

/** `--json` of two databases. */
export interface DatabaseDiff {
  a: {id: string; name: string}
  b: {id: string; name: string}
  /** Rows of A and of B that were compared. */
  accounts: [number, number]
  transfers: [number, number]
  /** All of them; at most 1,000 are listed. */
  differencesCount: number
  differences: RowDifference[]
}

export interface RowDifference {
  kind: 'account' | 'transfer'
  id: string
  /** A field, or where the row is missing. */
  difference: string
  a: string | null
  b: string | null
}

/** `--json` of two moments: posted amounts, decimal strings. */
export interface MomentDiff {
  database: {id: string; name: string}
  from: string
  to: string
  transfers: number
  accounts: {
    account: string
    account_name?: string
    ledger: number
    debits: string
    credits: string
    transfers: number
  }[]
}

export interface DiffCall {
  api: Api
  terminal: Terminal
  chart: Chart | undefined
}

const LISTED_MAX = 1000

/** Each row of A is looked up in B, and each of B in A: two requests for 8,189 rows, in constant memory. */
export async function diffDatabases(
  {api, terminal}: DiffCall,
  a: ResolvedDatabase,
  b: ResolvedDatabase,
  timestamps: boolean,
): Promise<{result: DatabaseDiff; view: Table; notices: string[]}> {
  const [readerA, readerB] = [a, b].map(({id}) => ({api, databaseId: id})) as [BookReader, BookReader]
  const newest = () => Promise.all([newestTransfer(readerA), newestTransfer(readerB)])
  const before = await newest()
  const found = new Found()
  const text = `Comparing ${a.name} and ${b.name}`
  const progress = startProgress(terminal, {text})
  const count = async (kind: 'account' | 'transfer') => {
    const forth = await eachRow(readerA, readerB, kind, (row, other) => {
      if (other === undefined) found.add(kind, row.id, `not in ${b.name}`, null, null)
      else
        for (const {field, a: one, b: two} of rowDifferences(kind, row, other, timestamps))
          found.add(kind, row.id, field, valueText(kind, field, one), valueText(kind, field, two))
      progress.update({text, done: found.rows++, unit: 'rows'})
    })
    const back = await eachRow(readerB, readerA, kind, (row, other) => {
      if (other === undefined) found.add(kind, row.id, `not in ${a.name}`, null, null)
      progress.update({text, done: found.rows++, unit: 'rows'})
    })
    return [forth, back] as [number, number]
  }
  try {
    const accounts = await count('account')
    const transfers = await count('transfer')
    const after = await newest()
    const written = [a, b].filter((_, index) => before[index] !== after[index]).map(({name}) => name)
    return {
      result: {
        a: {id: a.id, name: a.name},
        b: {id: b.id, name: b.name},
        accounts,
        transfers,
        differencesCount: found.count,
        differences: found.listed,
      },
      view: databaseTable(found, a.name, b.name),
      notices: [
        ...(found.count > LISTED_MAX ? [`${found.count - LISTED_MAX} more differences are not listed.`] : []),
        ...(written.length > 0
          ? [`${written.join(' and ')} was written to meanwhile: what is new may look like a difference.`]
          : []),
      ],
    }
  } finally {
    progress.end()
  }
}

class Found {
  readonly listed: RowDifference[] = []
  count = 0
  rows = 0

  add(kind: RowDifference['kind'], id: bigint, difference: string, a: string | null, b: string | null): void {
    if (this.count++ < LISTED_MAX) this.listed.push({kind, id: String(id), difference, a, b})
  }
}

async function eachRow(
  from: BookReader,
  other: BookReader,
  kind: 'account' | 'transfer',
  take: (row: Account | Transfer, other: Account | Transfer | undefined) => void,
): Promise<number> {
  let rows = 0
  const pages: AsyncIterable<(Account | Transfer)[]> = kind === 'account' ? accountPages(from) : transferPages(from)
  const lookUp: (reader: BookReader, ids: bigint[]) => Promise<Map<bigint, Account | Transfer>> =
    kind === 'account' ? accountsById : transfersById
  for await (const page of pages) {
    if (page.length === 0) continue
    const found = await lookUp(
      other,
      page.map(({id}) => id),
    )
    for (const row of page) take(row, found.get(row.id))
    rows += page.length
  }
  return rows
}

function valueText(kind: 'account' | 'transfer', field: string, value: bigint): string {
  return field === 'flags' ? flagNames(kind, value).join(' ') || 'none' : String(value)
}

function databaseTable({listed}: Found, a: string, b: string): Table {
  return {
    columns: [
      'KIND',
      {name: 'ID', align: 'right'},
      'DIFFERENCE',
      {name: a.toUpperCase(), align: 'right'},
      {name: b.toUpperCase(), align: 'right'},
    ],
    rows: listed.map((row) => [row.kind, row.id, row.difference, row.a, row.b]),
    whenEmpty: `${a} and ${b} have the same accounts and transfers.`,
  }
}

/** @param from nanoseconds: what moved with from < timestamp ≤ to */
export async function diffMoments(
  {api, terminal, chart}: DiffCall,
  database: ResolvedDatabase,
  from: bigint,
  to: bigint,
): Promise<{result: MomentDiff; view: Table}> {
  const movements = new Movements()
  const text = `Reading transfers of ${database.name}`
  const progress = startProgress(terminal, {text})
  try {
    for await (const page of transferPages({api, databaseId: database.id}, {from: from + 1n, to})) {
      for (const transfer of page) movements.add(transfer)
      progress.update({text, done: movements.transfers, unit: 'transfers'})
    }
  } finally {
    progress.end()
  }
  const moved = movements.all()
  return {
    result: {
      database: {id: database.id, name: database.name},
      from: isoOf(from),
      to: isoOf(to),
      transfers: movements.transfers,
      accounts: moved.map(({account, ledger, debits, credits, transfers}) => {
        const name = chart?.nameOf(account)
        return {
          account: String(account),
          ...(name !== undefined && {account_name: name}),
          ledger,
          debits: String(debits),
          credits: String(credits),
          transfers,
        }
      }),
    },
    view: {
      columns: [
        'ACCOUNT',
        {name: 'DEBITS', align: 'right'},
        {name: 'CREDITS', align: 'right'},
        {name: 'TRANSFERS', align: 'right'},
      ],
      rows: moved.map(({account, ledger, debits, credits, transfers}) => [
        accountLabel(account, chart),
        amountLabel(debits, ledger, chart),
        amountLabel(credits, ledger, chart),
        transfers,
      ]),
      whenEmpty: `Nothing moved in ${database.name} from ${isoOf(from)} to ${isoOf(to)}.`,
    },
  }
}
