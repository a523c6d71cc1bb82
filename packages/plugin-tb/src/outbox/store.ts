import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {ParixError} from '@parix/kit/errors'
import {readClaim, releaseClaim, writeClaim} from './claim.js'
import {replaceFile, syncFolder, writeNewFile} from './durable.js'
import type {BatchFile, Entry, EntryFile, NewEntry} from './entry.js'
import {makeOutbox, type OutboxPlace, unwritable} from './folder.js'
import {entryId, folderName, isFileError, uniqueName} from './names.js'
import {assertOurOutbox, isOurEntry} from './ours.js'

/**
 * What was sent, or is about to be, and has no answer yet: `outbox/ORIGIN/DATABASE/ID/` with `entry.json`, a body for each
 * request, and the answers that came. An entry appears complete, by one rename, before its first byte is sent; it goes when
 * every request of it has been answered.
 */
export interface Outbox {
  readonly path: string
  /** Makes the folder where there is none yet. @throws ParixError FAILED when it can't be written */
  prepare(): void
  /** Durable when it returns, and claimed by this process. @throws ParixError FAILED when it can't be written */
  add(entry: NewEntry, now?: Date): Entry
  /**
   * All entries, oldest first. Folders that can't be read as one, or that others could have made, are told to `unreadable`.
   * @throws ParixError FAILED when another user owns the outbox
   */
  list(unreadable?: (folder: string) => void): Entry[]
  /** @throws ParixError NOT_FOUND */
  find(id: string): Entry
  /** The bytes of a request. */
  body(entry: Entry, batch: BatchFile): string
  /** Replaces `entry.json`, after new bodies were added with `addBody`. @throws ParixError FAILED */
  save(entry: Entry): void
  addBody(entry: Entry, name: string, body: string): void
  /** The answer to a request, kept until the whole entry is answered. */
  saveAnswer(entry: Entry, batch: BatchFile, answer: unknown): void
  answer(entry: Entry, batch: BatchFile): unknown
  /** Takes the entry out. @throws ParixError FAILED */
  strikeOff(entry: Entry): void
}

const ENTRY = 'entry.json'
const UNFINISHED = '.new-'
const STRUCK = '.struck'
const UNFINISHED_KEPT_MS = 3_600_000

export function openOutbox(place: OutboxPlace): Outbox {
  return {
    path: place.path,
    prepare: () => makeOutbox(place),
    add: (entry, now = new Date()) => add(place, entry, now),
    list: (unreadable = () => {}) => list(place.path, unreadable),
    find(id) {
      const found = list(place.path, () => {}).find(({file}) => file.id === id)
      if (found) return found
      throw noEntry(id)
    },
    body: ({folder}, {body}) => readFileSync(join(folder, body), 'utf8'),
    save: (entry) => writing(entry, () => replaceEntry(entry)),
    addBody: (entry, name, body) =>
      writing(entry, () => {
        const path = join(entry.folder, name)
        replaceFile(path, body, uniqueName(path))
      }),
    saveAnswer: (entry, batch, answer) =>
      writing(entry, () => {
        const path = join(entry.folder, answerName(batch))
        replaceFile(path, JSON.stringify(answer), uniqueName(path))
      }),
    answer: ({folder}, batch) => readOptional(join(folder, answerName(batch))),
    strikeOff,
  }
}

function add(place: OutboxPlace, entry: NewEntry, now: Date): Entry {
  const parent = join(place.path, folderName(entry.origin), folderName(entry.database.id))
  const id = entryId(now)
  const unfinished = join(parent, UNFINISHED + id)
  makeOutbox(place)
  try {
    const made = mkdirSync(parent, {recursive: true, mode: 0o700})
    removeUnfinished(parent, now)
    mkdirSync(unfinished, {mode: 0o700})
    const file = writeEntry(unfinished, id, entry, now)
    renameSync(unfinished, join(parent, id))
    syncFolder(parent)
    // New folders are durable when the folder that they stand in is.
    if (made !== undefined) for (const folder of [dirname(parent), place.path, dirname(place.path)]) syncFolder(folder)
    return {folder: join(parent, id), file}
  } catch (error) {
    rmSync(unfinished, {recursive: true, force: true})
    throw unwritable(place.path, error)
  }
}

