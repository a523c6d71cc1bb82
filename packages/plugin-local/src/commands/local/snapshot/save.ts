import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {clean} from '@parix/kit/text'
import type {Snapshot} from '../../../local-api.js'
import {dataDirFlag, LocalCommand, localDatabase, localDataDir} from '../../../local-command.js'

export default class LocalSnapshotSaveCommand extends LocalCommand<Snapshot> {
  static override summary = 'keep what a database of the local service has now, under a name'

  static override description =
    'Accounts and transfers, not users or API keys. Payments may be under way: the snapshot has whole requests. On a file system that can share blocks between files it takes no space.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> seeded books',
    '<%= config.bin %> <%= command.id %> seeded --replace',
  ]

  static override args = {
    name: Args.string({description: 'letters, digits, ".", "_" and "-"', required: true}),
    'database-id': Args.string({description: 'id or name of the database; else PARIX_DATABASE, else the default'}),
  }

  static override flags = {
    ...dataDirFlag,
    replace: Flags.boolean({description: 'also where there is a snapshot of this name already'}),
  }

  async run(): Promise<Snapshot> {
    const {args, flags} = await this.parse(LocalSnapshotSaveCommand)
    const {api} = await this.runningApi(localDataDir(flags['data-dir']))
    const {saveSnapshot} = await import('../../../local-api.js')
    const {id} = await localDatabase(api, args['database-id'])
    const snapshot = await saveSnapshot(api, args.name, id, flags.replace)
    this.show(`Saved ${clean(snapshot.database)} as ${snapshot.name} (${snapshot.bytes} bytes).`)
    this.terminal.say(`Back to it: ${this.commandText('local snapshot restore', {args: [snapshot.name]})}`)
    return snapshot
  }
}
