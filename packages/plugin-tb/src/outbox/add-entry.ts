/** Puts an entry into the outbox: in a directory that nobody looks at first, which gets its name when all of it is on disk. */

import {readdirSync, rmSync, statSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {createFile, createFileSoon, makeDirectory, renameDurably, syncDirectory} from '@parix/files/atomic-write'
import {entryId, makeOutbox, type OutboxPlace, unwritable} from './directory.js'
import {batchFile, ENTRY_FILE, type Entry, type EntryFile, type NewEntry, type StreamedEntry} from './entry.js'
import {isLock, lockEntry, lockPath, release} from './entry-lock.js'

const UNFINISHED = '.new-'
/** Of an entry that is being removed. */
export const STRUCK = '.struck-'
const LEFT_OVER_KEPT_MS = 3_600_000
/** Files that the disk is at work on while the next one is made. */
const FILES_UNDER_WAY_MAX = 4

/** See `Outbox.add`. */
export function add(place: OutboxPlace, parent: string, entry: NewEntry, now: Date): Entry {
  const id = entryId(now)
  const added: Entry = {directory: join(parent, id), file: entryFile(id, entry, now), requests: new Map()}
  const unfinished = begin(place, parent, added, now)
  try {
    for (const [index, one] of entry.batches.entries()) {
      const {body} = added.file.batches[index]!
      createFile(join(unfinished, body), one.body)
      added.requests.set(body, one)
    }
    return complete(place, parent, added, unfinished)
  } catch (error) {
    throw abandoned(place, added, unfinished, error)
  }
}

/** As `add`, for requests that come one after the other and are not kept in memory. */
export async function addStreamed(place: OutboxPlace, parent: string, entry: StreamedEntry, now: Date): Promise<Entry> {
  const id = entryId(now)
  const {batches, ...head} = entry
  const file: EntryFile = {version: 1, id, ...head, createdAt: now.toISOString(), streamed: true, batches: []}
  const added: Entry = {directory: join(parent, id), file, requests: new Map()}
  const unfinished = begin(place, parent, added, now)
  const underWay: Promise<void>[] = []
  try {
    for await (const {body, events, firstId, lastId} of batches) {
      const name = `request-${String(file.batches.length + 1).padStart(6, '0')}.json`
      const written = createFileSoon(join(unfinished, name), body)
      written.catch(() => {})
      underWay.push(written)
      if (underWay.length > FILES_UNDER_WAY_MAX) await underWay.shift()
      file.batches.push({body: name, events, firstId, lastId, failedAttempts: 0})
    }
    await Promise.all(underWay)
    return complete(place, parent, added, unfinished)
  } catch (error) {
    await Promise.allSettled(underWay)
    throw abandoned(place, added, unfinished, error)
  }
}

/** @returns the directory that it is written in, until it is whole */
function begin(place: OutboxPlace, parent: string, added: Entry, now: Date): string {
  const unfinished = join(parent, UNFINISHED + added.file.id)
  makeOutbox(place)
  try {
    makeDirectory(unfinished)
    removeLeftOvers(parent, now)
    // Before anybody can see the entry: nobody may take it for one that was left behind.
    const lock = lockEntry(unfinished)
    if (isLock(lock)) added.lock = lock
    return unfinished
  } catch (error) {
    throw abandoned(place, added, unfinished, error)
  }
}

function complete(place: OutboxPlace, parent: string, added: Entry, unfinished: string): Entry {
  createFile(join(unfinished, ENTRY_FILE), JSON.stringify(added.file, null, 2))
  syncDirectory(unfinished)
  renameDurably(unfinished, added.directory)
  added.lock?.movedTo(lockPath(added.directory))
  // New directories are durable when the one that they are in is.
  for (const path of [dirname(parent), place.path, dirname(place.path)]) syncDirectory(path)
  return added
}

function abandoned(place: OutboxPlace, added: Entry, unfinished: string, error: unknown): unknown {
  release(added)
  rmSync(unfinished, {recursive: true, force: true})
  return unwritable(place.path, error)
}

function entryFile(id: string, {batches, ...rest}: NewEntry, now: Date): EntryFile {
  const digits = String(batches.length).length
  return {
    version: 1,
    id,
    ...rest,
    createdAt: now.toISOString(),
    batches: batches.map(({records}, index) =>
      batchFile(`request-${String(index + 1).padStart(digits, '0')}.json`, records),
    ),
  }
}

/** What a process left that died while it wrote (it never had its name, so nothing of it was sent) or cleared away. */
function removeLeftOvers(parent: string, now: Date): void {
  for (const name of readdirSync(parent).filter((one) => one.startsWith('.') || one.endsWith('.tmp'))) {
    const path = join(parent, name)
    if (![UNFINISHED, STRUCK].some((prefix) => name.startsWith(prefix)) && !name.endsWith('.tmp')) continue
    const age = now.getTime() - (statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? now.getTime())
    if (age > LEFT_OVER_KEPT_MS) rmSync(path, {recursive: true, force: true})
  }
}
