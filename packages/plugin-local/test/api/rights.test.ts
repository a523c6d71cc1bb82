import {expect} from 'chai'
import {makeKey, useApi} from '../support/api.js'
import {signIn} from '../support/cli.js'

const OPERATIONS = {
  create_accounts: ['[{"id":1,"ledger":1,"code":1}]', 'db:write'],
  create_transfers: [
    '[{"id":1,"debit_account_id":1,"credit_account_id":2,"amount":1,"ledger":1,"code":1}]',
    'db:write',
  ],
  lookup_accounts: ['[1]', 'db:read'],
  lookup_transfers: ['[1]', 'db:read'],
  get_account_transfers: ['{"account_id":1}', 'db:read'],
  get_account_balances: ['{"account_id":1}', 'db:read'],
  query_accounts: ['{}', 'db:read'],
  query_transfers: ['{}', 'db:read'],
} as const

describe('rights', () => {
  const api = useApi()
  let books: string
  let other: string

  before(async () => {
    books = await api.makeDatabase('books')
    other = await api.makeDatabase('other')
  })

  function expectRefused(response: Awaited<ReturnType<typeof api.call>>, scope: string): void {
    expect(response.status, response.text).to.equal(403)
    expect(response.json.type).to.equal('https://parix.io/problems/scope-missing')
    expect(response.json.detail).to.include(`needs the scope ${scope}`)
    expect(response.headers.get('www-authenticate')).to.equal(
      `Bearer realm="parix", error="insufficient_scope", scope="${scope}"`,
    )
  }

  it('a key that may only read reads, and is told which scope it lacks for the rest', async () => {
    const key = await makeKey(api.service, {access: 'read'})
    for (const [operation, [body, scope]] of Object.entries(OPERATIONS)) {
      const response = await api.call('POST', `/databases/${books}/tb/${operation}`, body, {key})
      if (scope === 'db:write') expectRefused(response, 'db:write')
      else expect(response.status, response.text).to.equal(200)
    }
    expectRefused(await api.call('POST', '/databases', '{"name":"new"}', {key}), 'db:write')
    expectRefused(await api.call('DELETE', `/databases/${books}`, undefined, {key}), 'db:write')
    for (const path of ['/databases', `/databases/${books}`, '/catalog/create', '/session']) {
      expect((await api.call('GET', path, undefined, {key})).status).to.equal(200)
    }
  })

  it('a token without db:read or db:write may ask who it is, and nothing else', async () => {
    const {access_token: token} = await signIn(api.service.baseUrl, {untick: ['db:read', 'db:write']})
    const options = {key: null, headers: {authorization: `Bearer ${token}`}}
    for (const [operation, [body, scope]] of Object.entries(OPERATIONS)) {
      expectRefused(await api.call('POST', `/databases/${books}/tb/${operation}`, body, options), scope)
    }
    for (const path of ['/databases', `/databases/${books}`, '/catalog/create']) {
      expectRefused(await api.call('GET', path, undefined, options), 'db:read')
    }
    expect((await api.call('GET', '/session', undefined, options)).status).to.equal(200)
  })

  it('a token that was granted both does both', async () => {
    const {access_token: token} = await signIn(api.service.baseUrl)
    const options = {key: null, headers: {authorization: `Bearer ${token}`}}
    for (const operation of ['query_accounts', 'query_transfers']) {
      expect((await api.call('POST', `/databases/${books}/tb/${operation}`, '{}', options)).status).to.equal(200)
    }
    const created = await api.call(
      'POST',
      `/databases/${other}/tb/create_accounts`,
      OPERATIONS.create_accounts[0],
      options,
    )
    expect(created.status).to.equal(200)
  })

  it('a key for one database sees that one, makes no others, and learns nothing of others', async () => {
    const key = await makeKey(api.service, {access: 'write', databaseId: books})
    const list = await api.call('GET', '/databases', undefined, {key})
    expect(list.json.databases.map(({id}: {id: string}) => id)).to.deep.equal([books])
    expect((await api.call('GET', `/databases/${books}`, undefined, {key})).status).to.equal(200)
    expect((await api.call('POST', `/databases/${books}/tb/query_accounts`, '{}', {key})).status).to.equal(200)
    for (const id of [other, 'db_of_nobody']) {
      for (const refused of [
        await api.call('GET', `/databases/${id}`, undefined, {key}),
        await api.call('DELETE', `/databases/${id}`, undefined, {key}),
        await api.call('POST', `/databases/${id}/tb/query_accounts`, '{}', {key}),
      ]) {
        expect(refused.status).to.equal(403)
        expect(refused.json.type).to.equal('https://parix.io/problems/key-of-another-database')
        expect(refused.json.detail).to.equal(`This API key is for the database ${books} only.`)
      }
    }
    const made = await api.call('POST', '/databases', '{"name":"new"}', {key})
    expect([made.status, made.json.type]).to.deep.equal([403, 'https://parix.io/problems/key-of-another-database'])
  })

  it('a key for one database finds it beyond any limit of the list', async () => {
    const key = await makeKey(api.service, {access: 'read', databaseId: other})
    const list = await api.call('GET', '/databases?limit=1', undefined, {key})
    expect(list.json.databases.map(({name}: {name: string}) => name)).to.deep.equal(['other'])
  })

  it('an organization has its own databases: those of others are not there, and names are its own', async () => {
    const person = {email: 'eve@example.com', organization: 'Evil'}
    const key = await makeKey(api.service, {access: 'write', person})
    expect((await api.call('GET', '/databases', undefined, {key})).json).to.deep.equal({ok: true, databases: []})
    for (const response of [
      await api.call('GET', `/databases/${books}`, undefined, {key}),
      await api.call('DELETE', `/databases/${books}`, undefined, {key}),
      await api.call('POST', `/databases/${books}/tb/create_accounts`, OPERATIONS.create_accounts[0], {key}),
      await api.call('POST', `/databases/${books}/tb/query_accounts`, '{}', {key}),
    ]) {
      expect([response.status, response.json.type]).to.deep.equal([404, 'https://parix.io/problems/not-found'])
      expect(response.json.detail).to.equal(`There is no database ${books} in your organization.`)
    }
    const same = await api.call('POST', '/databases', '{"name":"books"}', {key})
    expect(same.status).to.equal(201)
    const mine = await api.call('GET', '/databases?search=books')
    expect(mine.json.databases.map(({id}: {id: string}) => id)).to.deep.equal([books])
  })
})
