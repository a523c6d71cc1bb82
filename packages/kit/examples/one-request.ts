import {type Credential, send} from '@parix/kit/http'
import {parseBaseUrl, resolveTarget} from '@parix/kit/origin'

/** One request of your own, without a session: bounded in time and size, and the key goes to its own origin only. */
export async function statusOf(service: string, path: string, key: string): Promise<number> {
  const base = parseBaseUrl(service)
  const credential: Credential = {kind: 'apiKey', key, issuer: base.url}
  const {status} = await send({
    method: 'GET',
    url: resolveTarget(base, path),
    credential,
    responseTimeoutMs: 5000,
    responseBytesMax: 64 * 1024,
    redirects: 'same-origin-get',
  })
  return status
}
