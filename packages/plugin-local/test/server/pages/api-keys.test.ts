import {type BrowserPage, createBrowser} from '@parix/testkit'
import {expect} from 'chai'
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
    const after = await later.press(/^revoke$/i, {fill: {id}})
    expect(after.text).not.to.contain('deploy')
    expect((await session({'x-api-key': key})).status).to.equal(401)
  })

  it('a key to read has no right to write, and says so in the session', async () => {
    const key = keyOn(await (await open()).press(/create key/i, {fill: {name: 'r', access: 'read'}}))!
    const answer = (await (await session({'x-api-key': key})).json()) as {auth: {scopes: string[]; method: string}}
    expect(answer.auth.method).to.equal('api_key')
    expect(answer.auth.scopes).to.deep.equal(['org:read', 'db:read'])
    const write = keyOn(await (await open()).press(/create key/i, {fill: {name: 'w', access: 'write'}}))!
    const other = (await (await session({'x-api-key': write})).json()) as typeof answer
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
    const page = await open()
    expect(page.text).not.to.contain('of-ann')
    await page.press(/^revoke$/i, {fill: {id: fields[0]![1]}})
    expect((await session({'x-api-key': keyOn(made)!})).status).to.equal(200)
  })

  it('refuses a name that is missing or too long, rights that there aren’t, and a database of nobody', async () => {
    const page = await open()
    for (const fill of [
      {name: ''},
      {name: 'x'.repeat(61)},
      {name: 'x', access: 'admin'},
      {name: 'x', database: 'db_1'},
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
      const answer = await session(headers)
      expect(answer.status).to.equal(401)
      expect(answer.headers.get('www-authenticate')).to.match(/^Bearer/)
      expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/)
      const problem = (await answer.json()) as {status: number; detail: string; message: string}
      expect(problem.status).to.equal(401)
      expect(problem.message).to.equal(problem.detail)
    })
  }
})
