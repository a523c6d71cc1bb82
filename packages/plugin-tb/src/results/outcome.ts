import {isJsonObject, type Json} from '@parix/kit/json'
import type {CreateKind} from '@parix/ledger/schema'
import {statusByName, statusName} from './statuses.js'

/**
 * What became of one event of a create call.
 * - `created`, `exists`: the service says that it is in the ledger: new, or there before with the same contents
 * - `stored`: a lookup found it in the ledger with the contents that were sent; the response did not say so
 * - `refused`: not in the ledger by this event
 * - `unnamed`: the response says nothing about it; it counts as nothing until it has been looked up
 * - `unfamiliar`: the response gives a result that this version does not know; to be looked up as well
 */
export type EventState = 'created' | 'exists' | 'stored' | 'refused' | 'unnamed' | 'unfamiliar'

export interface EventOutcome {
  /** Position in the request, from 0. */
  index: number
  id: string
  state: EventState
  /** TigerBeetle's name of the result; an unfamiliar one as the service wrote it. */
  result: string
  /** TigerBeetle's number, where the service gave it or the name is known. */
  code?: number
  /** Nanoseconds since 1970, where known. */
  timestamp?: string
}

type ResultRow = Pick<EventOutcome, 'state' | 'result' | 'code' | 'timestamp'>

/** Of every event nothing is known. */
export function unnamedOutcomes(ids: readonly string[]): EventOutcome[] {
  return ids.map((id, index) => ({index, id, state: 'unnamed', result: 'unnamed'}))
}

/**
 * The outcome of every event, from the rows of a response: one per event (0.17), or only those that were not created (before
 * 0.17, and in the `tbResults` of a 409), where the others are `unnamed`.
 *
 * Undefined where the rows cannot be matched with the events beyond doubt: an index that is not one of theirs or comes
 * twice, more rows than events, a row without a result, with another event's id or a time that is not one. Then none of the rows counts.
 */
export function readOutcomes(kind: CreateKind, ids: readonly string[], rows: Json): EventOutcome[] | undefined {
  if (!Array.isArray(rows) || rows.length > ids.length || !rows.every(isJsonObject)) return undefined
  const positional = rows.length === ids.length && rows.every((row) => row.index === undefined)
  const events = unnamedOutcomes(ids)
  const named = new Set<number>()
  for (const [position, row] of rows.entries()) {
    const index = positional ? position : row.index
    const result = readResult(kind, row)
    if (typeof index !== 'number' || events[index] === undefined || named.has(index) || result === undefined)
      return undefined
    if (row.id !== undefined && String(row.id) !== ids[index]) return undefined
    named.add(index)
    events[index] = {index, id: ids[index]!, ...result}
  }
  return events
}

function readResult(kind: CreateKind, row: {[key: string]: Json}): ResultRow | undefined {
  const said = row.result ?? row.status
  const number =
    typeof said === 'number' ? said : typeof said === 'string' && /^\d+$/.test(said) ? Number(said) : undefined
  if (number === undefined ? typeof said !== 'string' || said === '' : !Number.isSafeInteger(number) || number < 0)
    return undefined
  const result = number === undefined ? nameOf(String(said)) : statusName(kind, number)
  const known = statusByName(kind, result)
  const code = typeof row.code === 'number' ? row.code : (known?.code ?? number)
  const {timestamp} = row
  const time = timestamp === undefined || timestamp === null ? undefined : String(timestamp)
  if (time !== undefined && !TIMESTAMP.test(time)) return undefined
  return {
    state: result === 'created' || result === 'exists' ? result : known ? 'refused' : 'unfamiliar',
    result,
    ...(code !== undefined && {code}),
    ...(time !== undefined && {timestamp: time}),
  }
}

/** Nanoseconds in 64 bits. */
const TIMESTAMP = /^\d{1,20}$/

/** `ok` is what versions before 0.17 said for `created`. */
function nameOf(text: string): string {
  return text === 'ok' ? 'created' : text
}
