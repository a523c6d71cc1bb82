import {ParixError} from '@parix/kit/errors'
import {dataDirFlag, LocalCommand, localDataDir, toLocalError} from '../../local-command.js'
import {howToUse, serviceDetails} from '../../look.js'
import {describeRunning, findHolder, type LocalService} from '../../running.js'

export default class LocalStatus extends LocalCommand<LocalService> {
  static override summary = 'tell whether the local service runs, and how to reach it'

  static override description = 'Exit code 3 when it does not run.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    'export PARIX_API_KEY=$(<%= config.bin %> <%= command.id %> --json | jq -r .apiKey)',
  ]

  static override flags = {...dataDirFlag}

  async run(): Promise<LocalService> {
    const {flags} = await this.parse(LocalStatus)
    const dataDir = localDataDir(flags['data-dir'])
    const service = await runningService(dataDir).catch((error: unknown) => {
      throw toLocalError(error, dataDir)
    })
    this.show(serviceDetails(service))
    this.terminal.say(howToUse(service))
    return service
  }
}

async function runningService(dataDir: string): Promise<LocalService> {
  const holder = await findHolder(dataDir)
  if (holder.state === 'running') return describeRunning(dataDir, holder.instance)
  if (holder.state === 'silent') {
    const who = holder.instance ? `Process ${holder.instance.pid}` : 'A process'
    throw new ParixError('UNAVAILABLE', `${who} has ${dataDir} open, but does not answer: it is starting, or stuck.`, {
      code: 'not_answering',
      next: ['parix local status', 'parix local stop'],
      retryable: true,
    })
  }
  throw new ParixError('NOT_FOUND', `No local service is running on ${dataDir}.`, {
    code: 'not_running',
    next: 'parix local start',
  })
}
