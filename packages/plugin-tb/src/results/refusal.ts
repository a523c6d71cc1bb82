import {type ErrorDetails, ParixError} from '@parix/kit/errors'
import {type NextCommand, nextCommand} from '@parix/kit/next-command'
import {type CreateKind, existsDifferently} from '@parix/ledger/schema'
import {hasFlag} from '../records/flags.js'
import {CALLED, type LedgerRecord} from '../records/kinds.js'
import type {EventOutcome} from './outcome.js'
import {statusByName} from './statuses.js'

/** What there is to say about a call of which the ledger refused events. */
export interface Refusal {
  kind: CreateKind
  /** Its name, for the commands that go on. */
  database: string
  records: readonly LedgerRecord[]
  /** Of all events of the call. */
  events: readonly EventOutcome[]
  /** Whether an earlier attempt may have been answered with what got lost. */
  retried: boolean
  /** By index; see `numbersBehind`. */
  numbers: ReadonlyMap<number, string>
  /** Where in the user's input an event is, where that is known. */
  placeOf?: ((index: number) => string | undefined) | undefined
}

const SHOWN_MAX = 20

/** Undefined where nothing was refused. The most alarming result is the error's code. */
export function refusalError(refusal: Refusal): ParixError | undefined {
  const {events, records} = refusal
  const refused = events.filter(({state}) => state === 'refused')
  const cause =
    refused.find(({result}) => existsDifferently(result)) ??
    refused.find(({result}) => !isFollower(result)) ??
    refused[0]
  if (cause === undefined) return undefined
  return new ParixError('REFUSED', headline(refusal, refused, cause), {
    code: cause.result,
    status: 409,
    errors: lines(refusal, refused),
    tbResults: refused.map(({index, result, code, id}) => ({index, result, code: code ?? -1, id})),
    created: inLedger(events),
    retryable: false,
    next: nextSteps(refusal, cause, records[cause.index]),
  })
}

/** Those of `events` that are in the ledger, as an error lists them. */
export function inLedger(events: readonly EventOutcome[]): NonNullable<ErrorDetails['created']> {
  return events
    .filter(({state}) => state === 'created' || state === 'exists' || state === 'stored')
    .map(({index, id, result, timestamp}) => ({index, id, result, ...(timestamp !== undefined && {timestamp})}))
}

function isFollower(result: string): boolean {
  return result === 'linked_event_failed'
}

function headline({kind, events}: Refusal, refused: readonly EventOutcome[], cause: EventOutcome): string {
  const {one, many} = CALLED[kind]
  if (existsDifferently(cause.result)) {
    return `ALARM: id ${cause.id} is in the ledger with other contents (${cause.result}). Two ${many} were given one id.`
  }
  if (events.length === 1) return `The ${one} was refused: ${cause.result}.`
  const rest = events.length - refused.length
  const others =
    rest === 0 ? '' : rest === 1 ? ` The other one is in the ledger.` : ` The other ${rest} are in the ledger.`
  return `${refused.length} of ${events.length} ${many} ${refused.length === 1 ? 'was' : 'were'} refused.${others}`
}

function lines(refusal: Refusal, refused: readonly EventOutcome[]): string[] {
  const shown = refused.slice(0, SHOWN_MAX).map((event) => line(refusal, event))
  return refused.length > shown.length
    ? [...shown, `and ${refused.length - shown.length} more (--json lists all)`]
    : shown
}

function line(refusal: Refusal, event: EventOutcome): string {
  const {kind, records, retried, numbers} = refusal
  const {index, result, code} = event
  const which = whichEvent(refusal, event)
  const record = records[index]
  const moved = kind === 'transfer' && record?.debit_account_id ? `, ${described(record)}` : ''
  const meaning =
    statusByName(kind, result)?.meaning ??
    `A result that this version does not know${code === undefined ? '' : ` (${code})`}.`
  const lost =
    retried && result === 'id_already_failed'
      ? ' An earlier attempt was refused and its response, with the reason, was lost.'
      : ''
  const words = [meaning + lost, chainCause(refusal, event), numbers.get(index)].filter((word) => word !== undefined)
  return `${which}${moved}: ${result}. ${words.join(' ')}`
}

/** Counted from 1, as everywhere, and by the line where it is one of a file. */
function whichEvent({events, placeOf}: Pick<Refusal, 'events' | 'placeOf'>, {index, id}: EventOutcome): string {
  return events.length === 1 ? `id ${id}` : `${placeOf?.(index) ?? `event ${index + 1}`}, id ${id}`
}

/** In a chain `exists` is a failure, and the event that it befell is none of those that are listed as refused. */
function chainCause(refusal: Refusal, {index, result}: EventOutcome): string | undefined {
  if (result !== 'linked_event_failed') return undefined
  const {kind, events, records} = refusal
  let first = index
  while (first > 0 && hasFlag(kind, records[first - 1]?.flags, 'linked')) first--
  const there = events.slice(first, index + 1).find(({state}) => state !== 'refused')
  return (
    there && `An event of the chain (${whichEvent(refusal, there)}) is in the ledger already, and that breaks a chain.`
  )
}

function described({debit_account_id: from, credit_account_id: to, amount}: LedgerRecord): string {
  return `${amount} from ${from} to ${to}`
}

function nextSteps(
  {kind, database}: Refusal,
  {id, result}: EventOutcome,
  record: LedgerRecord | undefined,
): NextCommand[] {
  const balance = (account: bigint | undefined) => nextCommand('tb balance', {args: [database, String(account)]})
  const steps = [nextCommand('tb explain', {args: [result]})]
  const lookup = kind === 'account' ? 'lookup-accounts' : 'lookup-transfers'
  if (existsDifferently(result)) steps.unshift(nextCommand(`tb ${lookup}`, {args: [database], flags: {id}}))
  if (result === 'id_already_failed' && record?.debit_account_id) {
    const ids = `${record.debit_account_id},${record.credit_account_id}`
    steps.unshift(nextCommand('tb lookup-accounts', {args: [database], flags: {ids}}))
  }
  if (result === 'exceeds_credits' && record) steps.unshift(balance(record.debit_account_id))
  if (result === 'exceeds_debits' && record) steps.unshift(balance(record.credit_account_id))
  return steps
}
