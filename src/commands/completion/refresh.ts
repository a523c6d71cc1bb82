import {cacheDirectory} from '@parix/files/paths'
import {readNamedDatabases} from '@parix/kit/api'
import {ParixCommand} from '@parix/kit/command'
import {identity, writeNames} from '../../completion/database-names.js'

export default class CompletionRefreshCommand extends ParixCommand<{names: string[]}> {
  static override summary = 'look up the names of databases for completion; run in the background by itself'
  static override hidden = true
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<{names: string[]}> {
    await this.parse(CompletionRefreshCommand)
    const who = identity(process.env)
    const api = await this.api()
    const databases = await api.get('/databases', {}, readNamedDatabases)
    const names = databases.map(({name}) => name)
    const directory = cacheDirectory(process.env)
    if (who !== undefined && directory !== undefined) writeNames(directory, {identity: who, names})
    return {names}
  }
}
