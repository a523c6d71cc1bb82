/**
 * `npm run bench:start [-- --runs N] [--node PATH] [--bin PATH/TO/run.js]`: what a command costs beside `node -e 0`, run in
 * turn with it. Without --bin, the tarball is packed and installed first, and measured as a user has it. Figures are medians
 * of the ratios of whole processes: CPU (user and system), then wall. NODE_EXTRA_CA_CERTS is unset: Node reads that file at
 * start, which would hide the difference.
 */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {installTarball} from '../scripts/pack/install.js'
import {type Cost, measure, median} from './start/measure.js'
import {session, startService} from './start/service.js'

const COMMANDS = [
  ...['--version', '--help', 'tb --help', 'auth status', 'database list', 'tb lookup-accounts db_1 --id 1'],
  ...['api databases', 'auth list', 'tb id', 'tb explain exceeds_credits'],
]

const {values} = parseArgs({
  options: {runs: {type: 'string'}, node: {type: 'string'}, bin: {type: 'string'}, json: {type: 'boolean'}},
})
const runs = Number(values.runs ?? 15)
const node = values.node ?? process.execPath
const home = mkdtempSync(join(tmpdir(), 'parix-bench-'))
const {baseUrl, server} = await startService()
try {
  const bin = values.bin ?? (await installTarball(join(home, 'installed')))
  process.stdout.write(`\nnode ${await nodeVersion()}, ${runs} pairs, ratio to node -e 0: CPU / wall\n\n`)
  process.stdout.write('| command | first run | warm | without cache |\n|---|---|---|---|\n')
  for (const command of COMMANDS) process.stdout.write(await row(command, bin))
} finally {
  server.close()
  rmSync(home, {recursive: true, force: true})
}

async function nodeVersion(): Promise<string> {
  const {execFileSync} = await import('node:child_process')
  return execFileSync(node, ['--version'], {encoding: 'utf8'}).trim()
}

async function row(command: string, bin: string): Promise<string> {
  const words = [bin, ...command.split(' ')]
  const first = await pairs(words, {forget: true, count: Math.max(5, Math.ceil(runs / 2))})
  const warm = await pairs(words, {forget: false, count: runs})
  const without = await pairs(words, {
    forget: false,
    count: Math.max(5, Math.ceil(runs / 2)),
    env: {PARIX_NO_CODE_CACHE: '1'},
  })
  return `| \`${command}\` | ${first} | ${warm} | ${without} |\n`
}

interface PairOptions {
  /** Whether the code cache is removed before each run. */
  forget: boolean
  count: number
  env?: Record<string, string>
}

async function pairs(words: string[], {forget, count, env = {}}: PairOptions): Promise<string> {
  const ratios: {cpu: number; wall: number}[] = []
  for (let index = -1; index < count; index += 1) {
    if (forget) rmSync(join(home, '.cache'), {recursive: true, force: true})
    const theirs = await measure(node, ['-e', '0'], environment())
    const ours = await measure(node, words, {...environment(), ...env})
    if (ours.code !== 0) throw new Error(`${words.join(' ')} ended with ${ours.code}`)
    // The first pair warms the disk.
    if (index >= 0) ratios.push(ratio(ours, theirs))
  }
  return `${median(ratios.map(({cpu}) => cpu)).toFixed(2)} / ${median(ratios.map(({wall}) => wall)).toFixed(2)}`
}

function ratio(ours: Cost, theirs: Cost): {cpu: number; wall: number} {
  return {cpu: ours.cpu / theirs.cpu, wall: ours.wall / theirs.wall}
}

/** A home of its own with a session on disk, and nothing else of this environment. */
function environment(): Record<string, string> {
  const directory = join(home, '.config', 'parix')
  mkdirSync(directory, {recursive: true, mode: 0o700})
  writeFileSync(join(directory, 'session.json'), session(baseUrl), {mode: 0o600})
  return {
    HOME: home,
    PATH: process.env.PATH ?? '',
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_CONFIG_HOME: join(home, '.config'),
  }
}
