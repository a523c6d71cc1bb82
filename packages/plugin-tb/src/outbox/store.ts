import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {createFile, removeQuietly, renameDurably, syncDirectory, temporaryPath} from '@parix/files/atomic-write'
import {ParixError} from '@parix/kit/errors'
import {commandLine} from '@parix/kit/shell-words'
import {claimMoved, readClaim, releaseClaim, writeClaim} from './claim.js'
import {
  type BatchFile,
  ENTRY_FILE,
  type Entry,
  type EntryFile,
  type NewEntry,
  readEntryFile,
  type UnreadableEntry,
} from './entry.js'
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
   * All entries, oldest first, and the directories that can't be read as one or that others could have made: what can't be
   * read is never taken for answered.
   * @throws ParixError FAILED when another user owns the outbox, or it can't be read
   */
  list(): OutboxContents
  /** @throws ParixError NOT_FOUND, or FAILED where it can't be read */
  find(id: string): Entry
  /** @throws ParixError FAILED while the outbox holds something for this database that can't be read */
  assertReadable(origin: string, databaseId: string): void
  /** Where the entries of a service are. */
  folderOf(origin: string): string
  /** The ledger that a database last answered from, as the service names it. */
  ledgerOf(origin: string, databaseId: string): string | undefined
  /** Remembers it for later entries. */
  noteLedger(origin: string, databaseId: string, ledger: string): void
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

/** What is in an outbox. */
export interface OutboxContents {
  entries: Entry[]
  unreadable: UnreadableEntry[]
}

const LEDGER = 'ledger.json'
const UNFINISHED = '.new-'
const STRUCK = '.struck'
const UNFINISHED_KEPT_MS = 3_600_000

export function openOutbox(place: OutboxPlace): Outbox {
  return {
    path: place.path,
    prepare: () => makeOutbox(place),
    add: (entry, now = new Date()) => add(place, entry, now),
    list: () => list(place.path),
    find(id) {
      const {entries, unreadable} = list(place.path)
      const found = entries.find(({file}) => file.id === id)
      if (found) return found
      const damaged = unreadable.filter((one) => one.id === id)
      throw damaged.length > 0 ? unreadableError(damaged) : noEntry(id)
    },
    assertReadable(origin, databaseId) {
      const found: OutboxContents = {entries: [], unreadable: []}
      readDatabase(databaseFolder(place, origin, databaseId), found)
      if (found.unreadable.length > 0) throw unreadableError(found.unreadable, 'Nothing was sent.')
    },
    folderOf: (origin) => join(place.path, folderName(origin)),
    ledgerOf(origin, databaseId) {
      const value = readOptional(join(databaseFolder(place, origin, databaseId), LEDGER))
      return typeof value === 'string' ? value : undefined
    },
    noteLedger(origin, databaseId, ledger) {
      const path = join(databaseFolder(place, origin, databaseId), LEDGER)
      replaceInEntry(path, JSON.stringify(ledger))
    },
    body: ({folder}, {body}) => readFileSync(join(folder, body), 'utf8'),
    save: (entry) => writing(entry, () => replaceEntry(entry)),
    addBody: (entry, name, body) =>
      writing(entry, () => {
        const path = join(entry.folder, name)
        replaceInEntry(path, body)
      }),
    saveAnswer: (entry, batch, answer) =>
      writing(entry, () => {
        const path = join(entry.folder, answerName(batch))
        replaceInEntry(path, JSON.stringify(answer))
      }),
    answer: ({folder}, batch) => readOptional(join(folder, answerName(batch))),
    strikeOff,
  }
}

function databaseFolder({path}: OutboxPlace, origin: string, databaseId: string): string {
  return join(path, folderName(origin), folderName(databaseId))
}

function add(place: OutboxPlace, entry: NewEntry, now: Date): Entry {
  const parent = databaseFolder(place, entry.origin, entry.database.id)
  const id = entryId(now)
  const unfinished = join(parent, UNFINISHED + id)
  makeOutbox(place)
  try {
    const made = mkdirSync(parent, {recursive: true, mode: 0o700})
    removeUnfinished(parent, now)
    mkdirSync(unfinished, {mode: 0o700})
    const file = writeEntry(unfinished, id, entry, now)
    renameSync(unfinished, join(parent, id))
    claimMoved(unfinished, join(parent, id))
    syncDirectory(parent)
    // New folders are durable when the folder that they stand in is.
    if (made !== undefined)
      for (const folder of [dirname(parent), place.path, dirname(place.path)]) syncDirectory(folder)
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
      createFile(join(folder, name), body)
      return batchFile(name, ids)
    }),
  }
  createFile(join(folder, ENTRY_FILE), JSON.stringify(file, null, 2))
  writeClaim(folder)
  syncDirectory(folder)
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

