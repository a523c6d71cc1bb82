import {sessionFile, type TestHome, withHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {resultOf} from '../tidy/built.js'

const DATABASES = {ok: true, databases: []}

/** Signed in at two services: `a` is in use, `b` is stored beside it. */
function withTwo(
  work: (two: {a: string; b: string; home: TestHome; asked(): string[]}) => Promise<void>,
): Promise<void> {
  return withHome((home) =>
    withService((first) =>
      withService(async (second) => {
        for (const service of [first, second]) {
          service.answer('GET', '/api/v1/databases', {json: DATABASES})
          service.answer('GET', '/api/auth/oauth2/userinfo', {json: {sub: 'user_1', name: 'Ada'}})
          service.answer('GET', '/api/v1/session', {json: {auth: {organization: {id: 'org_1', name: 'Acme'}}}})
          service.answer('GET', '/api/auth/.well-known/openid-configuration', {status: 404})
        }
        home.write('.config/parix/session.json', sessionFile({baseUrl: first.baseUrl, accessToken: 'token-of-a'}))
        home.write(
          `.config/parix/sessions/http_localhost_${second.port}.json`,
          sessionFile({baseUrl: second.baseUrl, accessToken: 'token-of-b'}),
        )
        const asked = () =>
          [...first.requests, ...second.requests].map(({headers}) =>
            String(headers.authorization ?? headers['x-api-key']),
          )
        await work({a: first.baseUrl, b: second.baseUrl, home, asked})
      }),
    ),
  )
}

describe('which service a command talks to', function () {
  this.timeout(60_000)

  it('PARIX_BASE_URL goes before the session in use, and its own stored session is used', () =>
    withTwo(async ({b, home, asked}) => {
      const {code} = await resultOf(['database', 'list'], home, {PARIX_BASE_URL: b})
      expect(code).to.equal(0)
      expect(asked()).to.deep.equal(['Bearer token-of-b'])
    }))

  it('--base-url goes before PARIX_BASE_URL', () =>
    withTwo(async ({a, b, home, asked}) => {
      await resultOf(['database', 'list', '--base-url', a], home, {PARIX_BASE_URL: b})
      expect(asked()).to.deep.equal(['Bearer token-of-a'])
    }))

  it('without either, the session in use; an empty variable is not a variable', () =>
    withTwo(async ({home, asked}) => {
      await resultOf(['database', 'list'], home)
      await resultOf(['database', 'list'], home, {PARIX_BASE_URL: ''})
      expect(asked()).to.deep.equal(['Bearer token-of-a', 'Bearer token-of-a'])
    }))

  it('an API key goes to the service of the variable, and no session is used', () =>
    withTwo(async ({b, home, asked}) => {
      await resultOf(['database', 'list'], home, {PARIX_BASE_URL: b, PARIX_API_KEY: 'px_key'})
      expect(asked()).to.deep.equal(['px_key'])
    }))

  it('where nobody is signed in at the service of PARIX_BASE_URL, exit 4 names the login that is missing', () =>
    withTwo(async ({home, asked}) => {
      const elsewhere = 'http://localhost:9/app'
      for (const words of ['database list', 'tb balance books 1', 'api session', 'auth status', 'auth token']) {
        const {code, stdout} = await resultOf([...words.split(' '), '--json'], home, {PARIX_BASE_URL: elsewhere})
        expect(code, words).to.equal(4)
        const {error} = JSON.parse(stdout) as {error: {message: string; next: string[]}}
        expect(error.message).to.equal(`You are not signed in at ${elsewhere} (from PARIX_BASE_URL).`)
        expect(error.next).to.deep.equal([`parix auth login --base-url ${elsewhere}`])
      }
      expect(asked()).to.deep.equal([])
    }))

  it('auth status says which setting chose the service', () =>
    withTwo(async ({a, b, home}) => {
      const source = async (args: string[], env: Record<string, string>) => {
        const {stdout} = await resultOf(['auth', 'status', '--json', ...args], home, env)
        const {baseUrl, baseUrlSource} = JSON.parse(stdout) as {baseUrl: string; baseUrlSource: string}
        return [baseUrl, baseUrlSource]
      }
      expect(await source([], {PARIX_BASE_URL: b})).to.deep.equal([b, 'environment'])
      expect(await source([], {})).to.deep.equal([a, 'session'])
      expect(await source(['-b', b], {})).to.deep.equal([b, 'flag'])
    }))

  it('auth logout ends the session of the service that PARIX_BASE_URL names', () =>
    withTwo(async ({a, b, home}) => {
      const {stdout} = await resultOf(['auth', 'logout', '--json'], home, {PARIX_BASE_URL: b})
      expect(JSON.parse(stdout)).to.deep.include({signedOut: [b], stillSignedIn: [a]})
    }))

  it('auth list and auth switch say that PARIX_BASE_URL is used instead', () =>
    withTwo(async ({a, b, home}) => {
      for (const words of [
        ['auth', 'list'],
        ['auth', 'switch', a],
      ]) {
        const {stderr} = await resultOf(words, home, {PARIX_BASE_URL: b})
        expect(stderr, words.join(' ')).to.include(`PARIX_BASE_URL is set: commands use ${b}`)
      }
    }))

  it('a base URL without a scheme is refused with what was probably meant', () =>
    withHome(async (home) => {
      for (const [given, meant] of [
        ['localhost:5173', 'http://localhost:5173'],
        ['127.0.0.1:5173/app', 'http://127.0.0.1:5173/app'],
        ['[::1]:5173', 'http://[::1]:5173'],
        ['parix.example', 'https://parix.example'],
        ['parix.example:8443', 'https://parix.example:8443'],
        ['//parix.example', 'https://parix.example'],
      ] as const) {
        const flag = await resultOf(['database', 'list', '-b', given], home)
        expect([flag.code, flag.stderr], given).to.satisfy(
          ([code, text]: [number, string]) => code === 2 && text.includes(`did you mean ${meant}?`),
        )
        const variable = await resultOf(['database', 'list'], home, {PARIX_BASE_URL: given})
        expect(variable.code).to.equal(2)
        expect(variable.stderr).to.include(`PARIX_BASE_URL has no scheme; did you mean ${meant}?`)
      }
    }))
})
