/**
 * Large files of NDJSON, or of one JSON array, in memory that does not grow with them: every row is looked at before the first is
 * sent, and read again when its request is built. A plain row (whole numbers in digits, TigerBeetle's names of fields) goes from
 * bytes to bytes, any other by way of a record. `readEvents` says the same of small files; what is not one object per line,
 * or one array of objects, is left to it.
 */

import {createHash} from 'node:crypto'
import {closeSync, openSync, readSync} from 'node:fs'
import {errnoOf} from '@parix/files/errors'
import {isParixError, ParixError} from '@parix/kit/errors'
import {isJsonObject} from '@parix/kit/json'
import type {CreateKind} from '@parix/ledger/schema'
import {batches, type ImportBatch, LINKED} from '../import/batches.js'
import {markLength} from '../import/blocks.js'
import {IdFilter} from '../import/duplicate-ids.js'
import {openRows} from '../import/read-rows.js'
import {rowsMax} from '../import/validate.js'
import {type OnFaults, type WireReader, type WireRows, wireRows} from '../import/wire-rows.js'
import {tryJson} from '../input/documents.js'
import {FLAGS} from '../records/flags.js'
import type {IdSource} from '../records/id.js'
import {createProblems, type Problems} from '../records/problems.js'
import type {Place} from '../records/read.js'
import {NotAnArray} from '../rows/array-lines.js'
import {chainTooLong} from './batches.js'
import {NO_ID, NotByLines, placeOfRow, type RowNames, rowReader, whereOf} from './row-reader.js'
import {importedDiffer, linkedAtTheEnd, sameId} from './validate-events.js'

export interface EventFile {
  events: number
  /** How many of them have no id in the file: each gets a new one when its request is built. */
  generated: number
  /** As `contentKey` of an entry of the outbox: SHA-256 of all events in one request, without generated ids. */
  contentKey: string
  /** @throws ParixError BAD_INPUT where the file has changed since it was opened */
  batches(newId: IdSource): AsyncGenerator<ImportBatch>
  /** ` line 4`, or ` item 3` of an array: where an event is, in the words of `readItems`. */
  where(index: number): string
}

export interface EventFileOptions extends Omit<RowNames, 'isArray'> {
  path: string
  eventsMax: number
  /** See `createProblems`. */
  say?: (sentence: string) => void
}

/**
 * Undefined where it has one request only, or is to be read whole.
 *
 * @throws ParixError BAD_INPUT with everything that is wrong with its rows
 */
export async function openEventFile(kind: CreateKind, options: EventFileOptions): Promise<EventFile | undefined> {
  const {name, eventsMax, say} = options
  const problems = createProblems(say)
  const found = await lookAt(kind, options, problems)
  if (found === undefined) return undefined
  const {look, names, wire, first} = found
  problems.throwIfAny(name)
  const {events, generated} = look
  if (look.tooLong !== undefined) throw chainTooLong(look.tooLong.events, look.tooLong.firstId, eventsMax)
  return {
    events,
    generated,
    contentKey: look.contentKey(),
    where: (index) => whereOf(names, look.lineOf(index)),
    batches: (newId) => batches(wire(rowReader(kind, names, createProblems(), newId), changed(name)), first, eventsMax),
  }
}

/** Undefined for files that are read whole. */
async function lookAt(kind: CreateKind, options: EventFileOptions, problems: Problems) {
  const {name, path, eventsMax} = options
  try {
    const shape = shapeOf(path)
    if (shape === undefined) return undefined
    const names: RowNames = {...options, isArray: shape === 'array'}
    const rows = await openRows({name, path, format: 'ndjson', array: names.isArray})
    const {first} = rows
    const fixed = {kind, rows, columns: undefined, columnOf: undefined, keepTimestamps: false, idFromKeys: false}
    const wire = (read: WireReader['read'], onFaults: OnFaults) =>
      wireRows({...fixed, asGiven: true, read}, first, onFaults)
    const look = new Look(kind, names, problems, new IdFilter(rowsMax(path)), eventsMax)
    await look.all(wire(rowReader(kind, names, problems), look.fault))
    if (look.rows <= eventsMax) return undefined
    while (look.ids.needsAnotherPass()) await look.duplicates(wire(rowReader(kind, names, createProblems()), () => {}))
    return {look, names, wire, first}
  } catch (error) {
    // What can't be read at all is said by the reader of all others.
    if (
      error instanceof NotByLines ||
      error instanceof NotAnArray ||
      isParixError(error) ||
      errnoOf(error) !== undefined
    )
      return undefined
    throw error
  }
}

function changed(name: string): OnFaults {
  return () => {
    throw new ParixError('BAD_INPUT', `${name} has changed while it was being read. Nothing was sent.`)
  }
}

/** By what it begins with: `[`, or an object that ends on its line, as far as that is near. */
function shapeOf(path: string): 'array' | 'lines' | undefined {
  if (isArray(path)) return 'array'
  const [line = '', next] = headOf(path).trimStart().split('\n', 2)
  if (next === undefined) return 'lines'
  const parsed = tryJson(line)
  return 'value' in parsed && isJsonObject(parsed.value) ? 'lines' : undefined
}

