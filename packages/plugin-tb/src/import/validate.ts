/** Every row once before the first is sent: an error in the last line must not leave half of the file in the ledger. */

import {statSync} from 'node:fs'
import {availableParallelism} from 'node:os'
import {ParixError} from '@parix/kit/errors'
import {startProgress, type Terminal} from '@parix/kit/output'
import {chainOpen, chainTooLong, Findings, LINKED} from './batches.js'
import type {Position} from './blocks.js'
import {IdFilter, KEPT_MAX} from './duplicate-ids.js'
import {locate} from './locate.js'
import {lineStartAfter, type PlainFile, partProgram, readPlainPart, startPart} from './plain-part.js'
import {type WireReader, wireRows} from './wire-rows.js'

const ROW_BYTES_MIN = 16

/** How many rows a file may have. */
export function rowsMax(path: string): number {
  return statSync(path).size / ROW_BYTES_MIN
}

/** When the second half of what is read is read by another thread. */
export interface TwoThreads {
  /** That thread's program; undefined where there is none. */
  program: string | undefined
  /** Below this one thread has read it before another has started. */
  bytesMin: number
}

export const TWO_THREADS: TwoThreads = {
  program: availableParallelism() > 1 ? partProgram() : undefined,
  bytesMin: 1 << 24,
}

/**
 * @param from where to begin
 * @returns how many rows there are
 * @throws ParixError BAD_INPUT with everything that is wrong with the file
 */
export async function validate(
  terminal: Terminal,
  reader: WireReader,
  from: Position,
  eventsMax: number,
  twoThreads = TWO_THREADS,
): Promise<number> {
  const {name, path, first} = reader.rows
  const {size} = statSync(path)
  const state = (done: number) => ({text: `Reading ${name}`, done, total: size, unit: 'bytes'})
  const progress = startProgress(terminal, state(0))
  const findings = new Findings()
  const ids = new IdFilter(rowsMax(path))
  let rows = 0
  let chain = 0
  let chainStart = 0
  try {
    const plain = await plainRows(reader, from, ids, twoThreads, (bytes) => progress.update(state(bytes)))
    rows = plain.rows
    for await (const {count, bytes, starts, ends, flags, lines} of wireRows(reader, plain.next, findings.add, 'ids')) {
      for (let index = 0; index < count; index++) {
        ids.add(bytes, starts[index]!, starts[index + 1]!)
        if (chain === 0) chainStart = lines[index]!
        chain = (flags[index]! & LINKED) !== 0 ? chain + 1 : 0
        if (chain === eventsMax) throw chainTooLong(chainStart, eventsMax)
      }
      rows += count
      if (chain > 0) chainStart = lines[count - 1]!
      progress.update(state(ends[count - 1]!))
    }
    while (ids.needsAnotherPass()) await findDuplicates(reader, from, ids, findings)
  } finally {
    progress.end()
  }
  await locate(findings.shown, reader.rows, reader.columnOf)
  findings.throwIfAny(name)
  if (chain > 0) throw chainOpen(chainStart)
  if (rows === 0 && from.byte === first.byte) throw noRows(name)
  return rows
}

/** Of the bytes: the other thread has to start, and this one asks which ledger it is. */
const FIRST_SHARE = 0.52

/**
 * The rows at the beginning that are plain, are not linked, and have ids that rise; none where those are few.
 *
 * @param onBytes how many bytes of the file have been read
 */
async function plainRows(
  {kind, rows: {path, format, array}, keepTimestamps, asGiven = false, idFromKeys}: WireReader,
  from: Position,
  ids: IdFilter,
  {program, bytesMin}: TwoThreads,
  onBytes: (bytes: number) => void,
): Promise<{rows: number; next: Position}> {
  if (format !== 'ndjson' || array === true || idFromKeys) return {rows: 0, next: from}
  const file: PlainFile = {path, kind, keepTimestamps, asGiven}
  const bytes = statSync(path).size - from.byte
  const isLarge = program !== undefined && bytes >= bytesMin
  const middle = isLarge ? await lineStartAfter(path, from.byte + Math.floor(bytes * FIRST_SHARE)) : undefined
  const second = middle === undefined ? undefined : await startPart(program!, file, middle)
  try {
    const onPart = (read: number) => onBytes(from.byte + read + (second?.bytes() ?? 0))
    const part = await readPlainPart(file, from.byte, middle, onPart)
    if (part.rows <= KEPT_MAX) return {rows: 0, next: from}
    ids.addRising(part.rows, part.lastId)
    const after = part.end === middle ? await second?.part : undefined
    if (after === undefined || after.rows === 0 || BigInt(after.firstId) <= BigInt(part.lastId))
      return {rows: part.rows, next: {line: from.line + part.rows, byte: part.end}}
    ids.addRising(after.rows, after.lastId)
    const rows = part.rows + after.rows
    return {rows, next: {line: from.line + rows, byte: after.end}}
  } finally {
    second?.cancel()
  }
}

export function noRows(name: string): ParixError {
  return new ParixError('BAD_INPUT', `${name} has no rows. Nothing was sent.`)
}

/** The second of two would get `exists` and have no effect, which nobody intends. */
async function findDuplicates(reader: WireReader, from: Position, ids: IdFilter, findings: Findings): Promise<void> {
  for await (const {count, bytes, starts, lines} of wireRows(reader, from, () => {}, 'ids')) {
    for (let index = 0; index < count; index++) {
      const before = ids.lineBefore(bytes, starts[index]!, starts[index + 1]!, lines[index]!)
      if (before === undefined) continue
      const id = bytes.toString('latin1', starts[index], starts[index + 1])
      findings.add(lines[index]!, [{field: 'id', message: `id ${id} is that of line ${before} as well`}])
    }
  }
}
