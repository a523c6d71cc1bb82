import type {Snapshot} from '../../../local-api.js'
import {dataDirFlag, LocalCommand, localDataDir} from '../../../local-command.js'

export default class LocalSnapshotListCommand extends LocalCommand<{snapshots: Snapshot[]}> {
  static override summary = 'list the snapshots of the local service'

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  static override flags = {...dataDirFlag}

  async run(): Promise<{snapshots: Snapshot[]}> {
    const {flags} = await this.parse(LocalSnapshotListCommand)
    const {api} = await this.runningApi(localDataDir(flags['data-dir']))
    const {callLocal} = await import('../../../local-api.js')
    const result = await callLocal<{snapshots: Snapshot[]}>(api, 'GET', '/snapshots')
    this.show({
      columns: ['NAME', 'DATABASE', 'SAVED', {name: 'BYTES', align: 'right'}],
      rows: result.snapshots.map(({name, database, savedAt, bytes}) => [name, database, savedAt, bytes]),
      whenEmpty: 'There are no snapshots yet. Save one: parix local snapshot save NAME DATABASE',
    })
    return result
  }
}
