// Uses the session at a base URL as any command does: reads, refreshes where due, and asks who it is. Prints one line of JSON.
// With a second argument it does so for each line of stdin, and prints `0`, or the exit code and what is wrong, instead.
import {createInterface} from 'node:readline'
import {createApi} from '@parix/kit/api'
import {isParixError} from '@parix/kit/errors'
import {parseBaseUrl} from '@parix/kit/origin'
import {createCredentialSource, openSessionStore} from '@parix/kit/session'
import {endOnSignals} from '@parix/kit/signals'

const [baseUrl = '', forEachLine] = process.argv.slice(2)
const environment = process.env
const say = (text: string) => process.stderr.write(`${text}\n`)

endOnSignals()
if (forEachLine === undefined) {
  await use(
    (response) => process.stdout.write(`${JSON.stringify(response)}\n`),
    (code, text) => {
      say(text)
      process.exitCode = code
    },
  )
} else {
  for await (const _ of createInterface(process.stdin)) {
    await use(
      () => process.stdout.write('0\n'),
      (code, text) => process.stdout.write(`${code} ${text}\n`),
    )
  }
}

async function use(used: (response: {ok: boolean}) => void, failed: (code: number, text: string) => void) {
  try {
    const base = parseBaseUrl(baseUrl)
    const store = openSessionStore({environment, say})
    const userAgent = 'parix/test'
    const credentials = createCredentialSource({base, store, environment, userAgent, say})
    used(await createApi({base, credentials, userAgent, say}).get<{ok: boolean}>('/session'))
  } catch (error) {
    if (!isParixError(error)) throw error
    failed(error.exitCode, `${error.kind} ${error.code}: ${error.message}`)
  }
}
