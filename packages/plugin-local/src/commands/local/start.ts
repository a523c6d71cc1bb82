import * as Flags from '@oclif/core/flags'
import {LOCAL_PORT} from '@parix/kit/contract'
import {clean} from '@parix/kit/text'
import type {EphemeralDir} from '../../ephemeral.js'
import {dataDirFlag, LocalCommand, localCommand, localDataDir, showKeyFlag, toLocalError} from '../../local-command.js'
import {howToUse, type LocalService, refuseSecond, serviceDetails, storedApiKey} from '../../local-service.js'
import type {ServiceOptions} from '../../server/index.js'
import {requireResolvable, serviceArguments, serviceFlags, serviceSettings} from '../../service-flags.js'

export default class LocalStartCommand extends LocalCommand<LocalService> {
  static override summary = 'run the whole Parix service on this machine'

  static override description =
    `Listens on loopback only, and keeps everything in one directory: users, API keys, databases, ledgers.
Stays in the foreground until Ctrl-C, or runs in the background with --detach. The API key is printed in full when it is new,
with --show-key, and in \`apiKey\` of --json. For development and tests, not for production.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --port 0 --detach --json',
    '<%= config.bin %> <%= command.id %> --data-dir ./parix-data',
    '<%= config.bin %> <%= command.id %> --cluster-id 0 --addresses 127.0.0.1:3000',
    '<%= config.bin %> <%= command.id %> --fail-next drop-answer@create_transfers',
  ]

  static override flags = {
    ...dataDirFlag,
    ...showKeyFlag,
    ephemeral: Flags.boolean({
      description: 'keep nothing: use a temporary directory, and remove it at the end',
      exclusive: ['data-dir', 'detach'],
    }),
    detach: Flags.boolean({char: 'd', description: 'return when the service is ready, and leave it running'}),
    port: Flags.integer({
      char: 'p',
      description: 'port on 127.0.0.1 and ::1; 0 takes a free one',
      helpValue: 'PORT',
      default: LOCAL_PORT,
      min: 0,
      max: 65_535,
    }),
    ...serviceFlags,
  }

  async run(): Promise<LocalService> {
    const {flags} = await this.parse(LocalStartCommand)
    const ephemeral = flags.ephemeral ? await createEphemeral() : undefined
    const dataDir = ephemeral?.dataDir ?? localDataDir(flags['data-dir'])
    const settings = serviceSettings(flags)
    await requireResolvable(settings.cluster)
    try {
      await refuseSecond(dataDir)
      const known = await storedApiKey(dataDir)
      const present = (service: LocalService, stop: string) => {
        if (!this.jsonEnabled()) this.show(serviceDetails(service, flags['show-key'] || service.apiKey !== known))
        this.terminal.say(`${howToUse(service)}\nStop it: ${stop}`)
      }
      if (flags.detach) {
        const service = await this.startDetached(dataDir, flags.port, serviceArguments(flags))
        present(service, localCommand('stop', dataDir))
        return service
      }
      const ready = (service: LocalService) => {
        if (this.jsonEnabled()) this.logJson(service)
        present(service, 'Ctrl-C')
      }
      await this.runHere(dataDir, flags.port, {...settings, durable: !ephemeral}, ready, () => {
        ephemeral?.remove()
        const data = ephemeral ? 'Its data is removed' : `Its data is kept in ${clean(dataDir)}`
        this.terminal.say(`The local service has stopped. ${data}.`)
      })
    } catch (error) {
      ephemeral?.remove()
      throw toLocalError(error, dataDir)
    }
    // The signal that ended the service ends the process too.
    return new Promise(() => {})
  }

  private async startDetached(dataDir: string, port: number, words: string[]): Promise<LocalService> {
    const done = this.terminal.waiting('starting the local service')
    const {startDetached} = await import('../../run-service.js')
    return startDetached(dataDir, port, words).finally(done)
  }

  private async runHere(
    dataDir: string,
    port: number,
    settings: Partial<ServiceOptions>,
    ready: (service: LocalService) => void,
    stopped: () => void,
  ): Promise<void> {
    const done = this.terminal.waiting('starting the local service')
    const {runInForeground} = await import('../../run-service.js')
    await runInForeground({
      dataDir,
      port,
      settings,
      log: (level, message) => {
        const line = clean(`${level}: ${message}`)
        if (level === 'error' || level === 'warning') this.terminal.warn(line)
        else this.debugLine(line)
      },
      ready: (service) => {
        done()
        ready(service)
      },
      stopping: () => this.terminal.say('Stopping the local service.'),
      stopped,
    }).finally(done)
  }
}

async function createEphemeral(): Promise<EphemeralDir> {
  const {createEphemeralDir} = await import('../../ephemeral.js')
  return createEphemeralDir()
}
