import {createHash, randomBytes} from 'node:crypto'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {SessionFile} from '@parix/kit/contract'
import {startService} from '@parix/plugin-local/server'
import {
  type Browser,
  type BrowserPage,
  createBrowser,
  expired,
  makeHome,
  residentParix,
  signInWithBrowser,
  startBetterAuth16,
  startOidcProvider,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'
import {driveLogin} from '../commands/auth/driven-login.js'

/** A service to sign in at. Two of the three were not written by us, nor by each other's authors. */
interface Server {
  baseUrl: string
  approve(browser: Browser, url: string): Promise<BrowserPage>
  stop(): Promise<void>
}

async function startLocal(): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), 'parix-story-'))
  const service = await startService({port: 0, dataDir})
  return {
    baseUrl: service.baseUrl,
    approve: (browser, url) => signInWithBrowser(url, {browser}),
    stop: async () => {
      await service.close()
      rmSync(dataDir, {recursive: true, force: true})
    },
  }
}

const SERVERS: [name: string, start: () => Promise<Server>, email: string][] = [
  ['parix local', startLocal, 'you@parix.local'],
  ['oidc-provider', startOidcProvider, 'ada@peer.example'],
  ['better-auth 1.6', startBetterAuth16, 'ada@peer.example'],
]

for (const [name, start, email] of SERVERS) {
  describe(`story: the same CLI at ${name}`, function () {
    this.timeout(120_000)
    let server: Server
    let home: TestHome

    before(async () => {
      server = await start()
    })
    after(() => server.stop())
    beforeEach(() => {
      home = makeHome()
    })
    afterEach(() => home.remove())

    const session = () => JSON.parse(readFileSync(home.sessionPath, 'utf8')) as SessionFile
    const signIn = async () => {
      const login = await driveLogin({home, baseUrl: server.baseUrl})
      const page = await server.approve(createBrowser(), login.page.href)
      return {page, ...(await login.result)}
    }

    it('signs in, reads userinfo, refreshes, and signs out', async () => {
      const {page, code, stdout, stderr} = await signIn()
      expect(code, stderr).to.equal(0)
      expect(page.url).to.equal(`${server.baseUrl}/cli-oauth-consent-granted`)
      expect(stdout).to.contain(`Signed in at ${server.baseUrl} as `).and.contain(email)

      const first = session()
      expect(first.refreshToken).to.be.a('string')
      const status = JSON.parse((await residentParix('auth status --json', {home})).stdout)
      expect(status).to.deep.include({checked: true, baseUrl: server.baseUrl})
      expect(status.user.email).to.equal(email)

      writeFileSync(home.sessionPath, JSON.stringify({...first, accessTokenExpiresAt: expired()}))
      const renewed = await residentParix('auth status', {home})
      expect(renewed.code, renewed.stderr).to.equal(0)
      expect(session().accessToken).to.not.equal(first.accessToken)
      expect(Date.parse(session().accessTokenExpiresAt)).to.be.greaterThan(Date.now())

      expect((await residentParix('auth logout', {home})).code).to.equal(0)
      expect((await residentParix(`auth status -b ${server.baseUrl}`, {home})).code).to.equal(4)
    })

    it('threat 1.4: a code that belongs to another attempt’s verifier is refused, and the session stays', async () => {
      expect((await signIn()).code).to.equal(0)
      const before = session()
      const login = await driveLogin({home, baseUrl: server.baseUrl})
      // An attacker has our state, and gets a code for a challenge of their own.
      const attack = new URL(login.page)
      const theirs = createHash('sha256').update(randomBytes(32)).digest('base64url')
      attack.searchParams.set('code_challenge', theirs)
      const page = await server.approve(createBrowser(), attack.href)
      const {code, stderr} = await login.result
      expect(page.status).to.equal(502)
      expect(code).to.not.equal(0)
      expect(stderr).to.match(/^Error: /m)
      expect(session()).to.deep.equal(before)
    })
  })
}
