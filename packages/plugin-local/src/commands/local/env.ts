import {existsSync} from 'node:fs'
import {join} from 'node:path'
import * as Flags from '@oclif/core/flags'
import {ParixError} from '@parix/kit/errors'
import {commandLine} from '@parix/kit/shell-words'
import {dataDirFlag, LocalCommand, localCommand, localDataDir, toLocalError} from '../../local-command.js'
import {runningService} from '../../local-service.js'
import {demoDirectory} from '../../server/store/data-directory.js'

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
    `PARIX_BASE_URL and PARIX_API_KEY, PARIX_DATABASE with --database, and PARIX_CHART, too, with --demo. The output holds the API key: it is for files and shells.
Exit code 3 if no local service runs.`

  static override examples = [
    'eval "$(<%= config.bin %> <%= command.id %>)"',
    '<%= config.bin %> <%= command.id %> --format dotenv --database books > .env.local',
    'eval "$(<%= config.bin %> <%= command.id %> --demo marketplace)"',
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
    demo: Flags.string({
      description: 'also PARIX_DATABASE and PARIX_CHART, of books that `local demo` created',
      helpValue: 'NAME',
      exclusive: ['database'],
    }),
  }

  async run(): Promise<Variables> {
    const {flags} = await this.parse(LocalEnvCommand)
    const dataDir = localDataDir(flags['data-dir'])
    const service = await runningService(dataDir).catch((error: unknown) => {
      throw toLocalError(error, dataDir)
    })
    const {variables} = await import('../../run-command.js')
    const {demo} = flags
    const result: Variables = {
      ...variables(service, demo ?? flags.database),
      ...(demo !== undefined && {PARIX_CHART: demoChart(dataDir, demo)}),
    }
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

/** @throws ParixError NOT_FOUND */
function demoChart(dataDir: string, name: string): string {
  const chart = join(demoDirectory(dataDir, name), 'parix.chart.yaml')
  if (existsSync(chart)) return chart
  throw new ParixError('NOT_FOUND', `There are no demo books called ${name} in ${dataDir}.`, {
    code: 'no_demo',
    next: localCommand('demo', dataDir),
  })
}