function list(root: string): OutboxContents {
  assertOurOutbox(root)
  const contents: OutboxContents = {entries: [], unreadable: []}
  for (const origin of folders(root, contents)) {
    for (const database of folders(origin, contents)) readDatabase(database, contents)
  }
  const age = ({file}: Entry) => `${file.createdAt} ${file.id}`
  contents.entries.sort((a, b) => (age(a) < age(b) ? -1 : 1))
  return contents
}

function readDatabase(path: string, contents: OutboxContents): void {
  for (const folder of folders(path, contents)) {
    const file = isOurEntry(folder)
      ? readEntryFile(folder)
      : {newer: false, reason: 'others may write to it, or it belongs to another user'}
    // Another process may strike an entry off while we look.
    if (!existsSync(folder)) continue
    if ('reason' in file) contents.unreadable.push({id: basename(folder), folder, ...file})
    else if (file.id !== basename(folder))
      contents.unreadable.push({id: basename(folder), folder, newer: false, reason: `it calls itself ${file.id}`})
    else contents.entries.push({folder, file})
  }
}

/** The directories in `path`. A link could lead anywhere, so it is none, and is said. */
function folders(path: string, {unreadable}: OutboxContents): string[] {
  try {
    const found = readdirSync(path, {withFileTypes: true}).filter(({name}) => !name.startsWith('.'))
    for (const one of found.filter((entry) => entry.isSymbolicLink())) {
      unreadable.push({id: one.name, folder: join(path, one.name), newer: false, reason: 'it is a symbolic link'})
    }
    return found.filter((one) => one.isDirectory()).map(({name}) => join(path, name))
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return []
    throw new ParixError('FAILED', `The outbox can't be read: ${(error as Error).message}`, {
      code: 'outbox_unreadable',
      cause: error,
    })
  }
}

/**
 * What can't be read may be a payment that was sent and has no answer: it stands in the way until somebody has looked.
 *
 * @param consequence what follows for the command, as a sentence
 */
export function unreadableError(unreadable: readonly UnreadableEntry[], consequence = ''): ParixError {
  const [first] = unreadable
  const newer = unreadable.every((one) => one.newer)
  const one = unreadable.length === 1
  const what = one
    ? `${first!.id} in the outbox can't be read: ${first!.reason}.`
    : `${unreadable.length} entries of the outbox can't be read.`
  const advice = newer
    ? 'Resume it with the version of parix that wrote it.'
    : 'Look up the ids in its files (parix tb lookup-transfers) before you put it aside.'
  return new ParixError('FAILED', `${what} It may have been sent, and its outcome is unknown. ${consequence}`.trim(), {
    code: newer ? 'outbox_newer_version' : 'outbox_unreadable',
    errors: [
      ...unreadable.map(({id, folder, reason}) => (one ? `directory: ${folder}` : `${id}: ${reason} (${folder})`)),
      advice,
    ],
    outbox: first!.id,
    retryable: false,
    ...(!newer && {
      next: unreadable
        .filter((damaged) => !damaged.newer)
        .map(({folder}) => commandLine(['mv', folder, join(dirname(folder), `.aside-${basename(folder)}`)])),
    }),
  })
}

/** Undefined where there is none that can be read: an answer that is lost is asked for again, which makes nothing twice. */
function readOptional(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (isFileError(error, 'ENOENT') || error instanceof SyntaxError) return undefined
    throw error
  }
}

function replaceEntry({folder, file}: Entry): void {
  const path = join(folder, ENTRY_FILE)
  replaceInEntry(path, JSON.stringify(file, null, 2))
}

/** Never creates the entry's directory: one that is gone was answered by another process. @throws Node's error */
function replaceInEntry(path: string, content: string): void {
  const temporary = temporaryPath(path)
  try {
    createFile(temporary, content)
    renameDurably(temporary, path)
  } catch (error) {
    removeQuietly(temporary)
    throw error
  }
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
  releaseClaim(folder)
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
  return readClaim(folder) !== undefined || !existsSync(join(folder, ENTRY_FILE))
}

/** Lets others work on an entry that stays in the outbox. */
export function release(entry: Entry): void {
  releaseClaim(entry.folder)
}
