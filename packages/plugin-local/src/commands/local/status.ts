import {dataDirFlag, LocalCommand, localDataDir, showKeyFlag, toLocalError} from '../../local-command.js'
import {howToUse, type LocalService, runningService, serviceDetails} from '../../local-service.js'

export default class LocalStatusCommand extends LocalCommand<LocalService> {
  static override summary = 'show whether the local service runs, and how to reach it'

  static override description =
    'Exit code 3 if it does not run. --json prints the API key in full, for scripts; without it, --show-key does.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    'export PARIX_API_KEY=$(<%= config.bin %> <%= command.id %> --json | jq -r .apiKey)',
  ]

  static override flags = {...dataDirFlag, ...showKeyFlag}

  async run(): Promise<LocalService> {
    const {flags} = await this.parse(LocalStatusCommand)
    const dataDir = localDataDir(flags['data-dir'])
    const service = await runningService(dataDir).catch((error: unknown) => {
      throw toLocalError(error, dataDir)
    })
    this.show(serviceDetails(service, flags['show-key']))
    this.terminal.say(howToUse(service))
    return service
  }
}