/** By the first byte that is not white space. */
export function isArray(path: string): boolean {
  return headOf(path).trimStart().startsWith('[')
}

/** The first characters of a file. @throws what Node does where it can't be read */
export function headOf(path: string): string {
  const descriptor = openSync(path, 'r')
  try {
    const head = Buffer.alloc(HEAD_BYTES)
    const length = readSync(descriptor, head, 0, HEAD_BYTES, 0)
    return head.toString('utf8', markLength(head), length)
  } finally {
    closeSync(descriptor)
  }
}

const HEAD_BYTES = 4096
/** `,{"id":"` */
const ID_AT = 8
const [COMMA, QUOTE] = [0x2c, 0x22]

interface Chain {
  events: number
  firstId: string
}

/** What is known of a file when all of its rows were read once. */
class Look {
  events = 0
  generated = 0
  /** The first chain that no request takes. */
  tooLong: Chain | undefined
  #faulty = 0
  #lastFaulty = 0
  #chain: Chain | undefined
  #last = 0
  readonly #hash = createHash('sha256').update('[')
  /** Events whose line is not the one after that of the event before, and their lines. */
  readonly #jumps: {event: number; line: number}[] = []
  readonly #imported: number
  #first: {line: number; isImported: boolean} | undefined
  #isMixed = false

  constructor(
    kind: CreateKind,
    private readonly names: RowNames,
    private readonly problems: Problems,
    readonly ids: IdFilter,
    private readonly eventsMax: number,
  ) {
    this.#imported = Number(FLAGS[kind].imported)
  }

  readonly fault: OnFaults = (line) => {
    this.#faulty++
    this.#lastFaulty = line
  }

  get rows(): number {
    return this.events + this.#faulty
  }

  contentKey(): string {
    return this.#hash.copy().update(']').digest('hex')
  }

  lineOf(event: number): number {
    const jump = this.#jumps[this.#jumps.findLastIndex((one) => one.event <= event)]!
    return jump.line + event - jump.event
  }

  async all(blocks: AsyncIterable<WireRows>): Promise<void> {
    for await (const block of blocks) {
      for (let index = 0; index < block.count; index++) this.#row(block, index)
      this.#hashRows(block)
      this.events += block.count
    }
    if (this.#chain !== undefined && this.#lastFaulty < this.#last)
      this.problems.add(linkedAtTheEnd(this.#place(this.#last)))
  }

  /** Adds each id that comes twice, where the pass is the one that knows. */
  async duplicates(blocks: AsyncIterable<WireRows>): Promise<void> {
    for await (const {count, bytes, starts, lines} of blocks) {
      for (let index = 0; index < count; index++) {
        const from = starts[index]! + ID_AT
        const to = bytes.indexOf(QUOTE, from)
        if (isNoId(bytes, from, to)) continue
        const before = this.ids.lineBefore(bytes, from, to, lines[index]!)
        if (before === undefined) continue
        const id = bytes.toString('latin1', from, to)
        this.problems.add(sameId(this.#place(lines[index]!), id, this.#place(before)))
      }
    }
  }

  #row({bytes, starts, lines, flags}: WireRows, index: number): void {
    const from = starts[index]! + ID_AT
    const to = bytes.indexOf(QUOTE, from)
    if (isNoId(bytes, from, to)) this.generated++
    else this.ids.add(bytes, from, to)
    const line = lines[index]!
    const isLinked = (flags[index]! & LINKED) !== 0
    if (isLinked || this.#chain !== undefined) {
      this.#chain ??= {events: 0, firstId: bytes.toString('latin1', from, to)}
      if (++this.#chain.events > this.eventsMax) this.tooLong ??= this.#chain
      if (!isLinked) this.#chain = undefined
    }
    if (this.events + index === 0 || line !== this.#last + 1) this.#jumps.push({event: this.events + index, line})
    this.#last = line
    const isImported = (flags[index]! & this.#imported) !== 0
    this.#first ??= {line, isImported}
    if (isImported === this.#first.isImported || this.#isMixed) return
    this.#isMixed = true
    this.problems.add(importedDiffer(this.#place(line), this.#place(this.#first.line)))
  }

  #hashRows({count, bytes, starts}: WireRows): void {
    // The bracket is there; the first event has no comma before it.
    let from = this.events === 0 ? 1 : 0
    if (this.generated > 0) {
      for (let index = 0; index < count; index++) {
        const id = starts[index]! + ID_AT
        const to = bytes.indexOf(QUOTE, id)
        if (!isNoId(bytes, id, to)) continue
        this.#hash.update(bytes.subarray(from, starts[index]! + 2))
        // `"id":"…",`
        from = to + (bytes[to + 1] === COMMA ? 2 : 1)
      }
    }
    this.#hash.update(bytes.subarray(from, starts[count]))
  }

  #place(line: number): Place {
    return placeOfRow(this.names, line)
  }
}

function isNoId(bytes: Buffer, from: number, to: number): boolean {
  return to - from === NO_ID.length && bytes.compare(NO_ID, 0, NO_ID.length, from, to) === 0
}
