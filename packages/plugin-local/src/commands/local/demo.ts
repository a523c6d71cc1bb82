import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {LOCAL_PORT} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {DEMO_KINDS, type DemoKind} from '../../demo/businesses.js'
import type {DemoOptions} from '../../demo/generate.js'
import type {DemoResult} from '../../demo/make-demo.js'
import {dataDirFlag, LocalCommand, localCommand, localDataDir, toLocalError} from '../../local-command.js'
import {describeRunning, findHolder, type LocalService} from '../../local-service.js'
import {demoDirectory} from '../../server/store/data-directory.js'

interface Demo extends DemoResult {
  baseUrl: string
  /** Address of the pages that show the books. */
  console: string
  /** Commands that show something, to be run after `setup`. */
  setup: string
  commands: string[]
}

export default class LocalDemoCommand extends LocalCommand<Demo> {
  static override summary = 'fill a database with a month of a business, and say what to try with it'

  static override description =
    `A marketplace, a wallet, a bank or a card issuer: accounts in two currencies, payments that are held, captured, released and expired, refunds, fees, payouts; a chart that names all of it, and a bank statement with three differences. The same ids, amounts and times in every run; --seed and --until make others.

Starts the local service and stays in the foreground until Ctrl-C, unless one is running or --detach is given. Run again, it finds the books as they are.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> wallet --live 20/s',
    '<%= config.bin %> <%= command.id %> cards --detach --json',
    '<%= config.bin %> <%= command.id %> bank --as ledger --size 100k --until now',
  ]

  static override args = {
    kind: Args.string({description: 'which business', options: [...DEMO_KINDS], default: 'marketplace'}),
  }

  static override flags = {
    ...dataDirFlag,
    as: Flags.string({description: 'name of the database; else that of the business', helpValue: 'NAME'}),
    live: Flags.string({description: 'keep paying, this many times per second, until Ctrl-C', helpValue: 'N/s'}),
    size: Flags.string({description: 'about this many transfers; else 5000', helpValue: 'N', default: '5000'}),
    seed: Flags.integer({description: 'other ids and amounts', helpValue: 'N', min: 0, max: 2 ** 32 - 1, default: 1}),
    until: Flags.string({
      description: 'when the month ends: a date, a time in RFC 3339, or now; else 2026-11-01',
      helpValue: 'TIME',
      default: '2026-11-01',
    }),
    detach: Flags.boolean({
      char: 'd',
      description: 'leave the service running in the background',
      exclusive: ['live'],
    }),
    port: Flags.integer({
      char: 'p',
      description: 'port of the service, where it is not running; 0 takes a free one',
      helpValue: 'PORT',
      default: LOCAL_PORT,
      min: 0,
      max: 65_535,
    }),
  }

  async run(): Promise<Demo> {
    const {args, flags} = await this.parse(LocalDemoCommand)
    const kind = args.kind as DemoKind
    const {demoSnapshot, readDemoOptions, readRate} = await import('../../demo/demo-options.js')
    const options = readDemoOptions({...flags, kind})
    const perSecond = flags.live === undefined ? undefined : readRate(flags.live)
    const dataDir = localDataDir(flags['data-dir'])
    const name = flags.as ?? kind
    demoSnapshot(name)
    const fill = (service: LocalService) => this.fill(service, dataDir, name, options)
    const live = (service: LocalService, demo: Demo) => this.goOn(service, demo, options, perSecond)
    try {
      const holder = await findHolder(dataDir)
      if (holder.state !== 'none' && holder.instance) {
        const service = await describeRunning(dataDir, holder.instance)
        const demo = await fill(service)
        if (perSecond === undefined) return demo
        if (this.jsonEnabled()) this.logJson(demo)
        return await live(service, demo)
      }
      const {startDetached, runInForeground} = await import('../../run-service.js')
      if (flags.detach) return await fill(await startDetached(dataDir, flags.port, []))
      await runInForeground({
        dataDir,
        port: flags.port,
        settings: {},
        log: (level, message) => level === 'error' && this.terminal.warn(`${level}: ${message}`),
        ready: async (service) => {
          const demo = await fill(service)
          if (this.jsonEnabled()) this.logJson(demo)
          this.terminal.say('For development and tests only, not for production.\nStop it: Ctrl-C')
          if (perSecond !== undefined) await live(service, demo)
        },
        stopping: () => this.terminal.say('Stopping the local service.'),
        stopped: () =>
          this.terminal.say(`The local service has stopped. The books are kept: ${localCommand('demo', dataDir)}`),
      })
    } catch (error) {
      throw onAnotherPort(toLocalError(error, dataDir), (port) => {
        const {as, live, size, seed, until, detach} = flags
        const {size: sizes, seed: seeds, until: untils} = LocalDemoCommand.flags
        const changed = {
          ...(size !== sizes.default && {size}),
          ...(seed !== seeds.default && {seed: String(seed)}),
          ...(until !== untils.default && {until}),
        }
        return localCommand(`demo ${kind}`, dataDir, {as, live, ...changed, detach, port})
      })
    }
    // The signal that ended the service ends the process too.
    return new Promise(() => {})
  }

  private async fill(service: LocalService, dataDir: string, name: string, options: DemoOptions): Promise<Demo> {
    const done = this.terminal.waiting('making the books')
    const [{makeDemo, sendChart}, {localApi}, {consoleAddress, demoView, tryCommands}] = await Promise.all([
      import('../../demo/make-demo.js'),
      import('../../local-api.js'),
      import('../../demo/demo-view.js'),
    ])
    const api = localApi(service)
    const result = await makeDemo(api, name, demoDirectory(dataDir, name), options).finally(done)
    const {setup, commands} = tryCommands(result, options.kind, (words, parts) =>
      renderCommand(nextCommand(words, parts), this.serviceInPrint),
    )
    const {baseUrl} = service
    const demo = {baseUrl, console: consoleAddress(baseUrl, name), ...result, setup, commands}
    this.show(demoView(demo, options.kind, (text) => this.terminal.paint.stdout('bold', text)))
    // After the numbers: the service compiles it for its pages.
    if (result.created) await sendChart(api, result)
    return demo
  }

  /** Pays until the process ends, and says how many payments there were. */
  private async goOn(
    service: LocalService,
    demo: Demo,
    {kind, size}: DemoOptions,
    perSecond: number | undefined,
  ): Promise<never> {
    if (perSecond === undefined) throw new ParixError('USAGE', '--live is missing.')
    const [{payOn}, {localApi}] = await Promise.all([
      import('../../demo/live-payments.js'),
      import('../../local-api.js'),
    ])
    this.terminal.say(`Paying ${perSecond} times a second until Ctrl-C.`)
    return payOn(localApi(service), {kind, databaseId: demo.database.id, size, perSecond})
  }
}

/** Where the port is taken, the next step is this command at a free one; a service alone would have no books. */
function onAnotherPort(error: unknown, command: (port: string) => string): unknown {
  if (!(error instanceof ParixError) || error.code !== 'port_in_use') return error
  return new ParixError(error.kind, error.message, {...error.details, next: command('0')})
}
