import {join} from 'node:path'
import {replaceFile} from '@parix/files/atomic-write'
import {notWritten} from '@parix/files/errors'
import {acquireLock, describeHolder} from '@parix/files/lock'
import {ParixError} from '@parix/kit/errors'
import {type InstalledPlugin, type PluginList, readPluginList} from '../runner/user-plugins.js'

/** What is installed and linked. @throws ParixError FAILED when the list can't be used: it is never taken for empty */
export function listPlugins(dataFolder: string): InstalledPlugin[] {
  return usableList(dataFolder).plugins
}

function usableList(dataFolder: string): PluginList {
  const list = readPluginList(dataFolder)
  if (list.problem === undefined) return list
  throw new ParixError('FAILED', `${list.problem}.`, {
    code: 'plugin_list_unusable',
    next: `Repair or remove ${join(dataFolder, 'package.json')}.`,
  })
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
  const attempt = await acquireLock(path, {stale: 'heartbeat', waitMaxMs: LOCK_WAIT_MS_MAX}).catch((error: unknown) => {
    throw notWritten(path, error)
  })
  if ('heldBy' in attempt) {
    const holder = describeHolder(attempt.heldBy.holder)
    throw new ParixError('UNAVAILABLE', `${holder} is changing the list of plugins and did not finish in time.`, {
      code: 'plugins_locked',
      retryable: true,
      hint: 'Try again. If that process hangs, end it.',
    })
  }
  try {
    writePlugins(dataFolder, change(listPlugins(dataFolder)))
  } finally {
    attempt.lock.release()
  }
}

function writePlugins(dataFolder: string, plugins: InstalledPlugin[]): void {
  const {state} = usableList(dataFolder)
  const {oclif} = state as {oclif?: Record<string, unknown>}
  const text = JSON.stringify({...state, private: true, oclif: {...oclif, schema: 1, plugins}}, null, 2)
  replaceFile(join(dataFolder, 'package.json'), `${text}\n`)
}
