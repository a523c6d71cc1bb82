import type {Config} from '@oclif/core/interfaces'
import gt from 'semver/functions/gt.js'
import {bundledPlugins} from './bundled.js'

/** A plugin whose commands run, and where they come from. */
export interface PluginInForce {
  name: string
  version: string
  /** With the CLI; installed or linked by the user, perhaps in place of a bundled one. */
  origin: 'bundled' | 'installed' | 'linked'
  /** Where it was asked for: a version, range or tag of a registry, or an address. */
  from?: string
  root: string
  commands: string[]
  /** The version that comes with the CLI, of one that the user's takes the place of. */
  bundledVersion?: string
  /** The user's is older than the bundled one. */
  outdated?: boolean
  /** Commands of it that another plugin has as well, and which do not run from here. */
  shadowed?: string[]
}

/** Every plugin in force but the CLI itself, the bundled ones first. */
export function pluginsInForce(config: Config): PluginInForce[] {
  const bundled = bundledPlugins(config)
  return config
    .getPluginsList()
    .filter((plugin) => plugin.isRoot !== true)
    .map((plugin) => {
      const origin = plugin.type === 'link' ? 'linked' : plugin.type === 'user' ? 'installed' : 'bundled'
      const bundledVersion = origin === 'bundled' ? undefined : bundled[plugin.name]
      const shadowed = plugin.commands
        .map(({id}) => id)
        .filter((id) => config.findCommand(id)?.pluginName !== plugin.name)
      return {
        name: plugin.name,
        version: plugin.version,
        origin,
        ...(plugin.tag !== undefined && {from: plugin.tag}),
        root: plugin.root,
        commands: plugin.commands.filter(({hidden}) => hidden !== true).map(({id}) => id.replaceAll(':', ' ')),
        ...(bundledVersion !== undefined && {bundledVersion, outdated: gt(bundledVersion, plugin.version)}),
        ...(shadowed.length > 0 && {shadowed: shadowed.map((id) => id.replaceAll(':', ' '))}),
      } satisfies PluginInForce
    })
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
}

function rank({origin}: PluginInForce): number {
  return ['bundled', 'installed', 'linked'].indexOf(origin)
}
