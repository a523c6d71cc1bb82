import {dataDirectory} from '@parix/files/paths'
import {ParixCommand} from '@parix/kit/command'

export interface ResetResult {
  removed: string[]
}

export default class PluginsResetCommand extends ParixCommand<ResetResult> {
  static override summary = 'remove every plugin that was installed or linked'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<ResetResult> {
    await this.parse(PluginsResetCommand)
    const [{forgetPlugin, listPlugins}, {removeDirectoryOf}] = await Promise.all([
      import('../../plugins/list.js'),
      import('../../plugins/install.js'),
    ])
    const dataDir = dataDirectory(process.env)
    const removed: string[] = []
    for (const plugin of listPlugins(dataDir)) {
      await forgetPlugin(dataDir, plugin.name)
      if (plugin.type === 'user') removeDirectoryOf(plugin, dataDir)
      this.show(`${plugin.type === 'link' ? 'Unlinked' : 'Uninstalled'} ${plugin.name}.`)
      removed.push(plugin.name)
    }
    if (removed.length === 0) this.terminal.say('Nothing is installed or linked.')
    return {removed}
  }
}
