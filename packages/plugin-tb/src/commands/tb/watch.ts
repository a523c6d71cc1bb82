import * as Flags from '@oclif/core/flags'
import type {ChangeEvent} from '@parix/books/change-events'
import {CHART_FLAGS} from '../../flags.js'
import {DATABASE_ARGUMENT, TbCommand} from '../../tb-command.js'
import type {WatchResult} from '../../watch/watch-command.js'

const FILTER = {helpGroup: 'FILTER'} as const
const DELIVERY = {helpGroup: 'DELIVERY'} as const

/** stdout: one `ChangeEvent` per line. `--json` with --exec or --forward-to: see `WatchResult`. */
export default class TbWatchCommand extends TbCommand<WatchResult | undefined> {
  static override summary = 'follow the transfers of a database as change events, without gaps'
  static override description =
    `Each transfer is one line of JSON in the form of TigerBeetle's change events (https://docs.tigerbeetle.com/operating/cdc), on stdout, to the stdin of a command, or posted to a URL. Expiries of pending transfers are derived from their timeouts and marked "derived"; those of pending transfers that were created before the watch began are not reported.

With --cursor, the position is saved after each batch that was delivered, and the same command continues there: every event is delivered at least once, none is left out. A batch that is not taken is delivered again until it is, so receivers have to ignore an id and type that they have seen. A command of --exec has the environment of parix, PARIX_API_KEY included, so that it can run parix itself; when parix is stopped, it has 5 s to end. Timestamps only rise: an imported transfer, too, has to be newer than every transfer before it, so nothing can appear before the cursor.

--forward-to signs each request with the secret of PARIX_WEBHOOK_SECRET: Parix-Signature: t=SECONDS,v1=HEX, the HMAC-SHA256 of "SECONDS.BODY".`

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --from 0 --until-idle',
    '<%= config.bin %> <%= command.id %> books --cursor books.cursor.json >> events.ndjson',
    `<%= config.bin %> <%= command.id %> books --cursor books.cursor.json --exec './load-into-postgres'`,
    '<%= config.bin %> <%= command.id %> books --cursor books.cursor.json --forward-to https://example.org/hook --secret-file hook.secret --retry-for 1s --until-idle',
    '<%= config.bin %> <%= command.id %> books --from 2026-11-01 --account 1 --accounts --until-idle',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    from: Flags.string({
      aliases: ['since'],
      helpValue: 'TIME',
      description:
        'begin here where there is no cursor yet: RFC 3339, a date (UTC), -1h, nanoseconds, 0; now when left out',
    }),
    cursor: Flags.string({helpValue: 'FILE', description: 'continue where the last run ended, and save the position'}),
    account: Flags.string({
      ...FILTER,
      helpValue: 'ACCOUNT',
      description: 'only transfers that debit or credit this account',
      exclusive: ['ledger'],
    }),
    ledger: Flags.string({...FILTER, helpValue: 'LEDGER', description: 'only this ledger'}),
    code: Flags.string({...FILTER, helpValue: 'CODE', description: 'only this code'}),
    accounts: Flags.boolean({description: 'add both accounts, with their balances as of the event'}),
    exec: Flags.string({
      ...DELIVERY,
      helpValue: 'COMMAND',
      description: 'run a command in a shell for each batch, with the events on its stdin; exit code 0 takes them',
      exclusive: ['forward-to'],
    }),
    'forward-to': Flags.string({
      ...DELIVERY,
      helpValue: 'URL',
      description: 'post each batch as NDJSON, signed; https, or http on this machine; a status of 2xx takes it',
    }),
    'secret-file': Flags.string({
      ...DELIVERY,
      helpValue: 'FILE',
      description: 'the secret of the signature; else PARIX_WEBHOOK_SECRET',
      dependsOn: ['forward-to'],
    }),
    'retry-for': Flags.string({
      ...DELIVERY,
      helpValue: 'TIME',
      description: 'give up when a batch was not taken for this long (exit code 75); never when left out',
    }),
    'batch-size': Flags.integer({
      ...DELIVERY,
      helpValue: 'N',
      min: 1,
      max: 8189,
      default: 1000,
      description: 'at most this many events at once',
    }),
    'until-idle': Flags.boolean({description: 'end when there is nothing new'}),
    limit: Flags.integer({helpValue: 'N', min: 1, description: 'end after this many events'}),
    ...CHART_FLAGS,
  }

  async run(): Promise<WatchResult | undefined> {
    const {args, flags} = await this.parse(TbWatchCommand)
    // An error is one line, like the events.
    this.oneValuePerLine = true
    const chart = await this.useChart(flags)
    const {readWatch, runWatch} = await import('../../watch/watch-command.js')
    const streams = flags.exec === undefined && flags['forward-to'] === undefined
    const shared = {flags, chart, environment: process.env, terminal: this.terminal, json: this.jsonEnabled()}
    const read = await readWatch(shared)
    const writer = streams ? await this.streamWriter() : undefined
    return this.inDatabase(args['database-id'], async (api, database) => {
      const text = (events: readonly ChangeEvent[]) =>
        writer?.part(events) ?? events.map((event) => `${JSON.stringify(event)}\n`).join('')
      const result = await runWatch({...shared, api, database, text}, read)
      if (streams) {
        this.writer = undefined
        return undefined
      }
      const events = result.events === 1 ? '1 event' : `${result.events} events`
      this.show(`${events} of ${database.name} delivered.`)
      return result
    })
  }
}
