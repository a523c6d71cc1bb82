import {ParixCommand} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'

/** What `auth token --json` prints: the only output anywhere that holds a token. */
interface AccessToken {
  accessToken: string
  tokenType: string
  /** ISO 8601, UTC. */
  accessTokenExpiresAt: string
  baseUrl: string
}

export default class AuthTokenCommand extends ParixCommand<AccessToken> {
  static override summary = 'print the access token, for use in other tools'
  static override description =
    `Renewed first where it is about to expire. It is valid for a short time, and only at the service that issued it: don't send it
anywhere else. No other command prints an access token.`

  static override examples = [
    'curl -H "authorization: Bearer $(<%= config.bin %> <%= command.id %>)" https://parix.io/api/v1/session',
  ]

  async run(): Promise<AccessToken> {
    await this.parse(AuthTokenCommand)
    const {credentials} = await this.connection()
    const session = await credentials.session()
    if (session === undefined) {
      throw new ParixError('USAGE', 'PARIX_API_KEY is set: that key is used, and there is no access token.', {
        code: 'api_key_in_use',
        hint: 'Send the key itself in the header x-api-key, or unset PARIX_API_KEY.',
      })
    }
    const {accessToken, tokenType, accessTokenExpiresAt, baseUrl} = session
    this.show(accessToken)
    return {accessToken, tokenType, accessTokenExpiresAt, baseUrl}
  }
}
