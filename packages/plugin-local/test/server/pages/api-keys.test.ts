import {type BrowserPage, createBrowser} from '@parix/testkit'
import {expect} from 'chai'
import {closeDatabase, openDatabase} from '../../../src/server/store/database.js'
import {useLocalService} from '../../support/local.js'

describe('the page for API keys', () => {
  const local = useLocalService()

  const open = async (): Promise<BrowserPage> =>
    (await createBrowser().open(local.url('/settings/api-keys'))).press(/sign in as you/i)
  const session = (headers: Record<string, string>) => fetch(local.url('/api/v1/session'), {headers})
  const keyOn = (page: BrowserPage) => /px_[A-Za-z]{64}/.exec(page.text)?.[0]

  it('asks to sign in first', async () => {
    const page = await createBrowser().open(local.url('/settings/api-keys'))
    expect(page.title).to.equal('Sign in · Parix')
  })

  it('makes a key that is shown once, works, and ends when revoked', async () => {
    const made = await (await open()).press(/create key/i, {fill: {name: 'deploy'}})
    const key = keyOn(made)!
    expect(made.text).to.contain('shown only now')
    expect((await session({'x-api-key': key})).status).to.equal(200)
    const later = await open()
    expect(keyOn(later)).to.equal(undefined)
    expect(later.text).to.contain('deploy')
    const keys = later.forms.filter(({buttons}) => buttons[0]?.label === 'Revoke')
    const id = keys.at(-1)!.fields[0]![1]
    const question = await later.press(/^revoke$/i, {fill: {id}})
    expect(question.title).to.equal('Revoke this key? · Parix')
    expect(question.text).to.contain('deploy')
    expect((await session({'x-api-key': key})).status).to.equal(200)
    const after = await question.press(/^revoke key$/i)
    expect(after.url).to.equal(local.url('/settings/api-keys'))
    expect(after.text).not.to.contain('deploy')
    expect((await session({'x-api-key': key})).status).to.equal(401)
  })

  it('takes a name of 1 to 60 characters, of any script', async () => {
    for (const name of ['x', 'x'.repeat(32), 'x'.repeat(33), 'x'.repeat(60), '支'.repeat(60), '🚀'.repeat(30)]) {
      const page = await (await open()).press(/create key/i, {fill: {name}})
      expect([name, page.status]).to.deep.equal([name, 200])
      expect(page.text).to.contain(name)
    }
    for (const name of ['', '   ', 'x'.repeat(61), '🚀'.repeat(31)]) {
      expect((await (await open()).press(/create key/i, {fill: {name}})).status).to.equal(400)
    }
  })

  it('shows when a key was created, was last used, and expires', async () => {
    const page = await (await open()).press(/create key/i, {fill: {name: 'dated', expires: '30'}})
    const today = new Date()
    const day = (time: Date) => time.toISOString().slice(0, 10)
    const expiry = new Date(today.getTime() + 30 * 24 * 3600_000)
    expect(page.text).to.match(
      new RegExp(
        `dated Key px_\\w+… Access read Databases all databases Created ${day(today)} Last used never Expires ${day(expiry)}`,
      ),
    )
    await session({'x-api-key': keyOn(page)!})
    expect((await open()).text).to.match(/dated Key .{0,90} Last used \d{4}-\d\d-\d\d \d\d:\d\d UTC Expires/)
  })

  it('a key that has expired is refused, and shown as expired', async () => {
    const page = await (await open()).press(/create key/i, {fill: {name: 'short-lived', expires: '7'}})
    const key = keyOn(page)!
    expect((await session({'x-api-key': key})).status).to.equal(200)
    await local.service.close()
    const database = openDatabase(local.dataDir)
    database.prepare(`UPDATE apikey SET "expiresAt" = '2020-01-01T00:00:00.000Z' WHERE name = 'short-lived'`).run()
    closeDatabase(database)
    await local.restart()
    expect((await session({'x-api-key': key})).status).to.equal(401)
    expect((await open()).text).to.contain('Expires expired 2020-01-01')
  })

  it('a key to read has no right to write, and says so in the session', async () => {
    const key = keyOn(await (await open()).press(/create key/i, {fill: {name: 'r', access: 'read'}}))!
    const response = (await (await session({'x-api-key': key})).json()) as {auth: {scopes: string[]; method: string}}
    expect(response.auth.method).to.equal('api_key')
    expect(response.auth.scopes).to.deep.equal(['org:read', 'db:read'])
    const write = keyOn(await (await open()).press(/create key/i, {fill: {name: 'w', access: 'write'}}))!
    const other = (await (await session({'x-api-key': write})).json()) as typeof response
    expect(other.auth.scopes).to.deep.equal(['org:read', 'db:read', 'db:write'])
  })

  it('is also taken as a bearer token, as the contract says', async () => {
    expect((await session({authorization: `Bearer ${local.service.apiKey}`})).status).to.equal(200)
  })

  it('is not limited in number of calls', async () => {
    for (let call = 0; call < 30; call++) {
      expect((await session({'x-api-key': local.service.apiKey})).status).to.equal(200)
    }
  })

  it('ends only keys of one’s own', async () => {
    const signInPage = await createBrowser().open(local.url('/sign-in?next=/settings/api-keys'))
    const ann = await signInPage.press(/continue as/i, {fill: {email: 'ann@example.org'}})
    const made = await ann.press(/create key/i, {fill: {name: 'of-ann'}})
    const {fields} = made.forms.find(({buttons}) => buttons[0]?.label === 'Revoke')!
    const browser = createBrowser()
    const page = await (await browser.open(local.url('/settings/api-keys'))).press(/sign in as you/i)
    expect(page.text).not.to.contain('of-ann')
    for (const confirm of [{}, {confirm: 'yes'}]) {
      const refused = await fetch(local.url('/settings/api-keys/revoke'), {
        method: 'POST',
        headers: {
          origin: local.service.baseUrl,
          cookie: [...browser.cookies('localhost')].map(([name, value]) => `${name}=${value}`).join('; '),
        },
        body: new URLSearchParams({id: fields[0]![1], ...confirm}),
      })
      expect(refused.status).to.equal(404)
    }
    expect((await session({'x-api-key': keyOn(made)!})).status).to.equal(200)
  })

  it('refuses a name that is missing or too long, rights that there aren’t, and a database of nobody', async () => {
    const page = await open()
    for (const fill of [
      {name: ''},
      {name: 'x'.repeat(61)},
      {name: 'x', access: 'admin'},
      {name: 'x', database: 'db_1'},
      {name: 'x', expires: '8'},
      {name: 'x', expires: '-1'},
    ]) {
      expect((await page.press(/create key/i, {fill: fill as Record<string, string>})).status).to.equal(400)
    }
  })

  for (const headers of [
    {},
    {'x-api-key': ''},
    {'x-api-key': 'px_unknown'},
    {authorization: 'Bearer pxa_unknown'},
    {authorization: 'Bearer'},
    {authorization: 'Basic eDp5'},
    {'x-api-key': "' OR 1=1 --"},
  ] as Record<string, string>[]) {
    it(`answers 401 to ${JSON.stringify(headers)}`, async () => {
      const response = await session(headers)
      expect(response.status).to.equal(401)
      expect(response.headers.get('www-authenticate')).to.match(/^Bearer/)
      expect(response.headers.get('content-type')).to.match(/^application\/problem\+json/)
      const problem = (await response.json()) as {status: number; detail: string; message: string}
      expect(problem.status).to.equal(401)
      expect(problem.message).to.equal(problem.detail)
    })
  }
})
