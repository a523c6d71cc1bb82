import {mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {ParixError} from '@parix/kit/errors'
import {acquireLock} from '@parix/kit/lock'
import type {InstalledPlugin} from '../runner/user-plugins.js'

/** The data folder's package.json: oclif's own form, so that any oclif can load what is listed there. */
interface State {
  private?: boolean
  oclif?: {schema?: number; plugins?: InstalledPlugin[]}
  [key: string]: unknown
}

/** What is installed and linked. @throws ParixError FAILED when the file can't be understood */
export function listPlugins(dataFolder: string): InstalledPlugin[] {
  return (readState(dataFolder).oclif?.plugins ?? []).filter((plugin) => typeof plugin === 'object')
}

/** Puts `plugin` in the place of one of the same name, or adds it. */
export function rememberPlugin(dataFolder: string, plugin: InstalledPlugin): Promise<void> {
  return changePlugins(dataFolder, (plugins) => [...plugins.filter(({name}) => name !== plugin.name), plugin])
}

export function forgetPlugin(dataFolder: string, name: string): Promise<void> {
  return changePlugins(dataFolder, (plugins) => plugins.filter((plugin) => plugin.name !== name))
}

const LOCK_WAIT_MS_MAX = 30_000

/** One process at a time: of two that install at once, neither may lose the other's entry. */
async function changePlugins(
  dataFolder: string,
  change: (plugins: InstalledPlugin[]) => InstalledPlugin[],
): Promise<void> {
  const path = join(dataFolder, 'plugins.lock')
  const lock = await acquireLock({path, fallbackPath: path, waitMaxMs: LOCK_WAIT_MS_MAX, onWait: () => {}})
  try {
    writePlugins(dataFolder, change(listPlugins(dataFolder)))
  } finally {
    lock.release()
  }
}

function writePlugins(dataFolder: string, plugins: InstalledPlugin[]): void {
  const state = readState(dataFolder)
  const path = join(dataFolder, 'package.json')
  const text = JSON.stringify({...state, private: true, oclif: {...state.oclif, schema: 1, plugins}}, null, 2)
  mkdirSync(dataFolder, {recursive: true, mode: 0o700})
  writeFileSync(`${path}.${process.pid}`, `${text}\n`, {mode: 0o600})
  renameSync(`${path}.${process.pid}`, path)
}

function readState(dataFolder: string): State {
  const path = join(dataFolder, 'package.json')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
  try {
    return JSON.parse(text) as State
  } catch (error) {
    throw new ParixError('FAILED', `${path}, the list of plugins, is damaged.`, {
      next: `Repair or remove it: ${path}`,
      cause: error,
    })
  }
}
