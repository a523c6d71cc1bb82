import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {type BrowserPage, createBrowser} from '@parix/testkit'
import {expect} from 'chai'
import {callApi, makeKey, untilStatus, useApi} from '../../support/api.js'

const CHART = `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes: {account: {bank: 10, customer: 20}, transfer: {deposit: 1}}
types: {bank: asset, customer: liability}
accounts:
  bank: {id: 1, ledger: USD, code: bank}
  customer/*: {id: {base: 100, plus: n, count: 100}, ledger: USD, code: customer}
`

describe('the console of the local service', () => {
  const api = useApi()
  let database: string
  before(async () => {
    database = await api.makeDatabase('books')
    await api.operate(
      database,
      'create_accounts',
      '[{"id":1,"ledger":700,"code":10},{"id":105,"ledger":700,"code":20}]',
    )
    await api.operate(
      database,
      'create_transfers',
      '[{"id":5000,"debit_account_id":1,"credit_account_id":105,"amount":1250,"ledger":700,"code":1}]',
    )
  })

  const enter = async (path: string): Promise<BrowserPage> =>
    (await createBrowser().open(api.url(path))).press(/sign in as you/i)

  it('asks to sign in, and leads back to the page that was asked for', async () => {
    const page = await enter('/console/books/accounts/105')
    expect(page.url).to.equal(api.url('/console/books/accounts/105'))
    expect(page.text).to.contain('1250')
    const filtered = await enter('/console/books/transfers?account=105&from=2026-01-01')
    expect(filtered.url).to.equal(api.url('/console/books/transfers?account=105&from=2026-01-01'))
  })

  it('leads to no other site after signing in', async () => {
    for (const next of [
      '//evil.example',
      'https://evil.example',
      '/console//evil.example/..//',
      '/console/x?next=https://evil.example',
    ]) {
      const page = await createBrowser().open(api.url(`/sign-in?${new URLSearchParams({next})}`))
      const after = await page.press(/sign in as you/i)
      expect(new URL(after.url).origin, next).to.equal(api.service.baseUrl)
    }
  })

  it('is one press away from the start page, and shows the databases of the organization alone', async () => {
    const start = await createBrowser().open(api.url('/'))
    expect(start.links.map(({href}) => href)).to.contain('/console/')
    expect((await enter('/console/')).text).to.contain('books')
    const other = await (await createBrowser().open(api.url('/console/'))).press(/Continue as this person/, {
      fill: {email: 'eve@example.com', name: '', organization: 'Elsewhere'},
    })
    expect(other.text).to.contain('No databases yet')
    expect(other.links.map(({href}) => href)).to.not.contain('/console/books')
  })

  it('shows names and currencies once a chart was sent, and integers after it was removed', async () => {
    const send = (method: string, body?: string) => callApi(api.service, method, `/local/charts/${database}`, body)
    expect((await send('PUT', JSON.stringify({text: CHART}))).status).to.equal(200)
    const named = await enter('/console/books/accounts/105')
    expect(named.text).to.contain('@customer/5').and.contain('12.50 USD')
    expect((await send('DELETE')).status).to.equal(200)
    expect((await enter('/console/books/accounts/105')).text).to.not.contain('@customer/5')
  })

  it('keeps no chart of a database that was removed', async () => {
    const id = await api.makeDatabase('brief')
    await callApi(api.service, 'PUT', `/local/charts/${id}`, JSON.stringify({text: CHART}))
    const path = join(api.dataDir, 'charts', `${id}.json`)
    expect(existsSync(path)).to.equal(true)
    await api.call('DELETE', `/databases/${id}`)
    await untilStatus(api.call, id, 'gone')
    expect(existsSync(path)).to.equal(false)
  })

  it('takes no chart that is wrong, and none from who may not write to the database', async () => {
    const put = (body: string, key?: string | null) =>
      callApi(api.service, 'PUT', `/local/charts/${database}`, body, key === undefined ? {} : {key})
    const wrong = await put(JSON.stringify({text: 'version: 1\nledgers: {USD: {id: 700}}\n'}))
    expect(wrong.status).to.equal(422)
    expect(wrong.json.detail).to.contain('parix.chart.yaml')
    expect((await put('{}')).status).to.equal(422)
    expect((await put(JSON.stringify({text: CHART}), null)).status).to.equal(401)
    const reader = await makeKey(api.service, {access: 'read'})
    expect((await put(JSON.stringify({text: CHART}), reader)).status).to.equal(403)
    const stranger = await makeKey(api.service, {
      access: 'write',
      person: {email: 'mallory@example.com', organization: 'Third'},
    })
    expect((await put(JSON.stringify({text: CHART}), stranger)).status).to.equal(404)
  })

  it('lists the requests of programs, with a command that sends each again, and no credential', async () => {
    await api.operate(database, 'lookup_accounts', '["105"]')
    await api.operate(database, 'create_transfers', '[{"id":5000}]')
    const page = await enter('/console/-/requests')
    expect(page.text).to.contain(`/api/v1/databases/${database}/tb/lookup_accounts`)
    expect(page.text).to.contain(`parix api /api/v1/databases/${database}/tb/lookup_accounts --data '["105"]'`)
    expect(page.text).to.contain('409')
    expect(page.html).to.not.contain(api.service.apiKey)
    const refused = await enter('/console/-/requests?status=refused')
    expect(refused.text).to.not.contain('lookup_accounts')
  })

  it('turns failures on and off by buttons, for this organization', async () => {
    const page = await enter('/console/-/failures')
    const armed = await page.press(/^Add$/)
    expect(armed.text).to.contain('A request fails with 503')
    expect((await api.call('GET', '/databases')).status).to.equal(503)
    expect((await api.call('GET', '/databases')).status).to.equal(200)
    const stub = await armed.press(/^Turn on$/)
    expect((await api.operate(database, 'lookup_accounts', '["105"]')).json.mode).to.equal('stub')
    await stub.press(/Turn all off/)
    expect((await api.operate(database, 'lookup_accounts', '["105"]')).json.mode).to.equal('live')
  })

  it('takes a form from its own pages only', async () => {
    const page = await enter('/console/-/failures')
    for (const origin of ['http://evil.example', 'null', api.service.baseUrl.replace('localhost', '127.0.0.1')]) {
      const refused = await page.press(/^Turn on$/, {headers: {origin}})
      expect(refused.status, origin).to.equal(403)
    }
    expect((await api.operate(database, 'lookup_accounts', '["105"]')).json.mode).to.equal('live')
  })
})
