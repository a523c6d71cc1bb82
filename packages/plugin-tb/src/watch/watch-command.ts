/** `tb watch`: from flags to a running watch, its cursor and what takes its events. */

import type {ChangeEvent} from '@parix/books/change-events'
import type {Chart} from '@parix/books/chart'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {formatDuration, parseDuration} from '@parix/kit/duration'
import {ParixError} from '@parix/kit/errors'
import {readNamedText} from '@parix/kit/named-file'
import type {Terminal} from '@parix/kit/output'
import {holdingSignals, onSignalSay} from '@parix/kit/signals'
import {parseTimestamp} from '@parix/kit/timestamps'
import {existingAccount, newestTransfer} from '../books/read-books.js'
import {parseId} from '../database-and-id.js'
import {readFilter} from '../input/filter.js'
import {REAL_TIME} from '../submit/send-request.js'
import {type Cursor, openCursor, type Position, type Subject} from './cursor.js'
import {commandSink, deliver, eventCount, type Sink, webAddress, webSink} from './deliver.js'
import {type WatchFilter, watch} from './watch.js'

export interface WatchFlags {
  from?: string | undefined
  cursor?: string | undefined
  account?: string | undefined
  ledger?: string | undefined
  code?: string | undefined
  accounts: boolean
  exec?: string | undefined
  'forward-to'?: string | undefined
  'secret-file'?: string | undefined
  'retry-for'?: string | undefined
  'batch-size': number
  'until-idle': boolean
  limit?: number | undefined
}

/** `--json` of a watch that gives its events to a command or an address. */
export interface WatchResult {
  databaseId: string
  databaseName: string
  events: number
  /** Timestamp of the last transfer that was delivered, or from which the watch began. */
  last: string
}

export interface WatchCall {
  api: Api
  database: ResolvedDatabase
  flags: WatchFlags
  chart: Chart | undefined
  environment: NodeJS.ProcessEnv
  terminal: Terminal
  /** The events as they go to stdout. */
  text: (events: readonly ChangeEvent[]) => string
  /** Whether stdout is for the result. */
  json: boolean
}

/** What can be refused before anything is read. @throws ParixError USAGE, BAD_INPUT */
export async function readWatch(call: Pick<WatchCall, 'flags' | 'chart' | 'environment' | 'terminal' | 'json'>) {
  const {flags, chart, terminal} = call
  const texts = {
    ...(flags.ledger !== undefined && {ledger: flags.ledger}),
    ...(flags.code !== undefined && {code: flags.code}),
  }
  const {ledger, code} = readFilter('query_filter', undefined, {...texts, all: true}, terminal.say, {
    chart,
    codes: 'transfer',
  })
  const filter: WatchFilter = {
    account: flags.account === undefined ? undefined : parseId('--account', flags.account, 'account', chart),
    ledger: ledger === undefined ? undefined : Number(ledger),
    code: code === undefined ? undefined : Number(code),
  }
  const from =
    flags.from === undefined || flags.from === 'now'
      ? undefined
      : parseTimestamp('--from', flags.from, {role: 'start', note: terminal.say})
  if (from !== undefined && from > BigInt(Date.now()) * 1_000_000n)
    throw new ParixError('BAD_INPUT', `--from ${flags.from} is in the future.`)
  const retryForMs = flags['retry-for'] === undefined ? undefined : parseDuration('--retry-for', flags['retry-for'])
  return {filter, from, retryForMs, sink: await sinkOf(call)}
}

async function sinkOf({
  flags,
  environment,
  json,
  terminal,
}: Pick<WatchCall, 'flags' | 'environment' | 'json' | 'terminal'>): Promise<Sink | undefined> {
  // A shell ends with 0 when it is given nothing to do.
  if (flags.exec?.trim() === '')
    throw new ParixError('BAD_INPUT', '--exec is empty: events would count as delivered that nothing has taken.', {
      code: 'no_command',
    })
  if (flags.exec !== undefined) return commandSink(flags.exec, json ? 'stderr' : 'inherit')
  if (flags['forward-to'] === undefined) return undefined
  return webSink(webAddress(flags['forward-to']), await secretOf(flags['secret-file'], environment, terminal))
}

