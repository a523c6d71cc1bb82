import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {Plugin} from '@oclif/core/config'
import {pluginWorkspaces, type Workspace} from './workspaces.js'

/** What oclif reads instead of loading every command on every start. */
export interface Manifest {
  commands: Record<string, {id: string} & Record<string, unknown>>
  version: string
}

/** Writes `oclif.manifest.json` beside each package.json that brings commands, from its built lib/. */
export async function writeManifests(): Promise<void> {
  for (const workspace of pluginWorkspaces()) {
    const path = join(workspace.directory, 'oclif.manifest.json')
    const text = `${JSON.stringify(await makeManifest(workspace), null, 2)}\n`
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
  }
}

/**
 * The manifest of a package, as oclif's own tool makes it, from @oclif/core alone.
 *
 * @throws Error that names the command which can't be loaded
 */
export async function makeManifest({directory, json}: Workspace): Promise<Manifest> {
  if (!existsSync(join(directory, 'lib', 'commands'))) return {commands: {}, version: json.version}
  const plugin = new Plugin({
    root: directory,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  })
  await plugin.load()
  const commands = Object.entries(plugin.manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1))
  return {commands: Object.fromEntries(commands), version: json.version} as Manifest
}
