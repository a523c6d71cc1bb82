import {chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startService} from '@parix/plugin-local/server'
import {createBrowser} from '@parix/testkit'
import {expect} from 'chai'
import {closeDatabase, openDatabase} from '../../../src/server/store/database.js'
import {apiTakes, refresh, signIn, type Tokens} from '../../support/cli.js'
import {useLocalService} from '../../support/local.js'

describe('what a restart keeps', () => {
  const local = useLocalService()

  it('sessions, refresh tokens, users, organizations, the API key; on another port', async () => {
    const {user, organization, apiKey, baseUrl} = local.service
    const tokens = await signIn(baseUrl)
    await local.restart()
    expect(local.service).to.deep.include({user, organization, apiKey})
    expect(await apiTakes(local.service.baseUrl, tokens.access_token)).to.equal(true)
    const renewed = (await (await refresh(local.service.baseUrl, tokens.refresh_token!)).json()) as Tokens
    expect(await apiTakes(local.service.baseUrl, renewed.access_token)).to.equal(true)
    // A reuse is found out over a restart as well.
    await local.restart()
    expect((await refresh(local.service.baseUrl, tokens.refresh_token!)).status).to.equal(400)
    expect(await apiTakes(local.service.baseUrl, renewed.access_token)).to.equal(false)
  })

  it('the signing keys: an ID token of before can still be checked', async () => {
    const keys = async () => await (await fetch(local.url('/api/auth/jwks'))).text()
    await signIn(local.service.baseUrl)
    const before = await keys()
    await local.restart()
    expect(await keys()).to.equal(before)
  })

  it('who is signed in by a browser', async () => {
    const browser = createBrowser()
    const port = local.service.port
    await (await browser.open(local.url('/sign-in?next=/settings/api-keys'))).press(/sign in as you/i)
    await local.restart({port})
    expect((await browser.open(local.url('/settings/api-keys'))).title).to.equal('API keys · Parix')
  })

  it('a sign-in begun before: the consent is asked, and its code works', async () => {
    expect((await signIn(local.service.baseUrl)).token_type).to.equal('Bearer')
  })
})

describe('the data directory', () => {
  const local = useLocalService()

  it('is for its owner only, whatever the umask', async () => {
    expect(statSync(local.dataDir).mode & 0o777).to.equal(0o700)
    const names = readdirSync(local.dataDir)
    expect(names).to.include.members(['parix.db', 'secrets.json', 'service.json'])
    for (const name of names) {
      expect(statSync(join(local.dataDir, name)).mode & 0o077, name).to.equal(0)
    }
  })

  it('holds no token and no key in the clear, but for the API key that is printed', async () => {
    const tokens = await signIn(local.service.baseUrl)
    const made = await (await createBrowser().open(local.url('/sign-in?next=/settings/api-keys'))).press(/sign in as/i)
    const page = await made.press(/create key/i, {fill: {name: 'secret'}})
    const secrets = [
      tokens.access_token.slice(4),
      tokens.refresh_token!.slice(4),
      /px_\w{64}/.exec(page.text)![0].slice(3),
    ]
    for (const name of readdirSync(local.dataDir)) {
      const content = readFileSync(join(local.dataDir, name), 'latin1')
      for (const secret of secrets) expect(content.includes(secret), name).to.equal(false)
    }
    expect(readFileSync(join(local.dataDir, 'secrets.json'), 'utf8')).to.contain(local.service.apiKey)
  })

  it('is left as it is where it was there before, and refused where others can write', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'parix-shared-'))
    try {
      chmodSync(shared, 0o755)
      await (await startService({port: 0, dataDir: shared})).close()
      expect(statSync(shared).mode & 0o777).to.equal(0o755)
      for (const mode of [0o777, 0o1777, 0o775]) {
        chmodSync(shared, mode)
        const failure = await startService({port: 0, dataDir: shared}).catch((error: unknown) => error)
        expect(failure).to.include({name: 'ServiceFault', code: 'DATA_DIR_UNUSABLE'})
        expect((failure as Error).message).to.contain('chmod go-w')
      }
    } finally {
      rmSync(shared, {recursive: true})
    }
  })

  it('is on disk before a response, but where it goes with its service', async () => {
    const mode = (durable: boolean) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'parix-local-'))
      const store = openDatabase(dataDir, {durable})
      try {
        return Object.values(store.prepare('PRAGMA synchronous').get() as object)[0]
      } finally {
        closeDatabase(store)
        rmSync(dataDir, {recursive: true})
      }
    }
    const [off, full] = [0, 2]
    expect([mode(true), mode(false)]).to.deep.equal([full, off])
    // What a service of that kind keeps is there for the next one all the same.
    await local.restart({durable: false})
    const {apiKey, user} = local.service
    await local.restart()
    expect(local.service).to.deep.include({apiKey, user})
  })

  it('belongs to one service at a time', async () => {
    const failure = await startService({port: 0, dataDir: local.dataDir}).catch((error: unknown) => error)
    expect(failure).to.include({name: 'ServiceFault', code: 'DATA_DIR_IN_USE'})
    expect((await fetch(local.url('/health'))).status).to.equal(200)
  })
})
