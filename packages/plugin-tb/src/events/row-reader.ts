/** One row of a file of NDJSON, or one item of a JSON array, as the event that it is. */

import type {Chart} from '@parix/books/chart'
import {UINT128_MAX} from '@parix/kit/integers'
import type {CreateKind} from '@parix/ledger/schema'
import type {ReadEvent} from '../import/events.js'
import type {SourceRow} from '../import/read-rows.js'
import {faultText} from '../input/documents.js'
import {hasFlag} from '../records/flags.js'
import {createIdSource, type IdSource} from '../records/id.js'
import type {Problems} from '../records/problems.js'
import {type Place, readRecord} from '../records/read.js'
import {checkAccount, checking, checkTransfer, notLater} from './validate-events.js'

/** What names of the input are made of, and what is known of names in it. */
export interface RowNames {
  /** Of the file. */
  name: string
  /** Its rows are the items of an array: lines are those of the items, not of the file. */
  isArray: boolean
  chart?: Chart | undefined
}

/** ` line 4`, or ` item 3`. */
export function whereOf({isArray}: Pick<RowNames, 'isArray'>, line: number): string {
  return ` ${isArray ? 'item' : 'line'} ${line}`
}

/** How a field of the row is called in errors. */
export function placeOfRow(names: RowNames, line: number): Place {
  return (field) => `${names.name}${whereOf(names, line)}: ${field}`.trimEnd()
}

/** There is not one object per line; never shown. */
export class NotByLines extends Error {}

/** Stands for an id that is to be generated: no event may have it. */
const UNNAMED = UINT128_MAX
export const NO_ID = Buffer.from(String(UNNAMED))

const WRONG = [{message: 'see problems'}]

/**
 * @param problems receives what is wrong, in the words of `readEvents`; the row is then one with faults
 * @param newId for rows without an id; where it is left out they get `NO_ID`
 * @returns to be called with all rows in order; throws NotByLines
 */
export function rowReader(
  kind: CreateKind,
  names: RowNames,
  problems: Problems,
  newId?: IdSource,
): (row: SourceRow) => ReadEvent {
  const {name, chart, isArray} = names
  const check = kind === 'account' ? checkAccount : checkTransfer
  const anyId = newId ?? createIdSource()
  let newest: bigint | undefined
  return ({line, nextLine, end, value, fault, syntax}) => {
    const before = problems.count
    const place = placeOfRow(names, line)
    const right = (record: ReadEvent['record']): ReadEvent =>
      problems.count > before
        ? {line, nextLine, end, faults: WRONG}
        : {line, nextLine, end, faults: [], record: record!}
    if (syntax !== undefined) {
      if (isArray) throw new NotByLines()
      problems.add(faultText(name, line, syntax.position, syntax.message))
      return right(undefined)
    }
    if (fault !== undefined) {
      problems.add(`${name}${whereOf(names, line)} ${fault}.`)
      return right(undefined)
    }
    if (Array.isArray(value)) throw new NotByLines()
    const read = readRecord(kind, place, value!, problems, {chart})
    if (problems.count > before) return right(undefined)
    const record = read.id === undefined ? {id: anyId(), ...read} : read
    check(checking(record, place, problems))
    if (hasFlag(kind, record.flags, 'imported')) {
      const {timestamp = 0n} = record
      if (newest !== undefined && timestamp <= newest) problems.add(notLater(place, newest))
      newest = timestamp
    }
    return right(newId === undefined && read.id === undefined ? {...record, id: UNNAMED} : record)
  }
}
