import type {Service} from '../service.js'

/** Endpoints that the provider announces and the door doesn't let through. */
const NOT_SERVED = ['introspection', 'registration', 'end_session']

/** OpenID Connect Discovery §4.2 and RFC 8414 §2, less what isn't served here, and with the client that there is. */
export async function answerDiscovery(service: Service, request: Request): Promise<Response> {
  const answer = await service.provider.handler(request)
  if (!answer.ok) return answer
  const document = (await answer.json()) as Record<string, unknown>
  const served = Object.entries(document).filter(([name]) => !NOT_SERVED.some((endpoint) => name.startsWith(endpoint)))
  return Response.json(
    {...Object.fromEntries(served), ...PUBLIC_CLIENTS},
    {headers: {'cache-control': 'no-store', 'access-control-allow-origin': '*'}},
  )
}

/** There is one client, and it has no secret. */
const PUBLIC_CLIENTS = {
  token_endpoint_auth_methods_supported: ['none'],
  revocation_endpoint_auth_methods_supported: ['none'],
  token_endpoint_auth_signing_alg_values_supported: undefined,
  revocation_endpoint_auth_signing_alg_values_supported: undefined,
  dpop_signing_alg_values_supported: undefined,
}
