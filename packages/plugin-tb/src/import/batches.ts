/** Events of a file in requests: at most `eventsMax` each, a linked chain never cut. */

import {ParixError} from '@parix/kit/errors'
import {parseJson} from '@parix/kit/json'
import {TransferFlags} from '@parix/ledger/schema'
import {type Row, rowRecord} from '../reads/rows.js'
import type {LedgerRecord} from '../records/kinds.js'
import {reusedMemory} from '../reused-memory.js'
import type {Position} from './blocks.js'
import {findingText} from './locate.js'
import type {Fault} from './mapping.js'
import type {WireRows} from './wire-rows.js'

export interface ImportBatch {
  count: number
  /** The line of each event. */
  lines: Uint32Array
  /** The first line and byte, and those after the last row. */
  from: Position
  to: Position
  /** The bytes that are sent: a JSON array. */
  body: Buffer
  /** The ids of the first and the last event. */
  ids(): {first: string; last: string}
  /** One event as it is sent. */
  event(index: number): string
  /** All of them, for what is done with few requests only. */
  records(): LedgerRecord[]
  /** For the response to it; see `HttpRequest`. */
  responseMemory(bytes: number): Buffer
  /** Nothing of it and of its response is needed any more: a later batch is built in its memory. */
  release(): void
}

export interface Finding {
  line: number
  /** Where in the line the value begins, from 1. */
  column?: number
  field?: string
  message: string
}

/** What is wrong with a file, with its lines; the first hundred are kept, all are counted. */
export class Findings {
  static readonly SHOWN_MAX = 100
  readonly shown: Finding[] = []
  count = 0

  readonly add = (line: number, faults: readonly Fault[]): void => {
    for (const {field, message} of faults) {
      this.count++
      if (this.shown.length < Findings.SHOWN_MAX) this.shown.push({line, ...(field !== undefined && {field}), message})
    }
  }

  /** @throws ParixError BAD_INPUT with the findings by line */
  throwIfAny(name: string): void {
    if (this.count === 0) return
    const lines = this.shown.map(findingText)
    const more = this.count > this.shown.length ? [`and ${this.count - this.shown.length} more`] : []
    throw new ParixError(
      'BAD_INPUT',
      `${this.count === 1 ? 'One thing is' : `${this.count} things are`} wrong with ${name}. Nothing was sent.`,
      {code: 'bad_rows', errors: [...lines, ...more], findings: this.shown, findingsCount: this.count},
    )
  }
}

/**
 * @param from where `rows` begin
 * @throws ParixError BAD_INPUT when a chain is longer than a request, or is open at the end of the file
 */
export async function* batches(
  rows: AsyncIterable<WireRows>,
  from: Position,
  eventsMax: number,
): AsyncGenerator<ImportBatch> {
  const spare: Memory[] = []
  let building = new Building(eventsMax, from, spare)
  for await (const block of rows) {
    for (let at = 0; at < block.count; ) {
      at = building.take(block, at)
      if (at === block.count) break
      const rest = building.rest()
      if (rest === undefined) throw chainTooLong(building.lines[0]!, eventsMax)
      yield building.finish()
      building = rest
    }
  }
  if (building.isOpen) throw chainOpen(building.lines[building.count - 1]!)
  if (building.count > 0) yield building.finish()
}

/** The same bit of accounts and transfers. */
export const LINKED = TransferFlags.linked

const BYTES_AN_EVENT = 160

/** What a request is built in. It is used again, or the garbage collector would have a megabyte of each request. */
interface Memory {
  lines: Uint32Array
  starts: Uint32Array
  body: Buffer
  response(bytes: number): Buffer
}

/** A request that is being filled. */
class Building {
  readonly lines: Uint32Array
  count = 0
  #body: Buffer
  #length = 0
  readonly #starts: Uint32Array
  readonly #response: Memory['response']
  #to: Position
  /** Events that are whole: after them is a chain that is still open. */
  #whole = 0
  #wholeTo: Position

  constructor(
    private readonly eventsMax: number,
    private readonly from: Position,
    private readonly spare: Memory[],
  ) {
    const memory = spare.pop() ?? {
      lines: new Uint32Array(eventsMax),
      starts: new Uint32Array(eventsMax + 1),
      body: Buffer.allocUnsafe(eventsMax * BYTES_AN_EVENT + 2),
      response: reusedMemory(),
    }
    this.#response = memory.response
    this.lines = memory.lines
    this.#starts = memory.starts
    this.#body = memory.body
    this.#to = from
    this.#wholeTo = from
  }

  get isOpen(): boolean {
    return this.#whole < this.count
  }

  /** @returns the first event of the block that found no room */
  take(block: WireRows, first: number): number {
    const end = Math.min(block.count, first + this.eventsMax - this.count)
    const offset = this.#append(block.bytes, block.starts[first]!, block.starts[end]!)
    let whole = -1
    for (let index = first; index < end; index++) {
      this.lines[this.count] = block.lines[index]!
      this.#starts[this.count++] = block.starts[index]! + offset
      if ((block.flags[index]! & LINKED) !== 0) continue
      this.#whole = this.count
      whole = index
    }
    const positionAfter = (index: number) => ({line: block.nextLines[index]!, byte: block.ends[index]!})
    if (end > first) this.#to = positionAfter(end - 1)
    if (whole !== -1) this.#wholeTo = positionAfter(whole)
    return end
  }

  /** What does not belong to this request: the beginning of a chain. Undefined where there is nothing else in it. */
  rest(): Building | undefined {
    if (this.#whole === 0) return undefined
    const rest = new Building(this.eventsMax, this.#wholeTo, this.spare)
    if (this.#whole === this.count) return rest
    const start = this.#starts[this.#whole]!
    const offset = rest.#append(this.#body, start, this.#length)
    for (let index = this.#whole; index < this.count; index++) {
      rest.lines[rest.count] = this.lines[index]!
      rest.#starts[rest.count++] = this.#starts[index]! + offset
    }
    rest.#to = this.#to
    this.count = this.#whole
    this.#length = start
    this.#to = this.#wholeTo
    return rest
  }

  finish(): ImportBatch {
    const {count, lines, from, spare} = this
    const starts = this.#starts
    this.#append(CLOSE, 0, 1)
    starts[count] = this.#length - 1
    const memory = {lines, starts, body: this.#body, response: this.#response}
    const body = this.#body.subarray(0, this.#length)
    body[0] = 0x5b
    const event = (index: number) => body.toString('latin1', starts[index]! + 1, starts[index + 1]!)
    const idOf = (index: number) => /^\{"id":"(\d+)"/.exec(event(index))![1]!
    return {
      count,
      lines,
      from,
      to: this.#to,
      body,
      event,
      ids: () => ({first: idOf(0), last: idOf(count - 1)}),
      records: () => (parseJson(body.toString('latin1')) as Row[]).map(rowRecord),
      responseMemory: memory.response,
      release: () => spare.push(memory),
    }
  }

  /** @returns what to add to an offset in `bytes` */
  #append(bytes: Buffer, from: number, to: number): number {
    const length = this.#length + to - from
    if (length + 1 > this.#body.length) {
      const larger = Buffer.allocUnsafe(2 * length + 1)
      this.#body.copy(larger, 0, 0, this.#length)
      this.#body = larger
    }
    bytes.copy(this.#body, this.#length, from, to)
    const offset = this.#length - from
    this.#length = length
    return offset
  }
}

const CLOSE = Buffer.from(']')

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
