import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {type RunResult, run, type TestHome} from '@parix/testkit'
import {packCli} from '../../scripts/pack/cli.js'
import {installTarball} from '../../scripts/pack/install.js'

/** The repository, whose tests these are. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** The CLI as a user has it: packed, and installed from the tarball into an empty directory without a network. */
export interface InstalledCli {
  tarball: string
  /** The installed package. */
  root: string
  bin: string
}

let installed: Promise<InstalledCli> | undefined

/** Packs and installs once for all tests of a run; removed when the process ends. */
export function installedCli(): Promise<InstalledCli> {
  installed ??= install()
  return installed
}

async function install(): Promise<InstalledCli> {
  const directory = mkdtempSync(join(tmpdir(), 'parix-installed-'))
  process.once('exit', () => rmSync(directory, {recursive: true, force: true}))
  const tarball = await packCli(directory)
  const bin = await installTarball(join(directory, 'prefix'), tarball)
  return {tarball, bin, root: join(bin, '..', '..')}
}

export interface WordsOptions {
  home: TestHome
  env?: Record<string, string | undefined>
  cwd?: string
  stdin?: string
}

/** Runs the installed CLI with these words. */
export async function installedParix(words: string | string[], options: WordsOptions): Promise<RunResult> {
  const {home, env, ...rest} = options
  const {bin} = await installedCli()
  const args = typeof words === 'string' ? words.split(' ') : words
  return run(process.execPath, [bin, ...args], {...rest, timeoutMs: 120_000, env: {...home.environment, ...env}})
}
