import {expect} from 'chai'
import {useLocalService} from '../../support/local.js'

describe('what is let through to Better Auth', () => {
  const local = useLocalService()

  for (const [method, path] of [
    ['POST', '/local/sign-in'],
    ['POST', '/sign-in/email'],
    ['POST', '/sign-up/email'],
    ['POST', '/oauth2/consent'],
    ['POST', '/oauth2/continue'],
    ['POST', '/oauth2/register'],
    ['POST', '/oauth2/introspect'],
    ['POST', '/oauth2/create-client'],
    ['GET', '/device?user_code=AAAA2222'],
    ['POST', '/device/approve'],
    ['POST', '/device/token'],
    ['POST', '/api-key/create'],
    ['POST', '/organization/create'],
    ['GET', '/get-session'],
    ['GET', '/token'],
    ['GET', '/error'],
    ['PUT', '/oauth2/token'],
    ['GET', '/..%2f..%2fapi/v1/session'],
  ] as const) {
    it(`not ${method} ${path}`, async () => {
      const response = await fetch(local.url(`/api/auth${path}`), {
        method,
        redirect: 'manual',
        headers: {'content-type': 'application/json', origin: local.service.baseUrl},
        ...(method !== 'GET' && {body: '{}'}),
      })
      expect(response.status).to.equal(404)
    })
  }

  it('no CORS for pages of other sites, but for the public documents', async () => {
    for (const path of ['/api/v1/session', '/api/auth/oauth2/token', '/health', '/sign-in']) {
      const response = await fetch(local.url(path), {
        method: 'OPTIONS',
        headers: {origin: 'https://evil.example', 'access-control-request-method': 'POST'},
      })
      expect(response.headers.get('access-control-allow-origin'), path).to.equal(null)
    }
  })
})
