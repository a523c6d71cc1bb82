import {join} from 'node:path'
import {Plugin} from '@oclif/core/config'
import {takeCompiledCode} from './compiled-plugins.js'
import {folder} from './folders.js'
import type {InstalledPlugin} from './user-plugins.js'

/**
 * The user's plugins, loaded by oclif's own class. One that can't be loaded is named on stderr, with the way out, and left
 * aside: the others go on working.
 */
export async function loadUserPlugins(installed: InstalledPlugin[]): Promise<Plugin[]> {
  takeCompiledCode()
  const loaded = await Promise.all(installed.map(loadOne))
  return loaded.filter((plugin) => plugin !== undefined)
}

async function loadOne({name, type, tag, root}: InstalledPlugin): Promise<Plugin | undefined> {
  const plugin = new Plugin({name, type, tag, root: root ?? join(folder('data'), 'package.json')})
  const problems: string[] = []
  // oclif would print a warning of Node's, with a stack, for each command that can't be loaded.
  Object.assign(plugin, {
    warn: (error: Error | string) => problems.push(typeof error === 'string' ? error : error.message),
  })
  try {
    await plugin.load()
  } catch (error) {
    problems.push((error as Error).message)
  }
  for (const problem of problems.slice(0, 1)) sayBroken(name, problem)
  return plugin.commands === undefined ? undefined : plugin
}

function sayBroken(name: string, problem: string): void {
  const [line] = problem.split('\n')
  process.stderr.write(`Plugin ${name} can't be loaded: ${line}\n  parix plugins uninstall ${name}\n`)
}
