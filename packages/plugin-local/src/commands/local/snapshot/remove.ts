import * as Args from '@oclif/core/args'
import type {Snapshot} from '../../../local-api.js'
import {dataDirFlag, LocalCommand, localDataDir} from '../../../local-command.js'

export default class LocalSnapshotRemoveCommand extends LocalCommand<{snapshot: Snapshot}> {
  static override summary = 'remove a snapshot; its database is left alone'

  static override examples = ['<%= config.bin %> <%= command.id %> seeded']

  static override args = {name: Args.string({description: 'of the snapshot', required: true})}

  static override flags = {...dataDirFlag}

  async run(): Promise<{snapshot: Snapshot}> {
    const {args, flags} = await this.parse(LocalSnapshotRemoveCommand)
    const {api} = await this.runningApi(localDataDir(flags['data-dir']))
    const {callLocal} = await import('../../../local-api.js')
    const path = `/snapshots/${encodeURIComponent(args.name)}`
    const result = await callLocal<{snapshot: Snapshot}>(api, 'DELETE', path)
    this.show(`Removed the snapshot ${result.snapshot.name}.`)
    return result
  }
}
