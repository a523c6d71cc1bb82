import {createBrowser} from '@parix/testkit'
import {anyText} from '@parix/testkit/any-text'
import {expect} from 'chai'
import fc from 'fast-check'
import {useApi} from '../support/api.js'

interface Operation {
  method: string
  path: string
}

/** Values that break what is not careful: wrong types, edges of widths, odd Unicode, what looks like code. */
const oddText = fc.oneof(
  anyText({maxLength: 80}),
  fc.constantFrom(
    ...[
      '',
      ' ',
      '\0',
      '%',
      '%zz',
      '%00',
      '../..',
      '..%2f..',
      "' OR 1=1 --",
      '<script>',
      '#{7*7}',
      '__proto__',
      'constructor',
    ],
    ...[
      '\ud800',
      '\u202e',
      'NaN',
      'Infinity',
      '-1',
      '1e999',
      '0x',
      '9'.repeat(60),
      'x'.repeat(5000),
      '[object Object]',
      'null',
    ],
  ),
)
const oddValue = fc.letrec<{value: unknown}>((tie) => ({
  value: fc.oneof(
    {maxDepth: 3},
    oddText,
    fc.double(),
    fc.maxSafeInteger(),
    fc.constantFrom(null, true, false, {}, [], [[]], 2 ** 63, -0),
    fc.array(tie('value'), {maxLength: 4}),
    fc.dictionary(
      fc.constantFrom(
        'id',
        'ledger',
        'code',
        'amount',
        'flags',
        'limit',
        'name',
        'provider',
        'failNext',
        'stub',
        '__proto__',
      ),
      tie('value'),
      {maxKeys: 4},
    ),
  ),
})).value

/** As a header can carry it. */
const asHeader = (text: string) => text.replace(/[^\x20-\x7e]/g, '').slice(0, 2000)

/** As a path can carry it: a lone surrogate has no UTF-8. */
const inPath = (text: string) => encodeURIComponent(text.replace(/\p{Cs}/gu, '?'))

/** A status that bad input may have: what a proxy or the transport would say is not among them. */
const isAnswer = (status: number) => status >= 200 && status < 500

describe('bad input', function () {
  this.timeout(300_000)
  const api = useApi()
  let id: string
  let operations: Operation[]

  before(async () => {
    id = await api.makeDatabase('fuzz')
    const {json} = await api.call('GET', '/openapi.json')
    operations = Object.entries(json.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({method: method.toUpperCase(), path: `/api/v1${path}`})),
    )
    operations.push(
      ...['GET', 'POST', 'DELETE'].map((method) => ({method, path: '/local/faults'})),
      ...['GET', 'POST'].map((method) => ({method, path: '/api/auth/oauth2/userinfo'})),
      ...['/api/auth/oauth2/token', '/api/auth/oauth2/revoke', '/api/auth/device/code'].map((path) => ({
        method: 'POST',
        path,
      })),
      ...[
        '/api/auth/oauth2/authorize',
        '/api/oauth/cli/authorize',
        '/api/oauth/cli/callback',
        '/api/auth/jwks',
        '/health',
        '/docs',
      ].map((path) => ({method: 'GET', path})),
    )
  })

  const send = (path: string, init: RequestInit) => fetch(api.service.baseUrl + path, {redirect: 'manual', ...init})
  const check = async (response: Response, what: string) => {
    const text = await response.text()
    expect(isAnswer(response.status), `${what}: ${response.status} ${text.slice(0, 300)}`).to.equal(true)
    expect(response.headers.get('x-content-type-options'), what).to.equal('nosniff')
    expect(text, what).not.to.match(/\n\s+at .+:\d+:\d+|node_modules/)
  }

  it('no route of the API, and none of the sign-in, answers 5xx to odd bodies, queries, ids and headers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        oddValue,
        fc.dictionary(
          fc.oneof(fc.constantFrom('search', 'limit', 'state', 'client_id', 'prompt', 'scope'), oddText),
          oddText,
          {maxKeys: 3},
        ),
        fc.oneof(fc.constant(undefined), oddText),
        fc.constantFrom(
          'application/json',
          'text/plain',
          'application/x-www-form-urlencoded',
          'multipart/form-data',
          '',
        ),
        fc.oneof({weight: 4, arbitrary: fc.constant('key')}, {weight: 1, arbitrary: oddText}),
        async (n, body, query, oddId, contentType, credential) => {
          const {method, path} = operations[n % operations.length]!
          const target = path.replace('{id}', () => (oddId === undefined ? id : inPath(oddId)))
          if (method === 'DELETE' && target.includes(id)) return
          const search = new URLSearchParams(query)
          const text = JSON.stringify(body) ?? ''
          const headers = {
            'x-api-key': credential === 'key' ? api.service.apiKey : asHeader(credential),
            ...(contentType && {'content-type': contentType}),
          }
          const response = await send(`${target}?${search}`, {method, headers, ...(method !== 'GET' && {body: text})})
          await check(response, `${method} ${target}?${search} ${contentType} ${text.slice(0, 300)}`)
          await send('/local/faults', {method: 'DELETE', headers: {'x-api-key': api.service.apiKey}})
        },
      ),
      {numRuns: 400},
    )
  })

  it('no form of the pages answers 5xx to odd fields', async () => {
    const browser = createBrowser()
    const page = await (await browser.open(api.url('/settings/api-keys'))).press(/sign in as you/i)
    expect(page.status).to.equal(200)
    const cookie = [...browser.cookies('localhost')].map(([name, value]) => `${name}=${value}`).join('; ')
    const fields = ['name', 'access', 'database', 'expires', 'id', 'confirm', 'user', 'user_code', 'decision', 'scope']
    fields.push('oauth_query', 'next', 'email', 'organization')
    const meant: Record<string, string> = {
      name: 'fuzz',
      access: 'read',
      database: '',
      expires: '',
      decision: 'allow',
      email: 'a@b',
    }
    const forms = [
      '/sign-in',
      '/consent',
      '/device',
      '/device/decide',
      '/settings/api-keys',
      '/settings/api-keys/revoke',
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...forms),
        fc.dictionary(fc.constantFrom(...fields), oddText, {maxKeys: 4}),
        fc.boolean(),
        fc.boolean(),
        async (path, odd, isSignedIn, isForm) => {
          const data = new URLSearchParams({...meant, ...odd})
          const response = await send(path, {
            method: 'POST',
            headers: {
              origin: api.service.baseUrl,
              ...(isSignedIn && {cookie}),
              'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
            },
            body: isForm ? data.toString() : JSON.stringify(Object.fromEntries(data)),
          })
          await check(response, `${path} ${data}`)
        },
      ),
      {numRuns: 300},
    )
  })

  it('no page answers 5xx to odd queries and paths', async () => {
    const pages = [
      '/',
      '/sign-in',
      '/consent',
      '/device',
      '/error',
      '/settings/api-keys',
      '/docs',
      '/local/checkout',
      '/nope',
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...pages),
        fc.dictionary(fc.constantFrom('next', 'user_code', 'sig', 'client_id', 'scope', 'state', 'error'), oddText, {
          maxKeys: 4,
        }),
        oddText,
        async (path, query, tail) => {
          const search = new URLSearchParams(query)
          for (const target of [`${path}?${search}`, `${path}/${inPath(tail)}`, `${path}?%zz=%`]) {
            await check(await send(target, {headers: {accept: 'text/html'}}), target)
          }
        },
      ),
      {numRuns: 100},
    )
  })
})
