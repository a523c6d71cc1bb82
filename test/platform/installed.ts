import {cpSync, existsSync, mkdtempSync, renameSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {acquireLock} from '@parix/files/lock'
import {type RunResult, startProgram, type TestHome} from '@parix/testkit'
import {packCli} from '../../scripts/pack/cli.js'
import {installedBin, installTarball} from '../../scripts/pack/install.js'

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

/** Packs and installs once for all tests of a run; each process of tests has a copy of its own, which is removed when it ends. */
export function installedCli(): Promise<InstalledCli> {
  installed ??= install()
  return installed
}

async function install(): Promise<InstalledCli> {
  const directory = mkdtempSync(join(tmpdir(), 'parix-installed-'))
  process.once('exit', () => rmSync(directory, {recursive: true, force: true}))
  const shared = process.env.PARIX_TEST_TMPDIR
  if (shared === undefined) await installInto(directory)
  else cpSync(await installedOnce(join(shared, 'installed')), directory, {recursive: true, verbatimSymlinks: true})
  const bin = installedBin(join(directory, 'prefix'))
  return {tarball: join(directory, TARBALL), bin, root: join(bin, '..', '..')}
}

const TARBALL = 'cli.tgz'

async function installInto(directory: string): Promise<void> {
  renameSync(await packCli(directory), join(directory, TARBALL))
  await installTarball(join(directory, 'prefix'), join(directory, TARBALL))
}

/** Whichever process of the run comes first makes it, and the others wait. */
async function installedOnce(directory: string): Promise<string> {
  const attempt = await acquireLock(`${directory}.lock`, {stale: 'process', waitMaxMs: 240_000})
  if (!('lock' in attempt))
    throw new Error(`another process of this run has been installing the CLI into ${directory} for four minutes`)
  try {
    if (!existsSync(directory)) {
      const unfinished = mkdtempSync(`${directory}-`)
      await installInto(unfinished)
      renameSync(unfinished, directory)
    }
  } finally {
    attempt.lock.release()
  }
  return directory
}

export interface WordsOptions {
  home: TestHome
  env?: Record<string, string | undefined>
  cwd?: string
  stdin?: string
}

/** Runs the installed CLI with these words. */
export async function installedParix(words: string | string[], options: WordsOptions): Promise<RunResult> {
  const {home, env = {}, ...rest} = options
  const {bin} = await installedCli()
  const args = typeof words === 'string' ? words.split(' ') : words
  return startProgram([bin], args, {home, ...rest, env, timeoutMs: 120_000}).result
}
