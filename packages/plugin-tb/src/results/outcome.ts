import {isLosslessNumber, type Json} from '@parix/kit/json'
import type {CreateKind} from '../checks/batch.js'
import {statusByName, statusName} from './statuses.js'

/**
 * What became of one event of a create call.
 * - `created`, `exists`: in the ledger; made now, or there before with the same contents
 * - `stored`: in the ledger; the service named only what it refused, so which of the two is not known
 * - `refused`: not in the ledger by this event
 */
export type EventState = 'created' | 'exists' | 'stored' | 'refused'

export interface EventOutcome {
  /** Place in the request. */
  index: number
  id: string
  state: EventState
  /** TigerBeetle's name of the result; a result that we don't know as the service wrote it. */
  result: string
  /** TigerBeetle's number, where the service gave it or the name is known. */
  code?: number
  /** Nanoseconds since 1970, where the service gave it. */
  timestamp?: string
}

/** What the service says about one event; `index` is absent where the rows stand for the events one by one. */
interface ResultRow {
  index: number | undefined
  result: string
  code: number | undefined
  timestamp: string | undefined
}

/**
 * The outcome of every event, from the rows of an answer: one a event (0.17) or only those that were not created (before
 * 0.17, and in the `tbResults` of a 409). Undefined when the rows can't be matched with the events.
 */
export function readOutcomes(kind: CreateKind, ids: readonly string[], rows: Json): EventOutcome[] | undefined {
  if (!Array.isArray(rows)) return undefined
  const read = rows.map((row) => readRow(kind, row))
  const whole = read.length === ids.length
  const said = new Map<number, ResultRow>()
  for (const [position, row] of read.entries()) {
    const index = row?.index ?? (whole ? position : undefined)
    if (row === undefined || index === undefined || index < 0 || index >= ids.length) return undefined
    said.set(index, row)
  }
  return ids.map((id, index) => outcome(index, id, said.get(index)))
}

function outcome(index: number, id: string, row: ResultRow | undefined): EventOutcome {
  if (row === undefined) return {index, id, state: 'stored', result: 'stored'}
  const {result, code, timestamp} = row
  const state = result === 'created' || result === 'exists' ? result : 'refused'
  return {
    index,
    id,
    state,
    result,
    ...(code !== undefined && {code}),
    ...(timestamp !== undefined && {timestamp}),
  }
}

function readRow(kind: CreateKind, row: Json): ResultRow | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row) || isLosslessNumber(row)) return undefined
  const said = row.result ?? row.status
  if (typeof said !== 'string' && typeof said !== 'number') return undefined
  const number = typeof said === 'number' ? said : /^\d+$/.test(said) ? Number(said) : undefined
  const result = number === undefined ? nameOf(String(said)) : statusName(kind, number)
  const code = typeof row.code === 'number' ? row.code : (statusByName(kind, result)?.code ?? number)
  const {timestamp} = row
  return {
    index: typeof row.index === 'number' ? row.index : undefined,
    result,
    code,
    timestamp: timestamp === undefined || timestamp === null ? undefined : String(timestamp),
  }
}

function nameOf(text: string): string {
  return text === 'ok' ? 'created' : text
}
