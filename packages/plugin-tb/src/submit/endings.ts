import {ParixError} from '@parix/kit/errors'
import {type Entry, eventsOf, kindOf} from '../outbox/entry.js'
import {CALLED} from '../records/kinds.js'
import type {EventOutcome} from '../results/outcome.js'

/** How a submission ends that did not get all its answers: in words, with the ids and the command that goes on. */
export interface Ending {
  entry: Entry
  /** Why there is no answer. */
  reason: string
  /** Ids that have no answer, in order. */
  ids: readonly string[]
  /** What was answered before. */
  answered: readonly EventOutcome[]
  /** The command that sends the same bytes again. */
  resume: string
}

const IDS_SHOWN_MAX = 20

/** It may have been carried out. */
export function outcomeUnknown({entry, reason, ids, answered, resume}: Ending): ParixError {
  const message = `Whether ${counted(entry, ids.length)} in ${entry.file.database.name} ${ids.length === 1 ? 'was' : 'were'} made is not known: ${ended(reason)}`
  return new ParixError('OUTCOME_UNKNOWN', message, {
    errors: [...progressLine(entry, answered), ...idLines(ids)],
    ids: [...ids],
    outbox: entry.file.id,
    retryable: true,
    next: [resume, 'Or repeat the same command: what is in the outbox is resumed, not made again.'],
  })
}

/** Nothing of it was carried out, and nothing is kept. */
export function notCarriedOut({entry, reason, ids}: Ending, afterMs: number | undefined): ParixError {
  const message = `Nothing was made: ${ended(reason)} ${counted(entry, ids.length)} ${ids.length === 1 ? 'was' : 'were'} not carried out, for certain.`
  return new ParixError('UNAVAILABLE', message, {
    retryable: true,
    next: `Repeat the same command ${afterMs ? `in ${Math.ceil(afterMs / 1000)} s` : 'later'}.`,
  })
}

/** The service refused to take the request, but an earlier attempt or an earlier part of it may have been carried out. */
export function keptAfterRefusal(
  error: ParixError,
  {entry, ids, answered, resume}: Ending,
  inDoubt: boolean,
): ParixError {
  const why = inDoubt ? 'An earlier attempt may have been carried out' : 'The rest was not sent'
  return new ParixError(
    inDoubt ? 'OUTCOME_UNKNOWN' : error.kind,
    `${error.message} ${why}, so it stays in the outbox.`,
    {
      ...error.details,
      errors: [...(error.details.errors ?? []), ...progressLine(entry, answered), ...idLines(ids)],
      ids: [...ids],
      outbox: entry.file.id,
      next: [...(error.details.next === undefined ? [] : [error.details.next].flat()), resume],
      cause: error,
    },
  )
}

function progressLine(entry: Entry, answered: readonly EventOutcome[]): string[] {
  if (answered.length === 0) return []
  const refused = answered.filter(({state}) => state === 'refused').length
  const outcome = refused === 0 ? 'all in the ledger' : `${refused} of them refused`
  return [`answered before: ${answered.length} of ${eventsOf(entry)}, ${outcome}`]
}

function idLines(ids: readonly string[]): string[] {
  const shown = ids.slice(0, IDS_SHOWN_MAX).map((id) => `id ${id}`)
  return ids.length > shown.length ? [...shown, `and ${ids.length - shown.length} more: up to id ${ids.at(-1)}`] : shown
}

/** `1 transfer`, `3 accounts`. */
export function counted(entry: Entry, count: number): string {
  const called = CALLED[kindOf(entry.file.operation)]
  return `${count} ${count === 1 ? called.one : called.many}`
}

/** With one full stop, whoever wrote the sentence. */
function ended(reason: string): string {
  return `${reason.replace(/\.+$/, '')}.`
}
