import type {Api} from '@parix/kit/api'
import {stringifyJson} from '@parix/kit/json'
import type {View} from '@parix/kit/output'
import {type Entry, eventsOf, kindOf} from '../outbox/entry.js'
import type {Outbox} from '../outbox/store.js'
import type {LedgerRecord} from '../records/kinds.js'
import type {CreateCall} from '../submit/place-call.js'
import type {Submission} from '../submit/submit-entry.js'
import {count} from '../views/tables.js'
import {lookUpMoved, type Moved} from './moved.js'
import type {EventOutcome} from './outcome.js'
import {
  type CreateResult,
  createdRows,
  createResult,
  MOVED_UNKNOWN,
  noticesOf,
  type ReportOptions,
  throwRefusal,
} from './report.js'

/** What came of a streamed entry. Its outcomes are on disk, so the JSON comes in parts. */
export interface FileReport {
  /** All of it in memory, for those who print it among others. */
  readonly result: CreateResult
  view: View
  notices: string[]
  /** The same document as `CreateResult`. */
  json(): AsyncGenerator<string>
}

/**
 * @param amongOthers `result` will be asked for, which can't look up any more what was moved
 * @throws ParixError REFUSED where the ledger refused events
 */
export async function reportFile(
  options: ReportOptions,
  outbox: Outbox,
  submission: Submission,
  {placeOf, amongOthers = false}: {placeOf?: CreateCall['placeOf']; amongOthers?: boolean},
): Promise<FileReport> {
  const {entry, counted} = submission
  const {operation, batches} = entry.file
  const kind = kindOf(operation)
  await throwRefusal(options, submission, {records: recordsOfRefused(outbox, submission), placeOf})
  const states = [
    ['created', counted.created],
    ['in the ledger', counted.stored],
    ['already there', counted.exists],
  ] as const
  const notices = noticesOf(kind, submission, options.api)
  const moved = new Map<number, Moved>()
  if (amongOthers) {
    let isKnown = true
    for await (const {offset, moved: found} of requestsOf(options.api, outbox, entry)) {
      isKnown &&= found !== undefined
      for (const [index, one] of found ?? []) moved.set(offset + index, one)
    }
    if (!isKnown) notices.push(MOVED_UNKNOWN)
  }
  return {
    get result() {
      return createResult({...submission, events: eventsOfAll(outbox, entry)}, moved)
    },
    view: {
      details: [
        ...states.map(([state, number]): [string, string | undefined] => [
          state,
          number === 0 ? undefined : count(kind, number),
        ]),
        ['first id', batches[0]!.firstId],
        ['last id', batches.at(-1)!.lastId],
      ],
    },
    notices,
    json: () => jsonOf(options, outbox, submission),
  }
}

/** Those of requests with refusals, at their places; the others are gaps. */
function recordsOfRefused(outbox: Outbox, {entry, events}: Submission): LedgerRecord[] {
  const records: LedgerRecord[] = []
  records.length = eventsOf(entry)
  let offset = 0
  for (const batch of entry.file.batches) {
    if (events[offset] !== undefined)
      for (const [index, record] of outbox.request(entry, batch).records.entries()) records[offset + index] = record
    offset += batch.events
  }
  return records
}

const ROWS = '"responsePayload": []'

async function* jsonOf({api, terminal}: ReportOptions, outbox: Outbox, submission: Submission): AsyncGenerator<string> {
  const document = `${stringifyJson(createResult({...submission, events: []}))}\n`
  const at = document.indexOf(ROWS)
  yield `${document.slice(0, at)}"responsePayload": [\n`
  let isKnown = true
  for await (const {offset, events, moved} of requestsOf(api, outbox, submission.entry)) {
    isKnown &&= moved !== undefined
    const rows = createdRows(events, moved).map((row) => {
      const text = JSON.stringify({...row, index: offset + row.index}, null, 2)
      return `    ${text.replaceAll('\n', '\n    ')}`
    })
    yield `${offset === 0 ? '' : ',\n'}${rows.join(',\n')}`
  }
  if (!isKnown) terminal.say(MOVED_UNKNOWN)
  yield `\n  ]${document.slice(at + ROWS.length)}`
}

function eventsOfAll(outbox: Outbox, entry: Entry): EventOutcome[] {
  const all: EventOutcome[] = []
  for (const batch of entry.file.batches) {
    const offset = all.length
    for (const event of outbox.outcomes(entry, batch) ?? []) all.push({...event, index: offset + event.index})
  }
  return all
}

/** The outcomes of each request, and what it moved where that is not known from it: see `lookUpMoved`. */
async function* requestsOf(api: Api, outbox: Outbox, entry: Entry) {
  let offset = 0
  for (const batch of entry.file.batches) {
    const events = outbox.outcomes(entry, batch) ?? []
    const isKnown = !LEAVES_OPEN.test(outbox.bodyOf(entry, batch).toString('latin1'))
    const moved = isKnown
      ? new Map<number, Moved>()
      : await lookUpMoved(api, entry.file, outbox.request(entry, batch).records, events)
    yield {offset, events, moved}
    offset += batch.events
  }
}

/** A post, a void or a balancing transfer by its flags: most requests have none, and are not taken apart. */
const LEAVES_OPEN = /"flags":(?!0\b|[123]\b)\d/
