// Uses the session at a base URL as any command does: reads, refreshes where due, and asks who it is. Prints one line of JSON.
import {createApi} from '@parix/kit/api'
import {isParixError} from '@parix/kit/errors'
import {parseBaseUrl} from '@parix/kit/origin'
import {createCredentialSource, openSessionStore} from '@parix/kit/session'
import {endOnSignals} from '@parix/kit/signals'

const [baseUrl = ''] = process.argv.slice(2)
const environment = process.env
const say = (text: string) => process.stderr.write(`${text}\n`)

endOnSignals()
try {
  const base = parseBaseUrl(baseUrl)
  const store = openSessionStore({environment, say})
  const userAgent = 'parix/test'
  const credentials = createCredentialSource({base, store, environment, userAgent, say})
  const response = await createApi({base, credentials, userAgent, say}).get<{ok: boolean}>('/session')
  process.stdout.write(`${JSON.stringify(response)}\n`)
} catch (error) {
  if (!isParixError(error)) throw error
  process.stderr.write(`${error.kind} ${error.code}: ${error.message}\n`)
  process.exitCode = error.exitCode
}
