import {readdirSync, renameSync, rmSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {temporaryPath} from '@parix/files/atomic-write'
import {errnoOf, reasonOf} from '@parix/files/errors'
import {ParixError} from '@parix/kit/errors'
import {systemCommand} from '@parix/kit/next-command'
import type {EventOutcome} from '../results/outcome.js'
import {add, addStreamed, STRUCK} from './add-entry.js'
import {
  assertOurOutbox,
  directoryName,
  isOurEntry,
  makeOutbox,
  type OutboxPlace,
  unreadableOutbox,
} from './directory.js'
import {
  type BatchFile,
  batchFile,
  ENTRY_FILE,
  type Entry,
  type NewEntry,
  type Request,
  readEntryFile,
  type StreamedEntry,
  type UnreadableEntry,
} from './entry.js'
import {bodyOf, noEntry, outcomes, outcomesName, readOptional, request, write, writing} from './entry-contents.js'
import {LOCK_FILE, release} from './entry-lock.js'

/**
 * What was sent, or is about to be, and whose outcome was not shown yet: `outbox/ORIGIN/DATABASE/ID/` with `entry.json`, a
 * body for each request, and the outcomes that are known. An entry appears complete, by one rename, before its first byte is
 * sent; it goes when the outcome of all of it was shown.
 */
export interface Outbox {
  readonly path: string
  /** Makes the directory where there is none yet. @throws ParixError FAILED when it can't be written */
  prepare(): void
  /** Durable when it returns, and locked by this process. @throws ParixError FAILED when it can't be written */
  add(entry: NewEntry, now?: Date): Entry
  /** The same for requests that come one after the other. */
  addStreamed(entry: StreamedEntry, now?: Date): Promise<Entry>
  /**
   * All entries, oldest first, and the directories that can't be read as one or that others could have made: what can't be
   * read is never taken for answered.
   * @throws ParixError FAILED when another user owns the outbox, or it can't be read
   */
  list(): OutboxContents
  /** @throws ParixError NOT_FOUND, or FAILED where it can't be read */
  find(id: string): Entry
  /** The entries of one database. @throws ParixError FAILED while one of them can't be read */
  ofDatabase(origin: string, databaseId: string): Entry[]
  /** Where the entries of a service are. */
  directoryOf(origin: string): string
  /** The ledger that a database last answered from, as the service names it. */
  ledgerOf(origin: string, databaseId: string): string | undefined
  /** Remembers it for later entries. @throws ParixError FAILED */
  noteLedger(origin: string, databaseId: string, ledger: string): void
  /**
   * The bytes of a request and its events.
   * @throws ParixError FAILED `outbox_unreadable` where they are not what the entry says, NOT_FOUND where it is gone
   */
  request(entry: Entry, batch: BatchFile): Request
  /** The bytes alone. @throws ParixError as `request` */
  bodyOf(entry: Entry, batch: BatchFile): Buffer
  /** Replaces `entry.json`, after new requests were added with `addRequest`. @throws ParixError FAILED */
  save(entry: Entry): void
  /** @throws ParixError FAILED */
  addRequest(entry: Entry, name: string, request: Request): BatchFile
  /** The outcomes of a request, kept until those of the whole entry were shown. @throws ParixError FAILED */
  saveOutcomes(entry: Entry, batch: BatchFile, events: readonly EventOutcome[]): void
  /**
   * The same, written already as JSON, of a request in which all is there. It is not waited for until it is on disk: where a
   * power cut takes it, the request is sent again, and all of it exists. @throws ParixError FAILED
   */
  saveOutcomeBytes(entry: Entry, batch: BatchFile, outcomes: string | Uint8Array): void
  /** Undefined where there are none, or none that can be relied on: asking again creates nothing twice. */
  outcomes(entry: Entry, batch: BatchFile): EventOutcome[] | undefined
  /** Takes the entry out, and releases it. @throws ParixError FAILED */
  strikeOff(entry: Entry): void
}

/** What is in an outbox. */
export interface OutboxContents {
  entries: Entry[]
  unreadable: UnreadableEntry[]
}

export function openOutbox(place: OutboxPlace): Outbox {
  const database = (origin: string, id: string) => join(place.path, directoryName(origin), directoryName(id))
  const ledgerPath = (origin: string, id: string) => join(database(origin, id), 'ledger.json')
  return {
    path: place.path,
    prepare: () => makeOutbox(place),
    add: (entry, now = new Date()) => add(place, database(entry.origin, entry.database.id), entry, now),
    addStreamed: (entry, now = new Date()) => addStreamed(place, database(entry.origin, entry.database.id), entry, now),
    list: () => list(place.path),
    find: (id) => find(place.path, id),
    ofDatabase(origin, id) {
      assertOurOutbox(place.path)
      const found: OutboxContents = {entries: [], unreadable: []}
      readDatabase(database(origin, id), found)
      if (found.unreadable.length > 0) throw unreadableError(found.unreadable, 'Nothing was sent.')
      return found.entries.sort(byAge)
    },
    directoryOf: (origin) => join(place.path, directoryName(origin)),
    ledgerOf(origin, id) {
      const value = readOptional(ledgerPath(origin, id))
      return typeof value === 'string' ? value : undefined
    },
    noteLedger: (origin, id, ledger) =>
      write(ledgerPath(origin, id), JSON.stringify(ledger), 'The ledger of a database'),
    request,
    save: (entry) => writing(entry, ENTRY_FILE, JSON.stringify(entry.file, null, 2)),
    addRequest(entry, name, added) {
      entry.requests.set(name, added)
      writing(entry, name, added.body)
      return batchFile(name, added.records)
    },
    saveOutcomes: (entry, batch, events) => writing(entry, outcomesName(batch), JSON.stringify(events)),
    outcomes,
    bodyOf,
    saveOutcomeBytes: (entry, batch, outcomes) => writing(entry, outcomesName(batch), outcomes, false),
    strikeOff,
  }
}

function list(root: string): OutboxContents {
  assertOurOutbox(root)
  const contents: OutboxContents = {entries: [], unreadable: []}
  for (const origin of directories(root, contents)) {
    for (const database of directories(origin, contents)) readDatabase(database, contents)
  }
  contents.entries.sort(byAge)
  return contents
}

function byAge(one: Entry, other: Entry): number {
  const age = ({file}: Entry) => `${file.createdAt} ${file.id}`
  return age(one) < age(other) ? -1 : 1
}

function readDatabase(path: string, contents: OutboxContents): void {
  for (const directory of directories(path, contents)) {
    const file = isOurEntry(directory)
      ? readEntryFile(directory)
      : {newer: false, reason: 'others may write to it, or it belongs to another user'}
    const id = basename(directory)
    // Another process may strike an entry off while we look, or write an outcome into one that was.
    if (!mayBeEntry(directory)) continue
    if ('reason' in file) contents.unreadable.push({id, directory, ...file})
    else if (file.id !== id)
      contents.unreadable.push({id, directory, newer: false, reason: `it calls itself ${file.id}`})
    else contents.entries.push({directory, file, requests: new Map()})
  }
}

/** A call is a request and what it belongs to. */
function mayBeEntry(directory: string): boolean {
  try {
    return readdirSync(directory).some((name) => !/^outcomes-|\.tmp$/.test(name) && !name.startsWith(LOCK_FILE))
  } catch (error) {
    return errnoOf(error) !== 'ENOENT'
  }
}

/** The directories in `path`. A link could lead anywhere, so it is not taken for one, and is named. */
function directories(path: string, {unreadable}: OutboxContents): string[] {
  try {
    const found = readdirSync(path, {withFileTypes: true}).filter(({name}) => !name.startsWith('.'))
    for (const one of found.filter((entry) => entry.isSymbolicLink())) {
      unreadable.push({id: one.name, directory: join(path, one.name), newer: false, reason: 'it is a symbolic link'})
    }
    return found.filter((one) => one.isDirectory()).map(({name}) => join(path, name))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw unreadableOutbox(path, error)
  }
}

function find(root: string, id: string): Entry {
  const {entries, unreadable} = list(root)
  const found = entries.find(({file}) => file.id === id)
  if (found) return found
  const damaged = unreadable.filter((one) => one.id === id)
  throw damaged.length > 0 ? unreadableError(damaged) : noEntry(id)
}

/**
 * What can't be read may be a payment that was sent and has no response: it is in the way until somebody has looked.
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
  const aside = unreadable.filter((damaged) => !damaged.newer)
  return new ParixError('FAILED', `${what} It may have been sent, and its outcome is unknown. ${consequence}`.trim(), {
    code: newer ? 'outbox_newer_version' : 'outbox_unreadable',
    errors: unreadable.map(({id, directory, reason}) =>
      one ? `directory: ${directory}` : `${id}: ${reason} (${directory})`,
    ),
    outbox: first!.id,
    retryable: false,
    hint: newer
      ? 'Resume it with the version of parix that wrote it.'
      : 'Look up the ids in its files (parix tb lookup-transfers) before you put it aside.',
    ...(aside.length > 0 && {
      next: aside.map(({directory}) =>
        systemCommand('mv', directory, join(dirname(directory), `.aside-${basename(directory)}`)),
      ),
    }),
  })
}

/** By a rename first, so that a half-removed entry is never taken for one. */
function strikeOff(entry: Entry): void {
  const {directory} = entry
  const struck = join(dirname(directory), `${STRUCK}${basename(temporaryPath(directory))}`)
  try {
    renameSync(directory, struck)
    rmSync(struck, {recursive: true, force: true})
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT')
      throw new ParixError('FAILED', `${directory} can't be removed: ${reasonOf(error)}.`, {cause: error})
  } finally {
    release(entry)
  }
}
