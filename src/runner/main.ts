import modules from 'parix:modules'
import {Plugin} from '@oclif/core/config'
import {type BundledPackage, bundledCatalog, bundledPackages} from './bundled.js'
import {runCli} from './cli.js'
import type {Guard} from './guard.js'

/**
 * What bin/run.js runs when more than a fast answer is wanted: the CLI, over the plugins that the build put into the bundle.
 *
 * @param argv without node and the script
 * @param root the directory of the installed CLI
 */
export async function main(argv: string[], root: string, guard: Guard): Promise<void> {
  // oclif loads commands, hooks and the help class from dist/oclif.cjs, which hands out this table.
  Object.assign(globalThis, {[Symbol.for('@parix/cli')]: modules})
  const plugins = (id?: string) =>
    Promise.all(bundledPackages(id).map((one, index) => bundledPlugin(one, root, index === 0)))
  await runCli({argv, root, guard, bundled: {catalog: bundledCatalog(), plugins}})
}

/** Its commands are found by oclif's `explicit` discovery, in the table of the bundle; its manifest is in memory. */
async function bundledPlugin({json, manifest}: BundledPackage, root: string, isRoot: boolean): Promise<Plugin> {
  // `isRoot`, so that oclif takes the package.json that it is given, and looks for no other.
  const plugin = new Plugin({isRoot: true, name: json.name, pjson: json, root, type: 'core'})
  // The table that oclif would load from dist/oclif.cjs, which it would look for first.
  Object.assign(plugin, {_manifest: async () => manifest, commandCache: modules[json.name]})
  await plugin.load()
  plugin.commandIDs = Object.keys(manifest.commands)
  plugin.isRoot = isRoot
  return plugin
}
