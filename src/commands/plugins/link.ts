import {resolve} from 'node:path'
import * as Args from '@oclif/core/args'
import type {Config} from '@oclif/core/config'
import {dataDirectory} from '@parix/files/paths'
import {ParixCommand} from '@parix/kit/command'
import {cleanLine, excerpt} from '@parix/kit/text'
import type {Contents} from '../../plugins/install.js'

export default class PluginsLinkCommand extends ParixCommand<Contents> {
  static override summary = 'use a plugin from its source directory'
  static override description =
    'The directory is used as it is, built and with its dependencies installed: nothing is copied. Nobody else may be able to write to it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ../plugin-hello',
  ]
  static override args = {directory: Args.string({description: 'the directory with its package.json', default: '.'})}

  async run(): Promise<Contents> {
    const {args} = await this.parse(PluginsLinkCommand)
    const [{linkPlugin}, {clashesOf, additionsText}] = await Promise.all([
      import('../../plugins/install.js'),
      import('../../plugins/list.js'),
    ])
    const contents = await linkPlugin(resolve(args.directory), {
      cli: this.config as Config,
      dataDir: dataDirectory(process.env),
      environment: process.env,
    })
    this.show(`Linked ${contents.name} ${excerpt(contents.version, 60)} in ${cleanLine(contents.root)}.`)
    this.show(additionsText(contents, clashesOf(contents, this.config)))
    if (contents.commands.length === 0) this.terminal.say('If it is not built yet: npm install && npm run build')
    return contents
  }
}
