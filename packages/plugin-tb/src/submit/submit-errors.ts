import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {type Entry, eventsOf, kindOf} from '../outbox/entry.js'
import {CALLED} from '../records/kinds.js'
import type {EventOutcome} from '../results/outcome.js'
import {inLedger} from '../results/refusal.js'

/** How a submission ends that did not get all its responses: in words, with the ids and the command that resumes it. */
export interface Ending {
  entry: Entry
  /** Why there is no outcome. */
  reason: string
  /** Ids of the request under way, whose outcome is unknown, in order. */
  ids: readonly string[]
  /** How many events of later requests were never sent. */
  unsent: number
  /** An earlier command may have sent those all the same. */
  unsentInDoubt: boolean
  /** What is known of earlier requests, and of events of this one. */
  known: readonly EventOutcome[]
  /** The command that sends the same bytes again. */
  resume: string
}

const IDS_SHOWN_MAX = 20

/** It may have been carried out. */
export function outcomeUnknown(ending: Ending): ParixError {
  const {entry, reason, ids, known, resume} = ending
  const message = `It is unknown whether ${countedIn(entry, ids.length)} ${ids.length === 1 ? 'was' : 'were'} created: ${ended(reason)}`
  const refused = known.filter(({state}) => state === 'refused')
  return new ParixError('OUTCOME_UNKNOWN', message, {
    errors: [...progressLines(ending), ...idLines(ids)],
    ids: [...ids],
    outbox: entry.file.id,
    retryable: true,
    ...(refused.length > 0 && {
      tbResults: refused.map(({index, result, code, id}) => ({index, result, code: code ?? -1, id})),
    }),
    created: inLedger(known),
    hint: 'Repeating the same command does the same: what is in the outbox is resumed, not sent as a new call.',
    next: resume,
  })
}

/** Nothing of it was carried out, and nothing is kept. */
export function notCarriedOut({entry, reason, ids}: Ending, afterMs: number | undefined): ParixError {
  const message = `Nothing was created: ${ended(reason)} ${countedIn(entry, ids.length)} ${ids.length === 1 ? 'was' : 'were'} certainly not carried out.`
  return new ParixError('UNAVAILABLE', message, {
    retryable: true,
    hint: `Repeat the same command ${afterMs ? `in ${Math.ceil(afterMs / 1000)} s` : 'later'}.`,
  })
}

/** The service refused to take the request, but an earlier attempt or an earlier part of it may have been carried out. */
export function keptAfterRefusal(error: ParixError, ending: Ending, inDoubt: boolean): ParixError {
  const {entry, ids, resume} = ending
  const why = inDoubt ? 'An earlier attempt may have been carried out' : 'The rest was not sent'
  return new ParixError(
    inDoubt ? 'OUTCOME_UNKNOWN' : error.kind,
    `${error.message} ${why}, so it stays in the outbox.`,
    {
      ...error.details,
      errors: [...(error.details.errors ?? []), ...progressLines(ending), ...idLines(ids)],
      created: inLedger(ending.known),
      ids: [...ids],
      outbox: entry.file.id,
      next: [...(error.details.next === undefined ? [] : [error.details.next].flat()), resume],
      cause: error,
    },
  )
}

/** Nothing can be found out any more, so the entry would be resumed in vain for ever. */
export function databaseGone({entry, ids}: Ending): ParixError {
  const {id, database, baseUrl} = entry.file
  return new ParixError(
    'NOT_FOUND',
    `The database ${database.name} (${database.id}) is gone from ${baseUrl}: it can't be found out whether ${counted(entry, ids.length)} of outbox entry ${id} ${ids.length === 1 ? 'was' : 'were'} created, and nothing more can be sent.`,
    {
      code: 'database_gone',
      errors: idLines(ids),
      ids: [...ids],
      outbox: id,
      retryable: false,
      next: nextCommand('tb outbox forget', {args: [id], flags: {confirm: id}}),
    },
  )
}

/** The bytes would be new to another ledger, and be carried out a second time. */
export function otherLedger({entry, ids}: Omit<Ending, 'reason'>, now: string): ParixError {
  const {id, database, ledger} = entry.file
  return new ParixError(
    'CONFLICT',
    `${database.name} is another ledger now (${now}) than the one that outbox entry ${id} was created for (${ledger}). Sending it there could pay a second time; nothing was sent.`,
    {
      code: 'other_ledger',
      errors: idLines(ids),
      ids: [...ids],
      outbox: id,
      retryable: false,
      next: nextCommand('tb outbox show', {args: [id]}),
    },
  )
}

function progressLines({entry, known, unsent, unsentInDoubt}: Ending): string[] {
  const refused = known.filter(({state}) => state === 'refused').length
  const outcome = refused === 0 ? 'all in the ledger' : `${refused} of them refused`
  return [
    ...(known.length > 0 ? [`known: ${known.length} of ${eventsOf(entry)}, ${outcome}`] : []),
    ...(unsent > 0 ? [`${unsentInDoubt ? 'no outcome yet' : 'not sent yet'}: ${unsent}`] : []),
  ]
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

function countedIn(entry: Entry, count: number): string {
  return `${counted(entry, count)} in ${entry.file.database.name}`
}

/** With one full stop, whoever wrote the sentence. */
function ended(reason: string): string {
  return `${reason.replace(/\.+$/, '')}.`
}
