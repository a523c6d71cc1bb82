/**
 * `npm run build`: types and lib/ of every workspace, the command manifests, and the bundle that the CLI runs from.
 * Quick when little changed: tsc is incremental, and nothing is done when no input is newer than the last build.
 * A type error does not keep the rest from being built, but the build fails.
 */
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {bundle, writeStamp} from './build/bundle.js'
import {writeEngine} from './build/got.js'
import {linkWorkspaces} from './build/links.js'
import {writeManifests} from './build/manifest.js'
import {writeServiceProcess} from './build/service-process.js'
import {removeStaleOutputs} from './build/stale.js'
import {isFresh} from './build/stamp.js'
import {ROOT} from './build/workspaces.js'

if (process.argv.includes('--if-stale') && isFresh()) process.exit(0)

const started = performance.now()
removeStaleOutputs()
linkWorkspaces()
const typescript = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b'], {
  cwd: ROOT,
  stdio: 'inherit',
})
await writeEngine()
await writeServiceProcess()
await writeManifests()
const bundled = await bundle()
if (typescript.status === 0) writeStamp(bundled)
process.stderr.write(`built in ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
process.exitCode = typescript.status ?? 1
