/** The snapshots on disk: each a directory with a copy of a ledger and a description, which appears whole or not at all. */

import {randomBytes} from 'node:crypto'
import {mkdirSync, readdirSync, renameSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {Snapshot} from '@parix/ledger'
import {FILES, readPrivateFile, writePrivateFile} from '../store/data-directory.js'

export interface SavedSnapshot {
  name: string
  databaseId: string
  /** As the database was called then. */
  database: string
  /** ISO 8601, UTC. */
  savedAt: string
  place: Snapshot
}

const DESCRIPTION = 'snapshot.json'

/** What a name may be: it is a name of a directory, on every system. */
export const SNAPSHOT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

export interface SnapshotFiles {
  /** By name. */
  list(): SavedSnapshot[]
  find(name: string): SavedSnapshot | undefined
  /** Where its copy of the ledger is. */
  directory(name: string): string
  /** @param copy puts the copy of the ledger into a directory. Whatever had the name is replaced */
  add(snapshot: SavedSnapshot, copy: (directory: string) => void): void
  remove(name: string): void
}

/** The snapshots of one organization. */
export function openSnapshotFiles(dataDir: string, organizationId: string): SnapshotFiles {
  const dir = join(dataDir, FILES.snapshots, organizationId)
  const directory = (name: string) => join(dir, name)
  const find = (name: string) => (SNAPSHOT_NAME.test(name) ? read(directory(name)) : undefined)
  return {
    find,
    directory,
    list: () =>
      names(dir)
        .map(find)
        .filter((snapshot) => snapshot !== undefined)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    add(snapshot, copy) {
      mkdirSync(dir, {recursive: true, mode: 0o700})
      // No snapshot is called like this: a name begins with a letter or a digit.
      const draft = join(dir, `.${randomBytes(6).toString('hex')}`)
      mkdirSync(draft, {mode: 0o700})
      try {
        copy(draft)
        writePrivateFile(draft, DESCRIPTION, `${JSON.stringify(snapshot, null, 2)}\n`)
        rmSync(directory(snapshot.name), {recursive: true, force: true})
        renameSync(draft, directory(snapshot.name))
      } finally {
        rmSync(draft, {recursive: true, force: true})
      }
    },
    remove: (name) => rmSync(directory(name), {recursive: true, force: true}),
  }
}

function names(directory: string): string[] {
  if (!statSync(directory, {throwIfNoEntry: false})) return []
  return readdirSync(directory).filter((name) => SNAPSHOT_NAME.test(name))
}

function read(directory: string): SavedSnapshot | undefined {
  const text = readPrivateFile(directory, DESCRIPTION)
  return text === undefined ? undefined : (JSON.parse(text) as SavedSnapshot)
}
