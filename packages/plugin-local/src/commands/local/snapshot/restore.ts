import * as Args from '@oclif/core/args'
import {clean} from '@parix/kit/text'
import type {Snapshot} from '../../../local-api.js'
import {dataDirFlag, LocalCommand, localDataDir} from '../../../local-command.js'

interface Restored {
  snapshot: Snapshot
  /** The snapshot of what there was; undefined where that is what was restored. */
  before?: string
}

/** Kept so that a restore can be taken back; the next restore replaces it. */
const BEFORE = 'before-restore'

export default class LocalSnapshotRestoreCommand extends LocalCommand<Restored> {
  static override summary = 'go back to a snapshot: its database has what it had then, and nothing else'

  static override description =
    `Programs that use the database go on. What it has now is kept as the snapshot ${BEFORE}, until the next restore.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> seeded',
    `<%= config.bin %> <%= command.id %> ${BEFORE}`,
  ]

  static override args = {name: Args.string({description: 'of the snapshot', required: true})}

  static override flags = {...dataDirFlag}

  async run(): Promise<Restored> {
    const {args, flags} = await this.parse(LocalSnapshotRestoreCommand)
    const {api} = await this.runningApi(localDataDir(flags['data-dir']))
    const {callLocal, restoreSnapshot, saveSnapshot} = await import('../../../local-api.js')
    const {snapshots} = await callLocal<{snapshots: Snapshot[]}>(api, 'GET', '/snapshots')
    const wanted = snapshots.find(({name}) => name === args.name)
    const isBack = args.name === BEFORE
    // A name that is unknown is refused by the restore itself.
    if (wanted && !isBack) await saveSnapshot(api, BEFORE, wanted.databaseId, true)
    const snapshot = await restoreSnapshot(api, args.name)
    this.show(`${clean(snapshot.database)} is what it was at ${snapshot.savedAt}.`)
    if (!isBack) this.terminal.say(`Undo: ${this.commandText('local snapshot restore', {args: [BEFORE]})}`)
    return {snapshot, ...(!isBack && {before: BEFORE})}
  }
}
