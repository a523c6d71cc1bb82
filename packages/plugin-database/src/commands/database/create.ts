import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type {Api} from '@parix/kit/api'
import {ParixCommand} from '@parix/kit/command'
import {parseDuration} from '@parix/kit/duration'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {type BaseUrl, placeText} from '@parix/kit/origin'
import {startProgress} from '@parix/kit/output'
import {onSignalSay} from '@parix/kit/signals'
import {cleanLine} from '@parix/kit/text'
import {type CreatedDatabase, checkName, createDatabase} from '../../create.js'
import {READY_TIMEOUT, waitUntilReady} from '../../waiting.js'

/**
 * The service's response `{success, message, database, profile, job, provisioning}`, and what is true now: `status` in the
 * service's words, and whether it is `ready` for operations. `recovered`: the response was lost, and it was found by name.
 */
export interface CreateResult extends CreatedDatabase {
  status: string | null
  ready: boolean
}

export default class DatabaseCreateCommand extends ParixCommand<CreateResult> {
  static override summary = 'create a database'
  static override description =
    `What you leave out takes the catalog's default (parix database catalog). Ids, slugs and labels are all understood, and checked before anything is sent.

With --wait the command ends when the database takes operations. Provisioning takes minutes.`

  static override aliases = ['database:new', 'database:add', 'db:create', 'db:new']
  static override examples = [
    '<%= config.bin %> <%= command.id %> books --wait',
    '<%= config.bin %> <%= command.id %> books --region us-central1 --cluster-config-id ha-3 --cluster-size-id px-20 --storage-gb 50',
  ]

  static override args = {name: Args.string({required: true, description: 'unique in your organization'})}

  static override flags = {
    provider: Flags.string({helpValue: 'NAME', description: 'the cloud, such as gcp or aws'}),
    region: Flags.string({helpValue: 'CODE', description: 'such as us-central1'}),
    'cluster-config-id': Flags.string({
      aliases: ['cluster-config'],
      helpValue: 'ID',
      description: 'single node, or replicas for high availability',
    }),
    'cluster-size-id': Flags.string({aliases: ['cluster-size'], helpValue: 'ID', description: 'such as px-5'}),
    'storage-tier-id': Flags.string({
      aliases: ['storage-tier'],
      helpValue: 'ID',
      description: 'how fast its storage is',
    }),
    'storage-gb': Flags.integer({helpValue: 'GB', description: 'how much storage it gets, 10 and up', min: 10}),
    wait: Flags.boolean({description: 'end when it is ready'}),
    timeout: Flags.string({
      helpValue: 'TIME',
      description: `with --wait: give up after this long (90, 10m, 1h), with exit code 7 [default: ${READY_TIMEOUT}]`,
      dependsOn: ['wait'],
    }),
  }

  async run(): Promise<CreateResult> {
    const {args, flags} = await this.parse(DatabaseCreateCommand)
    const name = checkName(args.name)
    const timeoutMs = parseDuration('--timeout', flags.timeout ?? READY_TIMEOUT)
    const api = await this.api()
    const created = await createDatabase(
      api,
      {
        name,
        wishes: {
          provider: flags.provider,
          region: flags.region,
          clusterConfigId: flags['cluster-config-id'],
          clusterSizeId: flags['cluster-size-id'],
          storageTierId: flags['storage-tier-id'],
        },
        storageGb: flags['storage-gb'],
      },
      {
        again: this.again,
        say: this.terminal.say,
        sending: () => this.onInterrupt(`It is unknown whether ${cleanLine(name)} was created`, 'info', name),
      },
    )
    const {database} = created
    this.announce({
      unshown: (why) =>
        new ParixError(
          'UNAVAILABLE',
          `Database ${database.name} (${database.id}) was created at ${placeText(api.base)}. ${why}`,
          {code: 'output_failed', ids: [database.id], next: nextCommand('database info', {args: [database.name]})},
        ),
    })
    return flags.wait ? this.waited(api, created, timeoutMs) : this.made(api, created)
  }

  private made(api: Api, created: CreatedDatabase): CreateResult {
    const {database, profile, provisioning} = created
    const status = profile?.status ?? provisioning?.status ?? null
    const ready = status?.toUpperCase() === 'READY'
    this.sayRecovered(created)
    this.showMade(api.base, database, status)
    this.terminal.say(ready ? 'It is ready. Next:' : 'It is not ready yet. Next:')
    this.terminal.say(
      `  ${ready ? this.firstAccount(database.name) : this.commandText('database wait', {args: [database.name]})}`,
    )
    return {...created, status, ready}
  }

  private async waited(api: Api, created: CreatedDatabase, timeoutMs: number): Promise<CreateResult> {
    const {database} = created
    this.sayRecovered(created)
    this.terminal.say(`Created ${cleanLine(database.name)} (${cleanLine(database.id)}). It is being provisioned.`)
    this.onInterrupt(`${cleanLine(database.name)} is still being created`, 'wait', database.name)
    const progress = startProgress(this.terminal, {text: `Waiting for ${database.name}`})
    try {
      const info = await waitUntilReady(api, database, {timeoutMs, progress: (text) => progress.update({text})})
      progress.end()
      const status = info.profile?.status ?? null
      this.showMade(api.base, database, status)
      this.terminal.say('It is ready. Next:')
      this.terminal.say(`  ${this.firstAccount(database.name)}`)
      return {...created, ...(info.profile && {profile: info.profile}), status, ready: true}
    } finally {
      progress.end()
    }
  }

  private showMade(base: BaseUrl, {name, id}: CreatedDatabase['database'], status: string | null): void {
    const {url, inPrint} = base
    this.show({
      details: [
        ['name', name],
        ['id', id],
        ['status', status],
        ['service', url.host],
        ['organization', inPrint?.organization],
      ],
    })
  }

  private sayRecovered({recovered, database}: CreatedDatabase): void {
    if (recovered !== true) return
    this.terminal.warn(`The response was lost, but ${cleanLine(database.name)} was created: it was found by its name.`)
  }

  /** What runs as it is pasted: an account needs an id, a ledger and a code. */
  private firstAccount(database: string): string {
    return this.commandText('tb create-accounts', {args: [database], flags: {id: '1', ledger: '700', code: '10'}})
  }

  private onInterrupt(state: string, command: 'info' | 'wait', name: string): void {
    const next = this.commandText(`database ${command}`, {args: [name]})
    onSignalSay(() => this.terminal.warn(`\nStopped. ${state}: ${next}`))
  }
}
