import {packages} from 'parix:baked'
import type {Config, Plugin} from '@oclif/core/config'
import {normalizeArgv} from '@oclif/core/help'
import {BakedConfig} from './baked-config.js'
import {BakedPlugin} from './baked-plugin.js'
import type {InstalledPlugin} from './user-plugins.js'

export interface Surroundings {
  root: string
  installed: InstalledPlugin[]
}

/** oclif's `run`, step by step, over a configuration that is baked. */
export async function runCommandLine(argv: string[], {root}: Surroundings): Promise<void> {
  const config = await loadConfig(root)
  const [id = '', ...rest] = normalizeArgv(config, argv)
  await config.runHook('init', {argv: rest, id})
  const command = config.findCommand(id)
  await config.runCommand(id, rest, command ?? null)
}

async function loadConfig(root: string): Promise<Config> {
  const plugins = new Map<string, Plugin>()
  for (const [index, baked] of packages.entries()) {
    plugins.set(baked.json.name, new BakedPlugin(baked, root, index === 0))
  }
  const config = new BakedConfig({root, plugins, devPlugins: false, userPlugins: false})
  await config.load()
  return config
}
