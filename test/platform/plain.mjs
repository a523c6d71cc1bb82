// The CLI of lib/, whose plugins oclif finds by itself, without the bundle: what the bundle must not differ from.
import {fileURLToPath} from 'node:url'
import {runCli} from '../../lib/runner/cli.js'
import {guardProcess} from '../../lib/runner/guard.js'

const argv = process.argv.slice(2)
await runCli({
  argv,
  root: fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, ''),
  guard: guardProcess(argv),
})
