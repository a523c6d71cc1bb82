import {type Database, hasTables} from '../store/database.js'
import type {LoadProvider} from './provider.js'
import {SHAPE, TABLES} from './tables-sql.js'

/**
 * Brings the tables up to what Better Auth and its plugins want. A new database gets them as SQL (`tables-sql.ts`) and one that has
 * the same shape is left as it is, both without loading Better Auth; one of another version is migrated by it.
 *
 * @param first what a new database is filled with, in the transaction that creates its tables
 */
export async function prepareTables(database: Database, loadProvider: LoadProvider, first: () => void): Promise<void> {
  database.exec('CREATE TABLE IF NOT EXISTS parix_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)')
  if (!hasTables(database)) {
    // Each statement would else be a transaction with a sync of its own; and a start that is killed leaves none of them.
    database.transaction(() => {
      database.exec(TABLES)
      noteShape(database, SHAPE)
      first()
    })()
    return
  }
  const noted = database.prepare("SELECT value FROM parix_meta WHERE name = 'schema'").get()
  const shape = (noted as {value: string} | undefined)?.value
  if (shape !== SHAPE) await migrate(database, loadProvider, shape)
}

async function migrate(database: Database, loadProvider: LoadProvider, shape: string | undefined): Promise<void> {
  const [provider, {migrationsOf, wantedShape}] = await Promise.all([loadProvider(), import('./provider.js')])
  const wanted = wantedShape(provider)
  if (shape === wanted) return
  const {runMigrations} = await migrationsOf(provider)
  database.exec('BEGIN')
  try {
    await runMigrations()
    noteShape(database, wanted)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function noteShape(database: Database, shape: string): void {
  database.prepare("INSERT OR REPLACE INTO parix_meta (name, value) VALUES ('schema', ?)").run(shape)
}
