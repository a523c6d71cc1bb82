import {createHash} from 'node:crypto'
import type {Provider} from '../identity/provider.js'
import type {Database} from './database.js'

/**
 * Brings the tables up to what Better Auth and its plugins want. Looking at every table takes a while, so the wanted shape
 * is noted, and a start that wants the same shape as the last one goes straight on.
 */
export async function migrate(database: Database, provider: Provider): Promise<void> {
  database.exec('CREATE TABLE IF NOT EXISTS parix_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)')
  const {getSchema} = await import('better-auth/db')
  const wanted = createHash('sha256')
    .update(JSON.stringify(getSchema(provider.options)))
    .digest('base64url')
  const noted = database.prepare("SELECT value FROM parix_meta WHERE name = 'schema'").get() as
    | {value: string}
    | undefined
  if (noted?.value === wanted) return
  const {getMigrations} = await import('better-auth/db/migration')
  const {runMigrations} = await getMigrations(provider.options)
  await runMigrations()
  database.prepare("INSERT OR REPLACE INTO parix_meta (name, value) VALUES ('schema', ?)").run(wanted)
}
