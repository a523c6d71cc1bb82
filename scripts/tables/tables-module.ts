import {createRequire} from 'node:module'
import {createProvider, migrationsOf, wantedShape} from '../../packages/plugin-local/src/server/identity/provider.js'
import type {Database} from '../../packages/plugin-local/src/server/store/database.js'

/** The text of packages/plugin-local/src/server/identity/tables-sql.ts: what Better Auth would do to an empty database, as SQL. */
export async function tablesModule(): Promise<string> {
  const Libsql = createRequire(import.meta.url)('libsql') as new (path: string) => Database
  const database = new Libsql(':memory:')
  try {
    const provider = createProvider({
      database,
      secrets: {installationId: '00000000', authSecret: 'x'.repeat(43)},
      hosts: ['localhost:1'],
      accessTokenLifeS: 1,
      refreshTokenLifeS: 1,
      log: () => undefined,
    })
    const {compileMigrations} = await migrationsOf(provider)
    const statements = (await compileMigrations()).split(/;\s*/).filter((statement) => statement !== '')
    return `// Written by \`npm run tables\` from Better Auth and its options in provider.ts. A test fails when it is stale.

/** The tables of a new database, as Better Auth would create them. */
export const TABLES = \`
${statements.map((statement) => `${statement};\n`).join('')}\`

/** What \`wantedShape\` gives for them. */
export const SHAPE = '${wantedShape(provider)}'
`
  } finally {
    database.close()
  }
}
