import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import type {ApiKey} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {placeText} from '@parix/kit/origin'
import {confirmByName, render} from '@parix/kit/output'
import {cleanLine} from '@parix/kit/text'

export default class AuthApiKeyRevokeCommand extends ParixCommand<{revoked: ApiKey}> {
  static override summary = 'revoke an API key: programs that use it are refused at once'
  static override description =
    `It can't be undone, so the name has to be typed, or given by --confirm where nobody can be asked.`

  static override aliases = ['auth:api-keys:revoke', 'auth:api-key:rm', 'auth:api-key:remove']
  static override examples = [
    '<%= config.bin %> <%= command.id %> ci',
    '<%= config.bin %> <%= command.id %> ci --confirm ci',
  ]

  static override args = {key: Args.string({required: true, description: 'its id, or exactly its name'})}

  static override flags = {
    confirm: Flags.string({helpValue: 'NAME', description: 'the name or id once more, in place of the question'}),
    yes: Flags.boolean({char: 'y', description: 'ask nothing; --confirm is safer', exclusive: ['confirm']}),
  }

  async run(): Promise<{revoked: ApiKey}> {
    const {args, flags} = await this.parse(AuthApiKeyRevokeCommand)
    const {apiKeyDetails, findApiKey, revokeApiKey} = await import('../../../auth/api-keys.js')
    const api = await this.api()
    const key = await findApiKey(api, args.key)
    const {id, name} = key
    const where = placeText(api.base)
    await confirmByName(
      {
        name,
        alike: [id],
        asked: async () =>
          `Programs that use this key at ${where} will be refused. It can't be undone.\n${render({
            details: apiKeyDetails(key, Date.now()),
          })}`,
        prompt: 'Type its name to revoke it:',
        undone: 'Nothing was revoked',
        next: nextCommand('auth api-key revoke', {args: [args.key], flags: {confirm: args.key}}),
      },
      flags,
      this.terminal,
    )
    await revokeApiKey(api, key)
    this.announce({
      unshown: (why) =>
        new ParixError('UNAVAILABLE', `The API key ${name} (${id}) was revoked at ${where}. ${why}`, {
          code: 'output_failed',
          ids: [id],
          next: nextCommand('auth api-key list'),
        }),
    })
    this.show(`Revoked ${cleanLine(name)} (${cleanLine(id)}) at ${where}.`)
    return {revoked: key}
  }
}
