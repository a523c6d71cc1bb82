import {stringifyJson} from '@parix/kit/json'
import type {View} from '@parix/kit/output'
import {eventsOf, kindOf} from '../outbox/entry.js'
import type {Outbox} from '../outbox/store.js'
import type {LedgerRecord} from '../records/kinds.js'
import type {CreateCall} from '../submit/place-call.js'
import type {Submission} from '../submit/submit-entry.js'
import {count} from '../views/tables.js'
import {type CreateResult, createResult, noticesOf, type ReportOptions, throwRefusal} from './report.js'

/** What came of a streamed entry. Its outcomes are on disk, so the JSON comes in parts. */
export interface FileReport {
  /** All of it in memory, for those who print it among others. */
  readonly result: CreateResult
  view: View
  notices: string[]
  /** The same document as `CreateResult`. */
  json(): Generator<string>
}

/** @throws ParixError REFUSED where the ledger refused events */
export async function reportFile(
  options: ReportOptions,
  outbox: Outbox,
  submission: Submission,
  placeOf?: CreateCall['placeOf'],
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
  return {
    get result() {
      return JSON.parse([...jsonOf(outbox, submission)].join('')) as CreateResult
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
    notices: noticesOf(kind, submission, options.api),
    json: () => jsonOf(outbox, submission),
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

function* jsonOf(outbox: Outbox, submission: Submission): Generator<string> {
  const {entry} = submission
  const document = `${stringifyJson(createResult({...submission, events: []}))}\n`
  const at = document.indexOf(ROWS)
  yield `${document.slice(0, at)}"responsePayload": [\n`
  let offset = 0
  for (const batch of entry.file.batches) {
    const events = outbox.outcomes(entry, batch) ?? []
    const rows = events.map(({index, id, result, timestamp}) => {
      const row = {index: offset + index, id, result, ...(timestamp !== undefined && {timestamp})}
      return `    ${JSON.stringify(row, null, 2).replaceAll('\n', '\n    ')}`
    })
    yield `${offset === 0 ? '' : ',\n'}${rows.join(',\n')}`
    offset += batch.events
  }
  yield `\n  ]${document.slice(at + ROWS.length)}`
}
