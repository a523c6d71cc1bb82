import {ParixError} from '@parix/kit/errors'
import {parseJson} from '@parix/kit/json'
import type {BatchFile, Entry} from '../outbox/entry.js'
import {isFileError} from '../outbox/names.js'
import {noEntry, type Outbox} from '../outbox/store.js'
import {type Row, rowRecord} from '../reads/rows.js'
import type {LedgerRecord} from '../records/kinds.js'
import type {EventOutcome} from '../results/outcome.js'

/** All events of an entry, in order. */
export function recordsOf(world: {outbox: Outbox}, entry: Entry): LedgerRecord[] {
  return entry.file.batches.flatMap((batch) => readBody(world, entry, batch))
}

/**
 * The events of a request, from the bytes that are sent.
 *
 * @throws ParixError FAILED `outbox_damaged` where they are not what the entry says, NOT_FOUND where it is gone
 */
export function readBody(world: {outbox: Outbox}, entry: Entry, batch: BatchFile): LedgerRecord[] {
  const damaged = (reason: string, cause?: unknown) =>
    new ParixError(
      'FAILED',
      `${batch.body} of ${entry.file.id} in the outbox is damaged: ${reason}. Nothing was sent.`,
      {
        code: 'outbox_unreadable',
        errors: [`directory: ${entry.folder}`],
        outbox: entry.file.id,
        cause,
      },
    )
  let records: LedgerRecord[]
  try {
    records = (parseJson(world.outbox.body(entry, batch)) as Row[]).map(rowRecord)
  } catch (error) {
    if (isFileError(error, 'ENOENT')) throw noEntry(entry.file.id)
    throw damaged((error as Error).message, error)
  }
  const ends = [records[0]?.id, records.at(-1)?.id].map(String)
  if (records.length !== batch.events || ends[0] !== batch.firstId || ends[1] !== batch.lastId)
    throw damaged('its events are not those that the entry names')
  return records
}

const STATES = ['created', 'exists', 'stored', 'refused']

/** The outcomes of a request that was answered; undefined where there are none, or none that can be relied on. */
export function readAnswer(world: {outbox: Outbox}, entry: Entry, batch: BatchFile): EventOutcome[] | undefined {
  const events = world.outbox.answer(entry, batch) as EventOutcome[] | undefined
  const whole = Array.isArray(events) && events.length === batch.events
  return whole && events.every((event, index) => event?.index === index && STATES.includes(event.state))
    ? events
    : undefined
}
