import * as Flags from '@oclif/core/flags'
import {ParixError} from '@parix/kit/errors'
import {clean} from '@parix/kit/text'
import {dataDirFlag, LocalCommand, localCommand, localDataDir, toLocalError} from '../../local-command.js'

interface Logs {
  file: string
  lines: string[]
}

export default class LocalLogsCommand extends LocalCommand<Logs> {
  static override summary = 'print what a detached local service has logged'

  static override description =
    'A service in the foreground prints its messages itself. The log keeps its last megabytes.'

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  static override flags = {
    ...dataDirFlag,
    follow: Flags.boolean({char: 'f', description: 'keep printing new lines, until Ctrl-C', exclusive: ['json']}),
  }

  async run(): Promise<Logs> {
    const {flags} = await this.parse(LocalLogsCommand)
    const dataDir = localDataDir(flags['data-dir'])
    const {openLog} = await import('../../service-log.js')
    const log = openLog(dataDir)
    try {
      const lines = log.read()
      if (lines === undefined) {
        throw new ParixError('NOT_FOUND', `There is no log in ${dataDir}: no detached service has run there.`, {
          code: 'no_log',
          next: localCommand('start --detach', dataDir),
        })
      }
      if (!this.jsonEnabled()) for (const line of lines) this.terminal.result(`${clean(line)}\n`)
      if (flags.follow) await log.follow((line) => this.terminal.result(`${clean(line)}\n`))
      return {file: log.file, lines}
    } catch (error) {
      throw toLocalError(error, dataDir)
    }
  }
}
