import {ParixCommand} from '@parix/kit/command'
import type {ApiKey} from '@parix/kit/contract'

export default class AuthApiKeyListCommand extends ParixCommand<{apiKeys: ApiKey[]}> {
  static override summary = 'list your API keys: what they may do, when they were last used, when they expire'
  static override description = 'Only the first characters of a key are known. You have to be signed in.'
  static override aliases = ['auth:api-keys:list', 'auth:api-key:ls']
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<{apiKeys: ApiKey[]}> {
    await this.parse(AuthApiKeyListCommand)
    const {apiKeyTable, listApiKeys} = await import('../../../auth/api-keys.js')
    const apiKeys = await listApiKeys(await this.api())
    const create = this.commandText('auth api-key create', {args: ['NAME']})
    this.show(apiKeyTable(apiKeys, `You have no API keys. Create one: ${create}`, Date.now()))
    return {apiKeys}
  }
}
