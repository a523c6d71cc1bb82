import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {type Api, readSession} from '@parix/kit/api'
import {ParixCommand} from '@parix/kit/command'
import type {DatabaseInfoResponse, RemoveDatabaseResponse} from '@parix/kit/contract'
import {withDatabase} from '@parix/kit/databases'
import {parseDuration} from '@parix/kit/duration'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {placeText} from '@parix/kit/origin'
import {startProgress} from '@parix/kit/output'
import {onSignalSay} from '@parix/kit/signals'
import {cleanLine} from '@parix/kit/text'
import {databaseInfo} from '../../databases.js'
import {currentDefault} from '../../default.js'
import {confirmRemoval, removeDatabase} from '../../remove.js'
import {REMOVED_TIMEOUT, waitUntilRemoved} from '../../waiting.js'

/** The service's response `{ok, databaseId, status, workflowId, message}`, the `name`, and whether it is `removed` already. */
export interface RemoveResult extends RemoveDatabaseResponse {
  name: string
  removed: boolean
}

export default class DatabaseRemoveCommand extends ParixCommand<RemoveResult> {
  static override summary = 'remove a database and all that is in it'
  static override description =
    `It can't be undone, so the name has to be typed, or given by --confirm where nobody can be asked. The service queues the removal; with --wait the command ends when it is done.`

  static override aliases = ['database:rm', 'database:delete', 'database:destroy', 'db:remove', 'db:rm', 'db:delete']
  static override examples = [
    '<%= config.bin %> <%= command.id %> books',
    '<%= config.bin %> <%= command.id %> books --confirm books --wait',
  ]

  static override args = {'database-id': Args.string({required: true, description: 'its id or name'})}

  static override flags = {
    confirm: Flags.string({helpValue: 'NAME', description: 'the name once more, in place of the question'}),
    yes: Flags.boolean({char: 'y', description: 'ask nothing; --confirm is safer', exclusive: ['confirm']}),
    wait: Flags.boolean({description: 'end when it is gone'}),
    timeout: Flags.string({
      helpValue: 'TIME',
      description: `with --wait: give up after this long, with exit code 7 [default: ${REMOVED_TIMEOUT}]`,
      dependsOn: ['wait'],
    }),
  }

  async run(): Promise<RemoveResult> {
    const {args, flags} = await this.parse(DatabaseRemoveCommand)
    const timeoutMs = parseDuration('--timeout', flags.timeout ?? REMOVED_TIMEOUT)
    const api = await this.api()
    const info = await withDatabase(api, args['database-id'], ({id}) => databaseInfo(api, id))
    const {id, name} = info.database
    const isName = info.profile?.deploymentNetworkMode === 'cluster'
    await confirmRemoval(
      {environment: api.base.url.href, organization: () => this.organization(api, info), name, id, isName},
      {confirm: flags.confirm, yes: flags.yes},
      this.terminal,
    )
    const look = this.commandText('database info', {args: [id]})
    onSignalSay(() => this.terminal.warn(`\nStopped. ${cleanLine(name)} may still be removed: ${look}`))
    const response = await removeDatabase(api, id, this.again)
    this.announce({
      unshown: (why) =>
        new ParixError(
          'UNAVAILABLE',
          `The removal of ${name} (${id}) at ${placeText(api.base)} was accepted (${response.status}). ${why}`,
          {code: 'output_failed', ids: [id], next: nextCommand('database info', {args: [id]})},
        ),
    })
    const removed = response.status === 'removed' || (flags.wait && (await this.gone(api, {id, name}, timeoutMs)))
    const where = placeText(api.base)
    this.show(
      removed
        ? `${cleanLine(name)} is gone from ${where}.${isName ? ' The cluster keeps what is in it.' : ''}`
        : `${cleanLine(name)} will be removed from ${where} (${cleanLine(response.status)}).`,
    )
    this.tellOfDefault(api, [id, name])
    return {...response, name, removed}
  }

  /** For the question alone: its name, which the service knows, and the id that goes with it. */
  private async organization(api: Api, {database}: DatabaseInfoResponse): Promise<string | null> {
    const response = await api.get('/session', {}, readSession).catch(() => undefined)
    const {id, name} = response?.auth?.organization ?? {}
    const theirs = database.organizationId ?? id ?? null
    return name && (theirs === null || theirs === id) ? `${name}${theirs === null ? '' : ` (${theirs})`}` : theirs
  }

  private async gone(api: Api, database: {id: string; name: string}, timeoutMs: number): Promise<true> {
    const progress = startProgress(this.terminal, {text: `${database.name} is being removed`})
    try {
      await waitUntilRemoved(api, database, {timeoutMs, progress: (text) => progress.update({text})})
      return true
    } finally {
      progress.end()
    }
  }

  private tellOfDefault(api: Api, names: string[]): void {
    const {database, path} = currentDefault(api, {environment: process.env})
    if (database === null || path === null || !names.includes(database)) return
    this.terminal.say(
      `It is still the default in ${path}. Choose another: ${this.commandText('database use', {args: ['NAME']})}`,
    )
  }
}
