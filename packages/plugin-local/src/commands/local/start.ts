import * as Flags from '@oclif/core/flags'
import {LOCAL_PORT} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {clean} from '@parix/kit/text'
import {dataDirFlag, LocalCommand, localDataDir, toLocalError} from '../../local-command.js'
import {howToUse, serviceDetails} from '../../look.js'
import {findHolder, type LocalService} from '../../running.js'
import type {ServiceOptions} from '../../server/index.js'
import {serviceArguments, serviceFlags, serviceSettings} from '../../service-flags.js'

export default class LocalStart extends LocalCommand<LocalService> {
  static override summary = 'run the whole Parix service on this machine'

  static override description =
    `It answers on loopback only, and keeps everything in one folder: users, keys, databases, ledgers.
It stays in the foreground until Ctrl-C, or goes on in the background with --detach.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --port 0 --detach --json',
    '<%= config.bin %> <%= command.id %> --data-dir ./parix-data',
    '<%= config.bin %> <%= command.id %> --cluster-id 0 --addresses 127.0.0.1:3000',
    '<%= config.bin %> <%= command.id %> --fail-next drop-answer@create_transfers',
  ]

  static override flags = {
    ...dataDirFlag,
    detach: Flags.boolean({char: 'd', description: 'return when the service is ready, and leave it running'}),
    port: Flags.integer({
      char: 'p',
      description: 'the port on 127.0.0.1 and ::1; 0 takes a free one',
      default: LOCAL_PORT,
      min: 0,
      max: 65_535,
    }),
    ...serviceFlags,
  }

  async run(): Promise<LocalService> {
    const {flags} = await this.parse(LocalStart)
    const dataDir = localDataDir(flags['data-dir'])
    const settings = serviceSettings(flags)
    try {
      await refuseSecond(dataDir)
      if (flags.detach) return await this.startDetached(dataDir, flags.port, serviceArguments(flags))
      await this.runHere(dataDir, flags.port, settings)
    } catch (error) {
      throw toLocalError(error, dataDir)
    }
    // The signal that ended the service ends the process too.
    return new Promise(() => {})
  }

  private async startDetached(dataDir: string, port: number, words: string[]): Promise<LocalService> {
    const done = this.terminal.waiting('starting the local service')
    const {startDetached} = await import('../../detached.js')
    const service = await startDetached(dataDir, port, words).finally(done)
    this.show(serviceDetails(service))
    this.terminal.say(`${howToUse(service)}\nStop it: parix local stop`)
    return service
  }

  private async runHere(dataDir: string, port: number, settings: Partial<ServiceOptions>): Promise<void> {
    const done = this.terminal.waiting('starting the local service')
    const {runInForeground} = await import('../../foreground.js')
    await runInForeground({
      dataDir,
      port,
      settings,
      log: (level, message) => {
        const line = clean(`${level}: ${message}`)
        if (level === 'error') this.terminal.warn(line)
        else this.debugLine(line)
      },
      ready: (service) => {
        done()
        if (this.jsonEnabled()) this.logJson(service)
        else this.show(serviceDetails(service))
        this.terminal.say(`${howToUse(service)}\nStop it: Ctrl-C`)
      },
    }).finally(done)
  }
}

async function refuseSecond(dataDir: string): Promise<void> {
  const holder = await findHolder(dataDir)
  if (holder.state === 'none') return
  const {instance} = holder
  const who = instance ? ` at ${instance.baseUrl} (process ${instance.pid})` : ''
  throw new ParixError('FAILED', `A local service is running on ${dataDir} already${who}.`, {
    code: 'already_running',
    next: ['parix local status', 'parix local stop'],
  })
}
