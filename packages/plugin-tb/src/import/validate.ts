/** Every row once before the first is sent: an error in the last line must not leave half of the file in the ledger. */

import {statSync} from 'node:fs'
import {ParixError} from '@parix/kit/errors'
import {startProgress, type Terminal} from '@parix/kit/output'
import {chainOpen, chainTooLong, Findings, LINKED} from './batches.js'
import type {Position} from './blocks.js'
import {IdFilter} from './duplicate-ids.js'
import {locate} from './locate.js'
import {type WireReader, wireRows} from './wire-rows.js'

const ROW_BYTES_MIN = 16

/** How many rows a file may have. */
export function rowsMax(path: string): number {
  return statSync(path).size / ROW_BYTES_MIN
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
    for await (const {count, bytes, starts, ends, flags, lines} of wireRows(reader, from, findings.add, 'ids')) {
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
