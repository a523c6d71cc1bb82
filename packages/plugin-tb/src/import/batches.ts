/** Events of a file in requests: at most `eventsMax` each, a linked chain never cut. */

import {ParixError} from '@parix/kit/errors'
import type {CreateKind} from '@parix/ledger/schema'
import {hasFlag} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireList} from '../records/wire.js'
import type {Fault, ReadEvent} from './events.js'
import type {Position} from './read-rows.js'

export interface ImportBatch {
  records: LedgerRecord[]
  /** The line of each record. */
  lines: number[]
  /** The first line and byte, and those after the last row. */
  from: Position
  to: Position
  body: string
}

/** What is wrong with a file, with its lines; the first hundred are kept, all are counted. */
export class Findings {
  static readonly SHOWN_MAX = 100
  readonly shown: {line: number; field?: string; message: string}[] = []
  count = 0

  add(line: number, faults: readonly Fault[]): void {
    for (const {field, message} of faults) {
      this.count++
      if (this.shown.length < Findings.SHOWN_MAX) this.shown.push({line, ...(field !== undefined && {field}), message})
    }
  }

  /** @throws ParixError BAD_INPUT with the findings by line */
  throwIfAny(name: string): void {
    if (this.count === 0) return
    const lines = this.shown.map(({line, message}) => `line ${line}: ${message}`)
    const more = this.count > this.shown.length ? [`and ${this.count - this.shown.length} more`] : []
    throw new ParixError(
      'BAD_INPUT',
      `${this.count === 1 ? 'One thing is' : `${this.count} things are`} wrong with ${name}. Nothing was sent.`,
      {
        code: 'bad_rows',
        errors: [...lines, ...more],
      },
    )
  }
}

/**
 * @param from where `events` begin
 * @throws ParixError BAD_INPUT when a chain is longer than a request, or is open at the end of the file
 */
export async function* batches(
  kind: CreateKind,
  events: AsyncIterable<ReadEvent[]>,
  from: Position,
  eventsMax: number,
): AsyncGenerator<ImportBatch> {
  let records: LedgerRecord[] = []
  let lines: number[] = []
  let start = from
  /** How many records at the end belong to a chain that is still open, and where it began. */
  let chain = 0
  let end = from
  let chainStart = from
  const batch = (count: number, to: Position): ImportBatch => {
    const part = records.slice(0, count)
    const made = {records: part, lines: lines.slice(0, count), from: start, to, body: wireList(kind, part)}
    records = records.slice(count)
    lines = lines.slice(count)
    start = to
    return made
  }
  for await (const chunk of events) {
    for (const event of chunk) {
      const findings = new Findings()
      findings.add(event.line, event.faults)
      findings.throwIfAny(`line ${event.line}`)
      const record = event.record!
      if (records.length === eventsMax) {
        if (chain === records.length) throw chainTooLong(lines[0]!, eventsMax)
        yield batch(records.length - chain, chain === 0 ? end : chainStart)
      }
      if (chain === 0) chainStart = end
      records.push(record)
      lines.push(event.line)
      end = {line: event.nextLine, byte: event.end}
      chain = hasFlag(kind, record.flags, 'linked') ? chain + 1 : 0
    }
  }
  if (chain > 0) throw chainOpen(lines.at(-1)!)
  if (records.length > 0) yield batch(records.length, end)
}

export function chainTooLong(line: number, eventsMax: number): ParixError {
  return new ParixError(
    'BAD_INPUT',
    `The chain of linked events that begins in line ${line} is longer than a request, which takes ${eventsMax} events.`,
    {code: 'chain_too_long'},
  )
}

export function chainOpen(line: number): ParixError {
  return new ParixError('BAD_INPUT', `Line ${line}, the last, is linked to a next event that does not exist.`, {
    code: 'chain_open',
  })
}