function writeEntry(folder: string, id: string, entry: NewEntry, now: Date): EntryFile {
  const {batches, ...rest} = entry
  const digits = String(batches.length).length
  const file: EntryFile = {
    version: 1,
    id,
    ...rest,
    createdAt: now.toISOString(),
    batches: batches.map(({body, ids}, index) => {
      const name = `request-${String(index + 1).padStart(digits, '0')}.json`
      writeNewFile(join(folder, name), body)
      return batchFile(name, ids)
    }),
  }
  writeNewFile(join(folder, ENTRY), JSON.stringify(file, null, 2))
  writeClaim(folder)
  syncFolder(folder)
  return file
}

/** The line of a request in `entry.json`. */
export function batchFile(body: string, ids: readonly bigint[]): BatchFile {
  return {body, events: ids.length, firstId: String(ids[0]), lastId: String(ids.at(-1)), failedAttempts: 0}
}

/** What a process left that died while it wrote (it never had its name, so nothing of it was sent) or cleared away. */
function removeUnfinished(parent: string, now: Date): void {
  for (const name of readdirSync(parent).filter((one) => one.startsWith(UNFINISHED) || one.startsWith(STRUCK))) {
    const path = join(parent, name)
    const age = now.getTime() - (statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? now.getTime())
    if (age > UNFINISHED_KEPT_MS) rmSync(path, {recursive: true, force: true})
  }
}

function list(root: string, unreadable: (folder: string) => void): Entry[] {
  assertOurOutbox(root)
  const entries: Entry[] = []
  for (const origin of folders(root)) {
    for (const database of folders(origin)) {
      for (const folder of folders(database)) {
        const file = readEntry(folder)
        if (file === 'unreadable') unreadable(folder)
        else if (file !== 'gone') entries.push({folder, file})
      }
    }
  }
  const age = ({file}: Entry) => `${file.createdAt} ${file.id}`
  return entries.sort((a, b) => (age(a) < age(b) ? -1 : 1))
}

function folders(path: string): string[] {
  try {
    const found = readdirSync(path, {withFileTypes: true})
    return found.filter((one) => one.isDirectory() && !one.name.startsWith('.')).map(({name}) => join(path, name))
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return []
    throw new ParixError('FAILED', `The outbox can't be read: ${(error as Error).message}`, {cause: error})
  }
}

/** An entry may be struck off by another process while we look. */
function readEntry(folder: string): EntryFile | 'unreadable' | 'gone' {
  if (!isOurEntry(folder)) return 'unreadable'
  try {
    const file = JSON.parse(readFileSync(join(folder, ENTRY), 'utf8')) as EntryFile
    return file.version === 1 && Array.isArray(file.batches) ? file : 'unreadable'
  } catch (error) {
    return isFileError(error, 'ENOENT') ? 'gone' : 'unreadable'
  }
}

function readOptional(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined
    throw error
  }
}

function replaceEntry({folder, file}: Entry): void {
  const path = join(folder, ENTRY)
  replaceFile(path, JSON.stringify(file, null, 2), uniqueName(path))
}

/** An entry that is gone was answered by another process: there is nothing to write down any more. */
function writing({folder, file}: Entry, write: () => void): void {
  try {
    write()
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return
    throw new ParixError('FAILED', `${file.id} in the outbox can't be updated: ${(error as Error).message}.`, {
      code: 'outbox_not_updated',
      next: `Make room, or make ${folder} writable.`,
      cause: error,
    })
  }
}

/** By a rename first, so that a half-removed entry is never taken for one. */
function strikeOff({folder}: Entry): void {
  const struck = join(dirname(folder), uniqueName(STRUCK))
  try {
    renameSync(folder, struck)
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return
    throw new ParixError('FAILED', `${folder} can't be removed: ${(error as Error).message}.`, {cause: error})
  }
  rmSync(struck, {recursive: true, force: true})
}

function answerName({body}: BatchFile): string {
  return body.replace(/^request/, 'answer')
}

/** An entry that isn't there, or no longer. */
export function noEntry(id: string): ParixError {
  return new ParixError(
    'NOT_FOUND',
    `There is no ${JSON.stringify(id)} in the outbox: it was answered, or forgotten.`,
    {
      code: 'outbox_entry_not_found',
      next: 'parix tb outbox list',
    },
  )
}

/** Whether a living process is at work on the entry. One that is gone was held to its end. */
export function isHeld({folder}: Entry): boolean {
  return readClaim(folder)?.alive ?? !existsSync(join(folder, ENTRY))
}

/** Lets others work on an entry that stays in the outbox. */
export function release(entry: Entry): void {
  releaseClaim(entry.folder)
}
