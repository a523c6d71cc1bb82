import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import type {CreatedApiKeyResponse} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {placeText} from '@parix/kit/origin'
import {cleanLine} from '@parix/kit/text'

/** `--json`: the service's `{ok, apiKey, key}`; `key` is the key itself. */
export default class AuthApiKeyCreateCommand extends ParixCommand<CreatedApiKeyResponse> {
  static override summary = 'create an API key for a machine, and print it: it is shown this once'
  static override description =
    `The key alone goes to stdout, and is stored nowhere on this machine. It may read all databases of your organization unless the flags say otherwise. You have to be signed in: an API key can't create others.`

  static override aliases = ['auth:api-keys:create']
  static override examples = [
    '<%= config.bin %> <%= command.id %> ci --database books --write --expires 90d',
    '<%= config.bin %> <%= command.id %> reports --json',
    {
      description: 'Straight into a secret of GitHub Actions, past the screen',
      command:
        '<%= config.bin %> <%= command.id %> ci --database books --write --expires 90d | gh secret set PARIX_API_KEY',
    },
  ]

  static override args = {name: Args.string({required: true, description: 'to tell it from your other keys'})}

  static override flags = {
    database: Flags.string({helpValue: 'NAME', description: 'restrict it to this database: its id or name'}),
    write: Flags.boolean({description: 'may read and write; without it, read only'}),
    expires: Flags.string({
      helpValue: 'DAYS',
      description: 'how long it is valid, such as 90d, at most 365d; until it is revoked when left out',
    }),
  }

  async run(): Promise<CreatedApiKeyResponse> {
    const {args, flags} = await this.parse(AuthApiKeyCreateCommand)
    const {createApiKey, parseLifeDays, scopeText} = await import('../../../auth/api-keys.js')
    const expiresInDays = flags.expires === undefined ? undefined : parseLifeDays(flags.expires)
    const api = await this.api()
    const databaseId = flags.database === undefined ? undefined : await this.databaseId(flags.database)
    const created = await createApiKey(api, {
      name: args.name,
      access: flags.write ? 'write' : 'read',
      ...(databaseId !== undefined && {databaseId}),
      ...(expiresInDays !== undefined && {expiresInDays}),
    })
    const {apiKey, key} = created
    const where = placeText(api.base)
    this.announce({
      unshown: (why) =>
        new ParixError(
          'UNAVAILABLE',
          `The API key ${apiKey.name} (${apiKey.id}) was created at ${where}, and nobody has seen it. ${why} Revoke it, then create it again.`,
          {
            code: 'output_failed',
            ids: [apiKey.id],
            next: nextCommand('auth api-key revoke', {args: [apiKey.id], flags: {confirm: apiKey.id}}),
          },
        ),
    })
    const until = apiKey.expiresAt === null ? 'until it is revoked' : `until ${apiKey.expiresAt}`
    this.terminal.say(cleanLine(`Created ${apiKey.name} (${apiKey.id}) at ${where}: ${scopeText(apiKey)}, ${until}.`))
    this.terminal.say('Copy the key now: it is not shown again. Set it as PARIX_API_KEY where it is used.')
    this.show(key)
    return created
  }

  private async databaseId(nameOrId: string): Promise<string> {
    const {resolveDatabase} = await import('@parix/kit/databases')
    const {id} = await resolveDatabase(await this.api(), nameOrId)
    return id
  }
}
