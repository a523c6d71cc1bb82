import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {PATHS} from '@parix/kit/contract'
import {
  bundleScript,
  makeHome,
  parix,
  type Script,
  sessionFile,
  startResident,
  type TestHome,
  withHome,
  withService,
} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'
import {typed} from '../../src/help/catalog.js'
import {allCommands} from '../tidy/built.js'

const SECRETS = ['px_secret_key_of_the_test', 'secret-access-token', 'secret-refresh-token']
/** They run until they are told to stop, wait for a person, or use npm. */
const NOT_RUN = /^(auth:login|local:(start|demo)|plugins:(install|update|link|create))$/
const PORT = 9
/** Nobody listens there. */
const NOWHERE = `http://127.0.0.1:${PORT}`

describe('what leaves the machine, and what is kept on it', function () {
  this.timeout(240_000)
  let watch: Script
  let resident: ReturnType<typeof startResident>
  let home: TestHome
  before(async () => {
    watch = await bundleScript(new URL('../scripts/watch-process.ts', import.meta.url))
    resident = startResident(join(ROOT, 'bin/run.js'), [`--import=${watch.path}`])
  })
  after(() => watch.remove())
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const signIn = (baseUrl: string, overrides: object = {}) =>
    home.write(
      '.config/parix/session.json',
      sessionFile({baseUrl, accessToken: SECRETS[1]!, refreshToken: SECRETS[2]!, ...overrides}),
    )
  const watched = async (words: string[], env: Record<string, string> = {}, run: typeof resident = parix) => {
    const log = join(home.path, 'watch.log')
    // Some commands write into the current directory: not into the repository. What a command starts is watched, too.
    const all = {NODE_OPTIONS: `--import=${watch.path}`, WATCH_LOG: log, ...env}
    const result = await run(words, {cwd: home.path, home, env: all})
    const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
    return {...result, lines}
  }

  for (const {id} of allCommands().filter(({id: one}) => !NOT_RUN.test(one))) {
    it(`threats 8.5, 8.6: parix ${typed(id)} prints no secret, and connects to nobody but the service`, async () => {
      for (const env of [{PARIX_API_KEY: SECRETS[0]!, PARIX_BASE_URL: NOWHERE}, {}]) {
        signIn(NOWHERE)
        const {stdout, stderr, lines} = await watched([...id.split(':'), '--debug'], env, resident)
        const shown = id === 'auth:token' ? stderr : stdout + stderr
        for (const secret of SECRETS) expect(shown).not.to.contain(secret)
        const others = lines.filter((line) => line.startsWith('connect') && line !== `connect 127.0.0.1 ${PORT}`)
        expect(others).to.deep.equal([])
      }
    })
  }

  it('threat 4.18: of all files that parix keeps, only session files hold a secret', () =>
    withService(async (service) => {
      signIn(service.baseUrl)
      service.answer('GET', `${PATHS.api}/databases`, {json: {ok: true, databases: [{id: 'db_1', name: 'books'}]}})
      for (const words of ['database use books', 'database list', 'completion refresh', 'auth list', 'commands']) {
        const {code, stderr} = await parix(words, {home})
        expect(code, `${words}: ${stderr}`).to.equal(0)
      }
      const files = readdirSync(home.path, {recursive: true, withFileTypes: true}).filter((one) => one.isFile())
      const holding = files
        .map(({parentPath, name}) => join(parentPath, name))
        .filter((path) => SECRETS.some((secret) => readFileSync(path, 'latin1').includes(secret)))
      expect(files.length).to.be.greaterThan(2)
      expect(holding).to.deep.equal([home.sessionPath])
    }))

  for (const [what, shiftMs] of [
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
    ['two days ahead', 48 * 3_600_000],
    ['two days behind', -48 * 3_600_000],
  ] as const) {
    it(`threat 5.22: a clock that jumped ${what} costs a renewal at most, never the session`, () =>
      withService(async (service) => {
        signIn(service.baseUrl, {accessTokenExpiresAt: new Date(Date.now() + 1_800_000).toISOString()})
        service.answer('POST', PATHS.token, {
          json: {access_token: 'renewed', refresh_token: 'renewed-too', token_type: 'Bearer', expires_in: 3600},
        })
        service.answer('GET', PATHS.discovery, {status: 404})
        service.answer('GET', `${PATHS.api}/databases`, {json: {ok: true, databases: []}})
        const {code, stderr} = await watched(['database', 'list', '--json'], {CLOCK_SHIFT_MS: String(shiftMs)})
        expect(code, stderr).to.equal(0)
        expect(service.to('POST', PATHS.token)).to.have.length(shiftMs > 0 ? 1 : 0)
        // Back at the right time, the session still works.
        expect((await parix('database list --json', {home})).code).to.equal(0)
      }))
  }

  for (const words of ['database list', 'auth status', 'auth token', 'auth list']) {
    it(`parix ${words} reads session.json once`, () =>
      withHome(() =>
        withService(async (service) => {
          const {user, organization} = sessionFile()
          signIn(service.baseUrl)
          service.answer('GET', `${PATHS.api}/databases`, {json: {ok: true, databases: []}})
          service.answer('GET', `${PATHS.api}/session`, {json: {ok: true, auth: {organization}}})
          service.answer('GET', PATHS.userinfo, {
            json: {sub: user.id, email: user.email, email_verified: true, name: user.name},
          })
          const {code, stderr, lines} = await watched(words.split(' '))
          expect(code, stderr).to.equal(0)
          expect(lines.filter((line) => line === `open ${home.sessionPath}`)).to.have.length(1)
        }),
      ))
  }
})
