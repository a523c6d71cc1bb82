/** `npm run tables`: writes the tables of a new database of the local service, as SQL, after an update of Better Auth. */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {ROOT} from './build/workspaces.js'
import {tablesModule} from './tables/tables-module.js'

writeFileSync(join(ROOT, 'packages/plugin-local/src/server/identity/tables-sql.ts'), await tablesModule())
