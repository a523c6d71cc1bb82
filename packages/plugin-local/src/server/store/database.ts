import {closeSync, openSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import type Libsql from 'libsql'
import {dataDirFault, ServiceFault} from '../faults.js'
import {FILES} from './data-directory.js'

/** The embedded SQL store: synchronous, one connection, shaped like better-sqlite3. */
export type Database = Libsql.Database

/** How long a start waits for the lock: `status` holds it for a moment when it looks whether anybody does. */
const LOCK_WAIT_MS = 500

/**
 * Opens the database of `dataDir` for this process alone. SQLite's own lock says who has it: the kernel frees it when the
 * process dies, so nothing stale is ever left behind.
 *
 * @throws ServiceFault DATA_DIR_IN_USE when another process has it open, DATA_DIR_UNUSABLE when it can't be read
 */
export function openDatabase(dataDir: string, {lockWaitMs = LOCK_WAIT_MS, durable = true} = {}): Database {
  const path = join(dataDir, FILES.database)
  let database: Database | undefined
  try {
    // SQLite gives its side files the mode of the database file.
    closeSync(openSync(path, 'a', 0o600))
    const LibsqlDatabase = createRequire(import.meta.url)('libsql') as new (path: string) => Database
    database = new LibsqlDatabase(path)
    // A rotated refresh token that is lost with the power signs its owner out: `synchronous = FULL` has every commit on
    // disk before its response. Nobody comes back to a directory that goes with its service.
    database.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'OFF'}; PRAGMA busy_timeout = ${lockWaitMs};
      PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; COMMIT`)
    return database
  } catch (error) {
    database?.close()
    if (/^SQLITE_(BUSY|LOCKED)/.test(String((error as {code?: unknown}).code))) {
      throw new ServiceFault('DATA_DIR_IN_USE', `Another service is using ${dataDir}.`, {cause: error})
    }
    throw dataDirFault(`The database ${path}`, error) ?? error
  }
}

/**
 * Closes the database and gives the lock back. Closing alone doesn't: libsql keeps the connection until the last statement
 * that was prepared on it is garbage, and with it an exclusive lock.
 */
export function closeDatabase(database: Database): void {
  try {
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM sqlite_master')
  } finally {
    database.close()
  }
}

/** Whether a start on this database has got as far as to create the tables of the people. */
export function hasTables(database: Database): boolean {
  return database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'user'").get() !== undefined
}
