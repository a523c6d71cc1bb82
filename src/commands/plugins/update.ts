import * as Args from '@oclif/core/args'
import type {Config} from '@oclif/core/config'
import {dataDirectory} from '@parix/files/paths'
import {ParixCommand} from '@parix/kit/command'
import {parseDuration} from '@parix/kit/duration'
import {INSTALL_FLAGS} from '../../plugins/install-flags.js'
import {bundledPlugins} from '../../plugins/list.js'

export interface UpdateResult {
  updated: {name: string; from?: string; to: string}[]
}

export default class PluginsUpdateCommand extends ParixCommand<UpdateResult> {
  static override summary = 'update installed plugins, each within the version, range or tag it was installed with'
  static override description =
    'A plugin that was installed with an exact version stays at it. Linked plugins are not changed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> parix-plugin-hello',
  ]
  static override args = {plugin: Args.string({description: 'one plugin; all of them when left out'})}
  static override flags = INSTALL_FLAGS

  async run(): Promise<UpdateResult> {
    const {args, flags} = await this.parse(PluginsUpdateCommand)
    const [{listPlugins}, {installPlugin}, {findInstalled}] = await Promise.all([
      import('../../plugins/list.js'),
      import('../../plugins/install.js'),
      import('../../plugins/list.js'),
    ])
    const dataDir = dataDirectory(process.env)
    const installed = listPlugins(dataDir)
    const chosen =
      args.plugin === undefined
        ? installed
        : [findInstalled(args.plugin, installed, Object.keys(bundledPlugins(this.config)))]
    const updated: UpdateResult['updated'] = []
    for (const {name, tag, url} of chosen.filter(({type}) => type === 'user')) {
      const spec = url ?? `${name}@${tag ?? 'latest'}`
      const done = this.terminal.waiting(`Updating ${name} …`)
      const {version, replaced} = await installPlugin(
        {kind: url === undefined ? 'registry' : 'address', spec, ...(tag !== undefined && {tag})},
        {
          cli: this.config as Config,
          dataDir,
          allowScripts: flags['allow-scripts'],
          allowGit: flags['allow-git'],
          timeoutMs: parseDuration('--timeout', flags.timeout),
          environment: process.env,
        },
      ).finally(done)
      this.show(
        replaced === version ? `${name} ${version} is the newest.` : `${name}: ${replaced ?? 'broken'} → ${version}`,
      )
      updated.push({name, to: version, ...(replaced !== undefined && {from: replaced})})
    }
    if (updated.length === 0) this.terminal.say('Nothing is installed that could be updated.')
    return {updated}
  }
}
