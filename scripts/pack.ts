/**
 * `npm run pack [-- --out DIR]`: parix-X.Y.Z.tgz, the whole CLI with nothing left to fetch:
 * `npm i -g ./parix-X.Y.Z.tgz --offline` installs it. docs/releasing.md says what is in it.
 */
import {statSync} from 'node:fs'
import {resolve} from 'node:path'
import {parseArgs} from 'node:util'
import {ROOT} from './build/workspaces.js'
import {packCli} from './pack/cli.js'

const {values} = parseArgs({options: {out: {type: 'string'}}})
const tarball = await packCli(resolve(values.out ?? ROOT))
process.stdout.write(`${tarball} (${(statSync(tarball).size / 1e6).toFixed(1)} MB)\n`)
