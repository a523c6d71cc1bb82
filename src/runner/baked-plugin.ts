import {commands} from 'parix:baked'
import type {Command} from '@oclif/core/command'
import {Plugin} from '@oclif/core/config'
import type {PJSON} from '@oclif/core/interfaces'

/** A package as the build found it: its package.json, and the manifest of its commands. */
export interface BakedPackage {
  json: PJSON
  manifest: {commands: Record<string, Command.Cached>; version: string}
}

/** A plugin of oclif's that reads nothing: its manifest and its commands are in the bundle. */
export class BakedPlugin extends Plugin {
  constructor(
    private readonly baked: BakedPackage,
    root: string,
    isRoot: boolean,
  ) {
    super({root, isRoot, name: baked.json.name, pjson: baked.json, type: 'core'})
    const {json, manifest} = baked
    this.root = root
    this.isRoot = isRoot
    this.type = 'core'
    this.pjson = json
    this.name = json.name
    this.alias = json.name
    this.version = json.version
    this.moduleType = 'module'
    this.valid = true
    this.hasManifest = true
    // The baked hooks are run by BakedConfig: oclif would look for their files.
    this.hooks = {}
    this.manifest = manifest
    this.commandIDs = Object.keys(manifest.commands)
    this.commands = this.commandIDs.map((id) => ({
      ...manifest.commands[id]!,
      pluginAlias: this.alias,
      pluginType: 'core',
      load: () => this.findCommand(id, {must: true}),
    }))
  }

  override async load(): Promise<void> {}

  override findCommand(id: string, opts: {must: true}): Promise<Command.Class>
  override findCommand(id: string, opts?: {must: boolean}): Promise<Command.Class | undefined>
  override async findCommand(id: string, opts?: {must: boolean}): Promise<Command.Class | undefined> {
    const load = id in this.baked.manifest.commands ? commands[id] : undefined
    if (load === undefined) {
      if (opts?.must === true) throw new Error(`command ${id} not found`)
      return undefined
    }
    const command = (await load()).default as Command.Class
    command.id = id
    command.plugin = this
    return command
  }
}
