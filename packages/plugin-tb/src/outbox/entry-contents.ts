/** The files of an entry: the body of each request, and the outcomes that are known. */

import {existsSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {replaceInDirectory} from '@parix/files/atomic-write'
import {errnoOf, reasonOf} from '@parix/files/errors'
import {ParixError} from '@parix/kit/errors'
import {parseJson} from '@parix/kit/json'
import {plainCommand} from '@parix/kit/next-command'
import {type Row, rowRecord} from '../reads/rows.js'
import type {LedgerRecord} from '../records/kinds.js'
import type {EventOutcome} from '../results/outcome.js'
import {type BatchFile, batchFile, type Entry, type Request} from './entry.js'

/** From memory where this process wrote it; parsed only where an entry is resumed. */
export function request(entry: Entry, batch: BatchFile): Request {
  const known = entry.requests.get(batch.body)
  if (known) return known
  const damaged = (reason: string, cause?: unknown) => damagedBody(entry, batch, reason, cause)
  let body: string
  let records: LedgerRecord[]
  try {
    body = readFileSync(join(entry.directory, batch.body), 'utf8')
    records = (parseJson(body) as Row[]).map(rowRecord)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw noEntry(entry.file.id)
    throw damaged((error as Error).message, error)
  }
  const {events, firstId, lastId} = batchFile(batch.body, records)
  if (events !== batch.events || firstId !== batch.firstId || lastId !== batch.lastId)
    throw damaged('its events are not those that the entry names')
  return {body, records}
}

/** The bytes of a streamed request. */
export function bodyOf(entry: Entry, batch: BatchFile): Buffer {
  let body: Buffer
  try {
    body = readFileSync(join(entry.directory, batch.body))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw noEntry(entry.file.id)
    throw damagedBody(entry, batch, (error as Error).message, error)
  }
  const begins = body.subarray(0, 60).toString('latin1').startsWith(`[{"id":"${batch.firstId}",`)
  const last = body.subarray(body.lastIndexOf('{"id":"')).toString('latin1')
  if (!begins || !last.startsWith(`{"id":"${batch.lastId}",`) || !last.endsWith('}]'))
    throw damagedBody(entry, batch, 'its events are not those that the entry names')
  return body
}

function damagedBody({file, directory}: Entry, {body}: BatchFile, reason: string, cause?: unknown): ParixError {
  return new ParixError('FAILED', `${body} of ${file.id} in the outbox is damaged: ${reason}. Nothing was sent.`, {
    code: 'outbox_unreadable',
    errors: [`directory: ${directory}`],
    outbox: file.id,
    cause,
  })
}

const STATES = ['created', 'exists', 'stored', 'refused']

export function outcomes({directory}: Entry, batch: BatchFile): EventOutcome[] | undefined {
  const events = readOptional(join(directory, outcomesName(batch))) as EventOutcome[] | undefined
  const whole = Array.isArray(events) && events.length === batch.events
  return whole && events.every((event, index) => event?.index === index && STATES.includes(event.state))
    ? events
    : undefined
}

export function outcomesName({body}: BatchFile): string {
  return body.replace(/^request/, 'outcomes')
}

export function readOptional(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** An entry that is gone was answered by another process: there is nothing to write down any more. */
export function writing({directory, file}: Entry, name: string, content: string | Uint8Array, durable = true): void {
  if (existsSync(directory)) write(join(directory, name), content, `${file.id} in the outbox`, durable)
}

/** Never creates a directory: that of an entry which is struck off at this moment would look like another entry. */
export function write(path: string, content: string | Uint8Array, what: string, durable = true): void {
  try {
    replaceInDirectory(path, content, {durable})
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return
    throw new ParixError('FAILED', `${what} can't be updated: ${reasonOf(error)}.`, {
      code: 'outbox_not_updated',
      hint: `Free some space, or make ${dirname(path)} writable.`,
      cause: error,
    })
  }
}

/** An entry that isn't there, or no longer. */
export function noEntry(id: string): ParixError {
  return new ParixError(
    'NOT_FOUND',
    `There is no ${JSON.stringify(id)} in the outbox: its outcome was shown, or it was forgotten.`,
    {
      code: 'outbox_entry_not_found',
      next: plainCommand('tb outbox list'),
    },
  )
}