async function secretOf(file: string | undefined, environment: NodeJS.ProcessEnv, terminal: Terminal): Promise<string> {
  const secret =
    file === undefined ? environment.PARIX_WEBHOOK_SECRET : await readNamedText(file, {terminal, code: 'no_secret'})
  if (secret !== undefined && secret.trim() !== '') return secret.trim()
  throw new ParixError(
    'BAD_INPUT',
    '--forward-to signs what it sends: give the secret in PARIX_WEBHOOK_SECRET, or --secret-file FILE.',
    {
      code: 'no_secret',
    },
  )
}

/** Runs until it is interrupted, idle or has enough. @throws ParixError UNAVAILABLE when events could not be delivered; NOT_FOUND */
export async function runWatch(call: WatchCall, read: Awaited<ReturnType<typeof readWatch>>): Promise<WatchResult> {
  const {api, database, flags, terminal, environment} = call
  const reader = {api, databaseId: database.id}
  // Mistyped, it would be waited for without a word.
  if (read.filter.account !== undefined) await existingAccount(reader, read.filter.account)
  const cursor = flags.cursor === undefined ? undefined : openCursor(flags.cursor, subjectOf(call, read.filter))
  let events = 0
  try {
    const start = await startOf(reader, cursor, read.from, flags.cursor)
    let {last} = start
    onSignalSay(() => terminal.warn(stopped(events, flags.cursor)))
    const {PARIX_RETRY_DELAY} = environment
    const patience = {
      ...REAL_TIME,
      retryForMs: read.retryForMs,
      delayMs: PARIX_RETRY_DELAY ? parseDuration('PARIX_RETRY_DELAY', PARIX_RETRY_DELAY) : 1000,
      warn: terminal.warn,
    }
    await watch({
      reader,
      filter: read.filter,
      start,
      accounts: flags.accounts,
      batchEventsMax: flags['batch-size'],
      limit: flags.limit,
      untilIdle: flags['until-idle'],
      now: () => BigInt(Date.now()) * 1_000_000n,
      sleep: REAL_TIME.sleep,
      failed: (error, pauseMs) =>
        terminal.warn(`${error instanceof Error ? error.message : error} Next attempt in ${formatDuration(pauseMs)}.`),
      async take(batch, position) {
        const saved = () => {
          cursor?.save(position)
          events += batch.length
          last = position.last
        }
        if (read.sink === undefined) {
          return holdingSignals(async () => {
            const reading = await terminal.resultBytes(Buffer.from(call.text(batch)))
            if (reading) saved()
            return reading
          })
        }
        const lines = batch.map((event) => `${JSON.stringify(event)}\n`).join('')
        await deliver(read.sink, {lines, count: batch.length}, saved, patience)
        return true
      },
    })
    return {databaseId: database.id, databaseName: database.name, events, last: String(last)}
  } finally {
    onSignalSay(() => {})
    cursor?.release()
  }
}

function subjectOf({api, database}: WatchCall, {account, ledger, code}: WatchFilter): Subject {
  const text = (value: bigint | number | undefined) => (value === undefined ? null : String(value))
  return {
    service: api.base.origin,
    database: database.id,
    account: text(account),
    ledger: text(ledger),
    code: text(code),
  }
}

/**
 * A new cursor is saved before the first event: a watch that is killed before that begins at the same place again.
 *
 * @throws ParixError REFUSED when the database has nothing as new as the cursor
 */
async function startOf(
  reader: {api: Api; databaseId: string},
  cursor: Cursor | undefined,
  from: bigint | undefined,
  path: string | undefined,
): Promise<Position> {
  const newest = await newestTransfer(reader)
  const known = cursor?.position
  if (known === undefined) {
    // Never after the newest transfer: a cursor that is would say that the database was reset.
    const last = from === undefined || from > newest ? newest : from === 0n ? 0n : from - 1n
    const position = {last, expired: last, holdsFrom: undefined}
    cursor?.save(position)
    return position
  }
  if (newest < known.last) throw beyond(path!)
  return known
}

function beyond(path: string): ParixError {
  return new ParixError(
    'REFUSED',
    `The database has no transfer as new as the cursor ${path} says: it was reset or restored since.`,
    {code: 'cursor_beyond_database', hint: `Remove ${path} to watch the database as it is now.`},
  )
}

function stopped(events: number, cursor: string | undefined): string {
  const delivered = `Stopped after ${eventCount(events)}.`
  return cursor === undefined ? delivered : `${delivered} The same command continues after them.`
}
