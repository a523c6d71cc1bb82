import {dataDirFlag, LocalCommand, localDataDir, toLocalError} from '../../local-command.js'
import type {Stopped} from '../../stopping.js'

export default class LocalStopCommand extends LocalCommand<Stopped> {
  static override summary = 'stop the local service and keep its data'

  static override examples = ['<%= config.bin %> <%= command.id %>']

  static override flags = {...dataDirFlag}

  async run(): Promise<Stopped> {
    const {flags} = await this.parse(LocalStopCommand)
    const dataDir = localDataDir(flags['data-dir'])
    const {stopService} = await import('../../stopping.js')
    const result = await stopService(dataDir).catch((error: unknown) => {
      throw toLocalError(error, dataDir)
    })
    this.show(
      result.stopped
        ? `Stopped the local service (process ${result.pid}). Its data is kept in ${dataDir}.`
        : `No local service is running on ${dataDir}.`,
    )
    return result
  }
}
