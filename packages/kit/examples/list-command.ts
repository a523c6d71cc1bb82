import {readDatabaseList} from '@parix/kit/api'
import {ParixCommand} from '@parix/kit/command'
import type {DatabaseRow} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'

export default class ReportCommand extends ParixCommand<{databases: DatabaseRow[]}> {
  static override summary = 'list the databases that are not ready'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<{databases: DatabaseRow[]}> {
    await this.parse(ReportCommand)
    const api = await this.api()
    const {databases} = await api.get('/databases', {limit: 100}, readDatabaseList)
    if (databases.length === 0) {
      throw new ParixError('NOT_FOUND', 'There is no database yet.', {next: 'parix database create NAME'})
    }
    const waiting = databases.filter(({status}) => status !== 'READY')
    this.show({
      columns: ['NAME', 'STATUS'],
      rows: waiting.map(({name, status}) => [name, status]),
      whenEmpty: 'All databases are ready.',
    })
    return {databases: waiting}
  }
}
