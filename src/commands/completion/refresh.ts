import {cacheDirectory} from '@parix/files/paths'
import {readNamedDatabases} from '@parix/kit/api'
import {ParixCommand} from '@parix/kit/command'
import {databasePages} from '@parix/kit/databases'
import {identity, writeNames} from '../../completion/database-names.js'

/** More are of no use to somebody who presses Tab. */
const NAMES_MAX = 10_000

export default class CompletionRefreshCommand extends ParixCommand<{names: string[]}> {
  static override summary = 'look up the names of databases for completion; runs in the background by itself'
  static override hidden = true
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<{names: string[]}> {
    await this.parse(CompletionRefreshCommand)
    const who = identity(process.env)
    const api = await this.api()
    const names: string[] = []
    for await (const {rows} of databasePages(api, {}, {read: readNamedDatabases})) {
      names.push(...rows.map(({name}) => name))
      if (names.length >= NAMES_MAX) break
    }
    const directory = cacheDirectory(process.env)
    if (who !== undefined && directory !== undefined) writeNames(directory, {identity: who, names})
    return {names}
  }
}
