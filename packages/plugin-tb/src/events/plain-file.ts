/**
 * Large files of NDJSON, or of one JSON array, in memory that does not grow with them: each row goes from bytes to bytes. This is
 * for files in which every row is plain (an id, whole numbers in digits, TigerBeetle's names of fields) and right;
 * `read-events` reads all others whole, and says what is wrong with them.
 */

import {createHash} from 'node:crypto'
import {closeSync, openSync, readSync, statSync} from 'node:fs'
import {errnoOf} from '@parix/files/errors'
import {isParixError} from '@parix/kit/errors'
import type {CreateKind} from '@parix/ledger/schema'
import {batches, type ImportBatch, LINKED} from '../import/batches.js'
import {markLength} from '../import/blocks.js'
import {IdFilter} from '../import/duplicate-ids.js'
import {openRows} from '../import/read-rows.js'
import {type WireReader, type WireRows, wireRows} from '../import/wire-rows.js'
import {NotAnArray} from '../rows/array-lines.js'

export interface PlainFile {
  events: number
  /** As `contentKey` of an entry of the outbox: SHA-256 of all events in one request. */
  contentKey: string
  batches(): AsyncGenerator<ImportBatch>
  /** ` line 4`, or ` item 3` of an array: where an event is, in the words of `readItems`. */
  where(index: number): string
}

/** What keeps a file from being plain; never shown. */
class NotPlain extends Error {}

/** Undefined where it is not plain, has one request only, or has something wrong with it. */
export async function openPlainFile(kind: CreateKind, path: string, eventsMax: number): Promise<PlainFile | undefined> {
  try {
    const array = isArray(path)
    const rows = await openRows({name: path, path, format: 'ndjson', array})
    const reader: WireReader = {
      kind,
      rows,
      read: () => {
        throw new NotPlain()
      },
      columns: undefined,
      columnOf: undefined,
      keepTimestamps: false,
      asGiven: true,
      idFromKeys: false,
    }
    const all = () => wireRows(reader, rows.first, () => {})
    const found = await look(all(), eventsMax, new IdFilter(statSync(path).size / ROW_BYTES_MIN))
    if (found === undefined || found.events <= eventsMax) return undefined
    while (found.ids.needsAnotherPass()) if (await hasDuplicates(all(), found.ids)) return undefined
    const {events, contentKey} = found
    const where = (index: number) => ` ${array ? 'item' : 'line'} ${index + 1}`
    return {events, contentKey, where, batches: () => batches(all(), rows.first, eventsMax)}
  } catch (error) {
    // A file that can't be read is said by the reader of all others.
    if (error instanceof NotPlain || error instanceof NotAnArray || isParixError(error) || errnoOf(error) !== undefined)
      return undefined
    throw error
  }
}

/** By the first byte that is no white space. */
export function isArray(path: string): boolean {
  const descriptor = openSync(path, 'r')
  try {
    const head = Buffer.alloc(HEAD_BYTES)
    const length = readSync(descriptor, head, 0, HEAD_BYTES, 0)
    return head.toString('latin1', markLength(head), length).trimStart().startsWith('[')
  } finally {
    closeSync(descriptor)
  }
}

const HEAD_BYTES = 4096
const ROW_BYTES_MIN = 16
/** `,{"id":"` */
const ID_AT = 8
const QUOTE = 0x22

interface Looked {
  events: number
  contentKey: string
  ids: IdFilter
}

async function look(all: AsyncIterable<WireRows>, eventsMax: number, ids: IdFilter): Promise<Looked | undefined> {
  const hash = createHash('sha256')
  let events = 0
  let chain = 0
  for await (const {count, bytes, starts, flags, lines} of all) {
    // Events are named by their lines, which are those of the file where none is empty.
    if (lines[count - 1] !== events + count) return undefined
    for (let index = 0; index < count; index++) {
      const from = starts[index]! + ID_AT
      ids.add(bytes, from, bytes.indexOf(QUOTE, from))
      chain = (flags[index]! & LINKED) !== 0 ? chain + 1 : 0
      if (chain >= eventsMax) return undefined
    }
    hash.update(events === 0 ? '[' : '').update(bytes.subarray(events === 0 ? 1 : 0, starts[count]))
    events += count
  }
  return chain > 0 ? undefined : {events, contentKey: hash.update(']').digest('hex'), ids}
}

async function hasDuplicates(all: AsyncIterable<WireRows>, ids: IdFilter): Promise<boolean> {
  for await (const {count, bytes, starts, lines} of all) {
    for (let index = 0; index < count; index++) {
      const from = starts[index]! + ID_AT
      if (ids.lineBefore(bytes, from, bytes.indexOf(QUOTE, from), lines[index]!) !== undefined) return true
    }
  }
  return false
}
