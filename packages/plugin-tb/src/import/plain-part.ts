/**
 * Plain rows of NDJSON, looked at where they are: no text, no record, no copy. Most rows of a large file are, so this is the
 * first look at it, by two threads; at the first row that is anything else, the reader that understands everything goes on.
 */

import {existsSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Worker} from 'node:worker_threads'
import type {CreateKind} from '@parix/ledger/schema'
import {PLACE, PlainEvent} from '../rows/plain-event.js'
import {JsonScanner} from '../rows/plain-json.js'
import {LINKED} from './batches.js'
import {LINE_BYTES_MAX, readBlocks} from './blocks.js'
import {RisingIds} from './duplicate-ids.js'

export interface PlainFile {
  path: string
  kind: CreateKind
  keepTimestamps: boolean
  asGiven?: boolean
}

/** Rows that can be sent as they are, one per line, none of them linked, each with a larger id than the one before. */
export interface PlainPart {
  rows: number
  /** The byte after the last of them. */
  end: number
  /** The digits of their first and last id; empty where there are no rows. */
  firstId: string
  lastId: string
}

/** What a thread is given: `bytes` is how far it has come, for whoever shows it. */
export interface PartJob {
  file: PlainFile
  from: number
  bytes: Float64Array
}

/**
 * @param from the start of a line
 * @param to the start of a later line; the end of the file where it is left out
 * @param onBytes how many bytes have been read
 * @returns the rows up to the first that is not plain
 */
export async function readPlainPart(
  file: PlainFile,
  from: number,
  to: number | undefined,
  onBytes: (bytes: number) => void,
): Promise<PlainPart> {
  const scanner = new JsonScanner(file.kind)
  const event = new PlainEvent(file)
  const ids = new RisingIds()
  const part: PlainPart = {rows: 0, end: from, firstId: '', lastId: ''}
  const isNext = () => event.isRight() && (event.flags & LINKED) === 0
  for await (const {buffer, byte, tooLong} of readBlocks({name: file.path, path: file.path}, from, to)) {
    // Where its line begins is not said; what was read ends before it.
    if (tooLong !== undefined) break
    let start = 0
    while (start < buffer.length) {
      const next = scanner.scan(buffer, start, event)
      if (next === -1 || next - start > LINE_BYTES_MAX || !isNext()) break
      if (!ids.add(buffer, event.from[PLACE.id]!, event.to[PLACE.id]!)) break
      if (part.rows === 0) part.firstId = ids.last
      part.rows++
      start = next
    }
    part.end = byte + start
    onBytes(part.end - from)
    if (start < buffer.length) break
  }
  return {...part, lastId: ids.last}
}

/** A part that another thread reads. */
export interface PartElsewhere {
  /** Undefined where that thread has failed: then nothing of it was read. */
  part: Promise<PlainPart | undefined>
  bytes(): number
  cancel(): void
}

/** The program of a thread, in a built package; undefined when this runs from its sources. */
export function partProgram(): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url))
  return ['plain-part.cjs', 'plain-part-main.js'].map((name) => join(here, name)).find((path) => existsSync(path))
}

/** Reads from the line start `from` to the end of the file in a thread of its own. */
export async function startPart(program: string, file: PlainFile, from: number): Promise<PartElsewhere> {
  const threads = await import('node:worker_threads')
  const bytes = new Float64Array(new SharedArrayBuffer(8))
  const workerData: PartJob = {file, from, bytes}
  let worker: Worker
  try {
    worker = new threads.Worker(program, {workerData, execArgv: []})
  } catch {
    // The system has no thread left, or Node may not start one.
    return {part: Promise.resolve(undefined), bytes: () => 0, cancel: () => {}}
  }
  const part = new Promise<PlainPart | undefined>((resolve) => {
    worker.once('message', resolve)
    worker.once('error', () => resolve(undefined))
    worker.once('exit', () => resolve(undefined))
  })
  return {part, bytes: () => bytes[0]!, cancel: () => void worker.terminate()}
}

/** The first start of a line after `byte`; undefined where none is near. */
export async function lineStartAfter(path: string, byte: number): Promise<number | undefined> {
  const file = await open(path, 'r')
  try {
    const {buffer, bytesRead} = await file.read(Buffer.allocUnsafe(1 << 16), 0, 1 << 16, byte)
    const newline = buffer.subarray(0, bytesRead).indexOf(0x0a)
    return newline === -1 ? undefined : byte + newline + 1
  } finally {
    await file.close()
  }
}
