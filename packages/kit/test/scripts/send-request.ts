// Sends one GET with a token and prints its outcome as JSON: send-request.ts URL [CONNECT_TIMEOUT_MS]
import {isParixError} from '@parix/kit/errors'
import {send} from '@parix/kit/http'

const url = new URL(process.argv[2] ?? '')
const connectTimeoutMs = Number(process.argv[3] ?? 10_000)

try {
  const {status} = await send({
    method: 'GET',
    url,
    connectTimeoutMs,
    credential: {kind: 'bearer', token: 'secret-token', issuer: url},
  })
  process.stdout.write(JSON.stringify({status}))
} catch (error) {
  if (!isParixError(error)) throw error
  process.stdout.write(JSON.stringify({...error, ...error.details, code: error.code, message: error.message}))
}
