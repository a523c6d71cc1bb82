import {closeSync, openSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import type Libsql from 'libsql'
import {ServiceFault} from '../faults.js'
import {FILES} from './folder.js'

/** The embedded SQL store: synchronous, one connection, shaped like better-sqlite3. */
export type Database = Libsql.Database

/**
 * Opens the database of `dataDir` for this process alone. SQLite's own lock says who has it: the kernel frees it when the
 * process dies, so nothing stale is ever left behind.
 *
 * @throws ServiceFault DATA_DIR_IN_USE when another process has it open, DATA_DIR_UNUSABLE when it can't be read
 */
export function openDatabase(dataDir: string): Database {
  const path = join(dataDir, FILES.database)
  const LibsqlDatabase = createRequire(import.meta.url)('libsql') as new (path: string) => Database
  try {
    // SQLite gives its side files the mode of the database file.
    closeSync(openSync(path, 'a', 0o600))
    const database = new LibsqlDatabase(path)
    database.pragma('locking_mode = EXCLUSIVE')
    database.pragma('journal_mode = WAL')
    // A rotated refresh token that is lost with the power signs its owner out: every commit is on disk before its answer.
    database.pragma('synchronous = FULL')
    database.exec('BEGIN EXCLUSIVE; COMMIT')
    return database
  } catch (error) {
    if (/^SQLITE_(BUSY|LOCKED)/.test(String((error as {code?: unknown}).code))) {
      throw new ServiceFault('DATA_DIR_IN_USE', `Another service is using ${dataDir}.`, {cause: error})
    }
    const reason = error instanceof Error ? error.message : String(error)
    throw new ServiceFault('DATA_DIR_UNUSABLE', `The database ${path} can't be opened: ${reason}`, {cause: error})
  }
}
