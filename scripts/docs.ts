/** `npm run docs`: writes docs/commands.md from the built manifests. */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {ROOT} from './build/workspaces.js'
import {commandReference} from './docs/commands.js'

writeFileSync(join(ROOT, 'docs', 'commands.md'), commandReference())
