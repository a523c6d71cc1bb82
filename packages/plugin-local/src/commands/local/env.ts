import * as Flags from '@oclif/core/flags'
import {commandLine} from '@parix/kit/shell-words'
import {dataDirFlag, LocalCommand, localDataDir, toLocalError} from '../../local-command.js'
import {runningService} from '../../local-service.js'

type Variables = Record<string, string>

const FORMATS = {
  shell: (name: string, value: string) => `export ${name}=${commandLine([value])}`,
  dotenv: (name: string, value: string) => `${name}=${JSON.stringify(value)}`,
  github: (name: string, value: string) => `${name}=${value}`,
  json: undefined,
} as const

type Format = keyof typeof FORMATS

export default class LocalEnvCommand extends LocalCommand<Variables> {
  static override summary = 'print the variables that make programs use the local service'

  static override description =
    `PARIX_BASE_URL and PARIX_API_KEY, and PARIX_DATABASE with --database. The output holds the API key: it is for files and shells.
Exit code 3 if no local service runs.`

  static override examples = [
    'eval "$(<%= config.bin %> <%= command.id %>)"',
    '<%= config.bin %> <%= command.id %> --format dotenv --database books > .env.local',
    '<%= config.bin %> <%= command.id %> --format github >> "$GITHUB_ENV"',
  ]

  static override flags = {
    ...dataDirFlag,
    format: Flags.option({
      options: Object.keys(FORMATS) as Format[],
      description: 'how the variables are written; else for a shell',
      helpValue: 'FORMAT',
    })(),
    database: Flags.string({description: 'also PARIX_DATABASE, with this name or id', helpValue: 'NAME'}),
  }

  async run(): Promise<Variables> {
    const {flags} = await this.parse(LocalEnvCommand)
    const dataDir = localDataDir(flags['data-dir'])
    const service = await runningService(dataDir).catch((error: unknown) => {
      throw toLocalError(error, dataDir)
    })
    const {variables} = await import('../../run-command.js')
    const result = variables(service, flags.database)
    const write = FORMATS[flags.format ?? 'shell']
    this.show(
      write
        ? Object.entries(result)
            .map(([name, value]) => write(name, value))
            .join('\n')
        : JSON.stringify(result, null, 2),
    )
    return result
  }
}
