import {ParixError} from '@parix/kit/errors'
import {parseJson} from '@parix/kit/json'
import type {BatchFile, Entry} from '../outbox/entry.js'
import {isFileError} from '../outbox/names.js'
import {noEntry, type Outbox} from '../outbox/store.js'
import {type Row, rowRecord} from '../reads/rows.js'
import type {LedgerRecord} from '../records/kinds.js'

/** Ids of every request without an answer; none where another process struck the entry off meanwhile. */
export function openIds(world: {outbox: Outbox}, entry: Entry): string[] {
  try {
    const open = entry.file.batches.filter((batch) => world.outbox.answer(entry, batch) === undefined)
    return open.flatMap((batch) => readBody(world, entry, batch).map(({id}) => String(id)))
  } catch {
    return entry.file.batches.flatMap(({firstId, lastId}) => (firstId === lastId ? [firstId] : [firstId, lastId]))
  }
}

/** The events of a request, from the bytes that are sent. */
export function readBody(world: {outbox: Outbox}, entry: Entry, batch: BatchFile): LedgerRecord[] {
  try {
    return (parseJson(world.outbox.body(entry, batch)) as Row[]).map(rowRecord)
  } catch (error) {
    if (isFileError(error, 'ENOENT')) throw noEntry(entry.file.id)
    throw new ParixError('FAILED', `${entry.folder} in the outbox can't be read: ${(error as Error).message}`, {
      code: 'outbox_damaged',
      cause: error,
    })
  }
}
