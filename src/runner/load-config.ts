import {packages} from 'parix:baked'
import type {Config, Plugin} from '@oclif/core/config'
import {BakedConfig} from './baked-config.js'
import {BakedPlugin} from './baked-plugin.js'
import type {Surroundings} from './command-line.js'

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
  await config.load()
  return config
}
