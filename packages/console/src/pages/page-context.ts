/** What the page of a database is made from. */

import {isoOf} from '@parix/books/periods'
import {type CommandParts, nextCommand, renderCommand} from '@parix/kit/next-command'
import type {ConsoleDatabase, ConsoleHost, Visitor} from '../host.js'
import type {AccountSumsCache} from '../read/account-sums.js'
import type {RecentTransfers, RecentView} from '../read/recent-transfers.js'

export interface PageContext {
  host: ConsoleHost
  visitor: Visitor
  database: ConsoleDatabase
  /** The path of the database: `/console/books`. */
  base: string
  sums: AccountSumsCache
  recent: RecentTransfers
  query: URLSearchParams
  /** Nanoseconds since 1970. */
  now: bigint
}

/** A command about this database, as it can be pasted. */
export function commandText(
  {host, database}: PageContext,
  words: string,
  args: readonly string[],
  flags: CommandParts['flags'] = {},
): string {
  const command = nextCommand(words, {args: [database.name, ...args], flags})
  return renderCommand(command, host.inPrint && {inPrint: host.inPrint})
}

/** Something in the address that can't be understood: shown on a page with status 400. */
export class BadQuery extends Error {}

/** The moment of a cursor in the address. @throws BadQuery */
export function cursor(query: URLSearchParams, field: string): bigint | undefined {
  const text = query.get(field)
  if (text === null || text === '') return undefined
  if (!/^\d{1,19}$/.test(text) || BigInt(text) > TIMESTAMP_MAX)
    throw new BadQuery(`${field} is not a timestamp of a row.`)
  return BigInt(text)
}

const TIMESTAMP_MAX = (1n << 63n) - 1n

/** This page with other parameters; those that are undefined are left out. */
export function withQuery(path: string, query: URLSearchParams, changes: Record<string, string | undefined>): string {
  const next = new URLSearchParams([...query].filter(([field, value]) => value !== '' && !(field in changes)))
  for (const [field, value] of Object.entries(changes)) if (value !== undefined) next.set(field, value)
  const text = next.toString()
  return text === '' ? path : `${path}?${text}`
}

/** `all 1,204 transfers`, or which part of them the figures are from. */
export function coverage({rows, complete, oldest}: RecentView): string {
  if (complete || oldest === undefined)
    return rows === 1 ? '1 transfer' : `all ${rows.toLocaleString('en-US')} transfers`
  return `the latest ${rows.toLocaleString('en-US')} transfers, since ${isoOf(oldest).slice(0, 16).replace('T', ' ')}`
}
