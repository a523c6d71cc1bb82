import {dataDirFlag, LocalCommand, localDataDir, toLocalError} from '../../local-command.js'
import type {Stopped} from '../../stopping.js'

export default class LocalStop extends LocalCommand<Stopped> {
  static override summary = 'stop the local service; its data stay'

  static override examples = ['<%= config.bin %> <%= command.id %>']

  static override flags = {...dataDirFlag}

  async run(): Promise<Stopped> {
    const {flags} = await this.parse(LocalStop)
    const dataDir = localDataDir(flags['data-dir'])
    const {stopService} = await import('../../stopping.js')
    const result = await stopService(dataDir).catch((error: unknown) => {
      throw toLocalError(error, dataDir)
    })
    this.show(
      result.stopped
        ? `Stopped the local service (process ${result.pid}). Its data stay in ${dataDir}.`
        : `No local service is running on ${dataDir}.`,
    )
    return result
  }
}
