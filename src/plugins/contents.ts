import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {Plugin} from '@oclif/core/config'
import type {Manifest} from '@oclif/core/interfaces'
import {settings} from '@oclif/core/settings'
import {ParixError} from '@parix/kit/errors'

/** What a plugin brings. */
export interface Contents {
  name: string
  version: string
  root: string
  /** As typed. */
  commands: string[]
  /** Events at which its code runs whatever the command is. */
  hooks: string[]
  manifest: Manifest
}

/**
 * Loads the plugin in `root` and tells what is in it.
 *
 * @throws ParixError BAD_INPUT when it is no plugin, or can't be loaded
 */
export async function readContents(root: string): Promise<Contents> {
  if (!existsSync(join(root, 'package.json'))) throw new ParixError('BAD_INPUT', `There is no package.json in ${root}.`)
  // Plugins run as they were built.
  settings.enableAutoTranspile = false
  const plugin = new Plugin({root, type: 'link'})
  const problems: Error[] = []
  Object.assign(plugin, {
    warn: (error: Error | string) => problems.push(error instanceof Error ? error : new Error(error)),
  })
  try {
    await plugin.load()
  } catch (error) {
    problems.push(error as Error)
  }
  const name = plugin.name ?? root
  if (problems.length > 0) {
    throw new ParixError('BAD_INPUT', `${name} can't be loaded: ${problems[0]!.message.split('\n')[0]}`, {
      code: 'plugin_broken',
      cause: problems[0],
    })
  }
  if (!plugin.valid) {
    throw new ParixError('BAD_INPUT', `${name} is not a plugin: its package.json has no "oclif".`, {
      code: 'not_a_plugin',
      next: 'See docs/plugins.md, or start one: parix plugins create NAME',
    })
  }
  const visible = plugin.commands.filter(({hidden}) => hidden !== true)
  return {
    name,
    version: plugin.version,
    root,
    commands: visible.map(({id}) => id.replaceAll(':', ' ')).sort(),
    hooks: Object.keys(plugin.hooks).sort(),
    manifest: plugin.manifest,
  }
}
