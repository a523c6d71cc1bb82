import * as Flags from '@oclif/core/flags'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {clean} from '@parix/kit/text'
import {LocalCommand, toLocalError} from '../../local-command.js'

interface Exec {
  exitCode: number
  /** Only with --keep: it is gone otherwise. */
  dataDir?: string
}

export default class LocalExecCommand extends LocalCommand<Exec> {
  static override summary = 'run a command beside a local service of its own, and remove the service afterwards'

  static override description =
    `The service has a fresh data directory, a free port and one database. The command finds them in PARIX_BASE_URL, PARIX_API_KEY and
PARIX_DATABASE. Signals are forwarded, and the exit code is the command's. Several at once do not meet.`

  static override usage = '<%= command.id %> [--database NAME] [--keep] -- COMMAND…'

  static override examples = [
    '<%= config.bin %> <%= command.id %> -- npm test',
    `<%= config.bin %> <%= command.id %> --database books -- sh -c 'parix tb create-accounts --id 1 --ledger 700 --code 10'`,
  ]

  static override flags = {
    database: Flags.string({description: 'name of the database', helpValue: 'NAME', default: 'main'}),
    keep: Flags.boolean({description: 'keep the data directory, and say where it is'}),
  }

  async run(): Promise<Exec> {
    // As typed: oclif drops a `--` from `this.argv`, and the command may have one of its own.
    const typed = process.argv
    const command = typed.includes('--') ? typed.slice(typed.indexOf('--') + 1) : []
    const own = this.argv.slice(0, this.argv.length - command.length).filter((word) => word !== '--')
    const {flags} = await this.parse(LocalExecCommand, own)
    if (command.length === 0) {
      throw new ParixError('USAGE', 'Give the command to run after --.', {
        next: nextCommand('local exec', {rest: ['npm', 'test']}),
      })
    }
    const {runCommand} = await import('../../run-command.js')
    const {exitCode, dataDir, errors} = await runCommand({
      command,
      database: flags.database,
      keep: flags.keep,
    }).catch((error: unknown) => {
      throw toLocalError(error, 'the temporary directory')
    })
    if (exitCode !== 0) for (const line of errors) this.terminal.warn(clean(`local service: ${line}`))
    if (flags.keep) this.terminal.say(`The data is kept in ${clean(dataDir)}.`)
    process.exitCode = exitCode
    return {exitCode, ...(flags.keep && {dataDir})}
  }
}
