import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import type {ListedPlugin} from '../plugins/list.js'

/** `--json`: the versions, and with `--verbose` the plugins. */
export interface Version {
  parix: string
  node: string
  platform: string
  arch: string
  root?: string
  plugins?: ListedPlugin[]
}

export default class VersionCommand extends ParixCommand<Version> {
  static override summary = 'the version of parix, and of what it runs on'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --verbose --json',
  ]
  static override flags = {verbose: Flags.boolean({description: 'also list the plugins and their directories'})}

  async run(): Promise<Version> {
    const {flags} = await this.parse(VersionCommand)
    const {version, platform, arch, root} = this.config
    const result: Version = {parix: version, node: process.version, platform, arch}
    if (!flags.verbose) {
      this.show(`parix ${version} (${platform}-${arch}, node ${process.version})`)
      return result
    }
    const {listedPlugins} = await import('../plugins/list.js')
    const plugins = listedPlugins(this.config)
    this.show({
      details: [
        ['parix', version],
        ['node', process.version],
        ['system', `${platform}-${arch}`],
        ['directory', root],
      ],
    })
    this.show(
      `\n${plugins.map(({name, version: own, origin, root: at}) => `${name} ${own} (${origin}) ${at}`).join('\n')}`,
    )
    return {...result, root, plugins}
  }
}
