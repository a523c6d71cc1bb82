import {packages} from 'parix:baked'
import type {Config, Plugin} from '@oclif/core/config'
import {BakedConfig} from './baked-config.js'
import {BakedPlugin} from './baked-plugin.js'
import {systemHome} from './folders.js'
import type {InstalledPlugin} from './user-plugins.js'

export interface Surroundings {
  /** The folder of the installed CLI. */
  root: string
  installed: InstalledPlugin[]
}

/** oclif's configuration over the baked plugins, and the user's where there are any: a copy of the user's takes the place of the baked one. */
export async function loadConfig({root, installed}: Surroundings): Promise<Config> {
  const plugins = new Map<string, Plugin>()
  if (installed.length > 0) {
    const {loadUserPlugins} = await import('./load-user-plugins.js')
    for (const plugin of await loadUserPlugins(installed)) plugins.set(plugin.name, plugin)
  }
  for (const [index, baked] of packages.entries()) {
    const plugin = new BakedPlugin(baked, root, index === 0)
    if (!plugins.has(plugin.name)) plugins.set(plugin.name, plugin)
  }
  const config = new BakedConfig({root, plugins, devPlugins: false, userPlugins: false})
  await knowingTheUser(() => config.load())
  return config
}

/**
 * oclif asks the system for the user's home and shell, and ends where the system knows no such user, as in some containers.
 * Commands that keep nothing, as with an API key, can do without.
 */
async function knowingTheUser(load: () => Promise<void>): Promise<void> {
  const {HOME, SHELL} = process.env
  if (HOME || systemHome() !== '/dev/null') return load()
  process.env.HOME = systemHome()
  process.env.SHELL ??= ''
  await load()
  restore('HOME', HOME)
  restore('SHELL', SHELL)
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}
