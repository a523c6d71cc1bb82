import {createBrowser} from '@parix/testkit'
import {expect} from 'chai'
import {parseFailRule} from '../../src/server/api/fault-rules.js'
import {callApi, makeKey, untilStatus, useApi} from '../support/api.js'
import {exchangeCode, refresh, signIn, throughTheBrowser} from '../support/cli.js'

describe('fault injection', () => {
  const api = useApi({switches: {failNext: [{times: 1, status: 503, retryAfterS: 1, path: '/catalog'}]}})
  let id: string

  before(async () => {
    id = await api.makeDatabase('books')
  })

  afterEach(() => callApi(api.service, 'DELETE', '/local/faults'))

  const set = (switches: object) => callApi(api.service, 'POST', '/local/faults', JSON.stringify(switches))
  const account = (n: number) => `[{"id":${n},"ledger":1,"code":1}]`
  const cutOff = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => undefined,
      (failure: Error) => failure,
    )
    expect(error?.message).to.equal('fetch failed')
  }

  it('from the start: the next request that fits fails, and the one after it does not', async () => {
    const failed = await api.call('GET', '/catalog/create')
    expect([failed.status, failed.headers.get('retry-after')]).to.deep.equal([503, '1'])
    expect(failed.headers.get('content-type')).to.equal('application/problem+json')
    expect((await api.call('GET', '/catalog/create')).status).to.equal(200)
  })

  it('a status as often as was said, for the method and path that were said; nothing is done', async () => {
    await set({failNext: [{status: 429, times: 2, method: 'post', path: '/create_accounts', retryAfterS: 7}]})
    expect((await api.call('GET', '/databases')).status).to.equal(200)
    for (const time of [1, 2]) {
      const {status, headers} = await api.operate(id, 'create_accounts', account(1))
      expect([time, status, headers.get('retry-after')]).to.deep.equal([time, 429, '7'])
    }
    expect((await api.operate(id, 'lookup_accounts', '[1]')).json.responsePayload).to.deep.equal([])
    expect((await api.operate(id, 'create_accounts', account(1))).json.responsePayload[0].result).to.equal('created')
  })

  it('drop answer: the connection is cut after the work was done', async () => {
    await set({failNext: [{drop: 'answer', path: 'create_accounts'}]})
    await cutOff(api.operate(id, 'create_accounts', account(2)))
    expect((await api.operate(id, 'create_accounts', account(2))).json.responsePayload[0].result).to.equal('exists')
  })

  it('drop request: the connection is cut and nothing was done', async () => {
    await set({failNext: [{drop: 'request', path: 'create_accounts'}]})
    await cutOff(api.operate(id, 'create_accounts', account(3)))
    expect((await api.operate(id, 'create_accounts', account(3))).json.responsePayload[0].result).to.equal('created')
  })

  it('delay: the answer comes late', async () => {
    await set({failNext: [{delayMs: 300}]})
    const started = performance.now()
    expect((await api.call('GET', '/databases')).status).to.equal(200)
    expect(performance.now() - started).to.be.at.least(290)
  })

  it('the switches themselves, and who is asking, are not subject to a rule without a path', async () => {
    await set({failNext: [{status: 500, times: 9}]})
    expect((await api.call('GET', '/session')).status).to.equal(200)
    const shown = await callApi(api.service, 'GET', '/local/faults')
    expect(shown.json).to.deep.equal({stub: false, billingBlocked: false, failNext: [{times: 9, status: 500}]})
    expect((await api.call('GET', '/databases')).status).to.equal(500)
    await callApi(api.service, 'DELETE', '/local/faults')
    expect((await api.call('GET', '/databases')).status).to.equal(200)
  })

  it('billing blocked: 200 with success false, where to pay, and nothing was created', async () => {
    await set({billingBlocked: true})
    const {status, json} = await api.call('POST', '/databases', '{"name":"unpaid"}')
    const message = 'Your organization has no active plan: choose one, then make the database.'
    const checkoutUrl = api.url('/local/checkout')
    expect([status, json]).to.deep.equal([
      200,
      {success: false, message, billing: {code: 'subscription_required', message, checkoutUrl}},
    ])
    expect((await api.call('GET', '/databases?search=unpaid')).json.databases).to.deep.equal([])
    expect((await fetch(checkoutUrl)).status).to.equal(200)
  })

  it('stub: requests are checked as ever, nothing is stored, and the answer says so', async () => {
    await set({stub: true})
    const {json} = await api.operate(id, 'create_accounts', account(4))
    expect(json).to.deep.include({mode: 'stub', persisted: false, ok: true})
    expect(json.message).to.equal('This is a stub: the request was checked, and nothing was stored or read.')
    expect(json.responsePayload).to.deep.equal([{index: 0, result: 'created', timestamp: '0'}])
    expect((await api.operate(id, 'query_accounts', '{}')).json.responsePayload).to.deep.equal([])
    expect((await api.operate(id, 'create_accounts', '[{"id":-1}]')).status).to.equal(422)
    await set({stub: false})
    expect((await api.operate(id, 'lookup_accounts', '[4]')).json.responsePayload).to.deep.equal([])
  })

  it('scope escalation: are for callers that may write everywhere', async () => {
    const read = await makeKey(api.service, {access: 'read'})
    // They hold for all databases, and are not for a key of one.
    const ofOne = await makeKey(api.service, {access: 'write', databaseId: id})
    for (const [key, status] of [
      [null, 401],
      ['px_wrong', 401],
      [read, 403],
      [ofOne, 403],
    ] as const) {
      const response = await callApi(api.service, 'POST', '/local/faults', '{"stub":true}', {key})
      expect([response.status, response.headers.get('content-type')]).to.deep.equal([
        status,
        'application/problem+json',
      ])
    }
    expect((await callApi(api.service, 'GET', '/local/faults')).json.stub).to.equal(false)
  })

  it('422 for what is not a switch', async () => {
    for (const switches of [{stubb: true}, {failNext: [{status: 200}]}, {failNext: [{drop: 'all'}]}, {stub: 1}, []]) {
      expect((await set(switches)).status).to.equal(422)
    }
  })

  it('are gone after a restart', async () => {
    await set({stub: true, billingBlocked: true})
    await api.restart()
    expect((await callApi(api.service, 'GET', '/local/faults')).json).to.deep.include({
      stub: false,
      billingBlocked: false,
    })
  })
})

describe('a rule of --fail-next', () => {
  it('is a status, a cut or a delay, how often, and for what', () => {
    expect(parseFailRule('500')).to.deep.include({status: 500, times: 1, method: undefined, path: undefined})
    expect(parseFailRule('503*2')).to.deep.include({status: 503, times: 2, retryAfterS: 1})
    expect(parseFailRule('429@POST:/databases')).to.deep.include({status: 429, method: 'POST', path: '/databases'})
    expect(parseFailRule('drop-answer*3@create_transfers')).to.deep.include({
      drop: 'answer',
      times: 3,
      path: 'create_transfers',
    })
    expect(parseFailRule('drop-request')).to.deep.include({drop: 'request', times: 1})
    expect(parseFailRule('delay-1500')).to.deep.include({delayMs: 1500, times: 1})
  })

  it('is nothing else', () => {
    for (const text of [
      '',
      '200',
      '99',
      '600',
      '503x',
      '503*0',
      '503*',
      '503@',
      'drop',
      'delay',
      'delay-',
      '503 @x',
      'x*2',
    ]) {
      expect([text, parseFailRule(text)]).to.deep.equal([text, undefined])
    }
  })
})

describe('fault injection of one organization', () => {
  const api = useApi({switches: {failNext: [{times: 1, status: 503, path: '/catalog'}]}})
  let other: string

  before(async () => {
    other = await makeKey(api.service, {access: 'write', person: {email: 'bob@example.org', organization: 'Other'}})
  })
  afterEach(() => callApi(api.service, 'DELETE', '/local/faults'))

  const set = (switches: object) => callApi(api.service, 'POST', '/local/faults', JSON.stringify(switches))
  const asOther = (method: string, path: string, body?: string) =>
    callApi(api.service, method, path, body, {key: other})

  it('what the service was started with happens to each organization', async () => {
    for (const call of [api.call, (method: string, path: string) => asOther(method, `/api/v1${path}`)]) {
      expect((await call('GET', '/catalog/create')).status).to.equal(503)
      expect((await call('GET', '/catalog/create')).status).to.equal(200)
    }
  })

  it('fails no request of another, and is not used up by one', async () => {
    await set({failNext: [{status: 503, times: 1, path: '/databases'}]})
    expect((await asOther('GET', '/api/v1/databases')).status).to.equal(200)
    expect((await api.call('GET', '/databases')).status).to.equal(503)
    expect((await api.call('GET', '/databases')).status).to.equal(200)
  })

  it('stub and billing of one leave the other as it is, and are not shown to it', async () => {
    await set({stub: true, billingBlocked: true})
    expect((await asOther('GET', '/local/faults')).json).to.deep.equal({
      stub: false,
      billingBlocked: false,
      failNext: [],
    })
    const made = await asOther('POST', '/api/v1/databases', '{"name":"of-other"}')
    expect(made.status).to.equal(201)
    expect((await api.call('POST', '/databases', '{"name":"blocked"}')).json.success).to.equal(false)
    const {id} = made.json.database as {id: string}
    await untilStatus((method, path, body) => asOther(method, `/api/v1${path}`, body as string), id, 'READY')
    const created = await asOther(
      'POST',
      `/api/v1/databases/${id}/tb/create_accounts`,
      '[{"id":1,"ledger":1,"code":1}]',
    )
    expect(created.json).to.include({mode: 'live', persisted: true})
    await asOther('DELETE', '/local/faults')
    expect((await callApi(api.service, 'GET', '/local/faults')).json).to.include({stub: true, billingBlocked: true})
  })

  it('reaches the sign-in of its own people only: by refresh token, authorization code and device code', async () => {
    const base = api.service.baseUrl
    const mine = await signIn(base)
    const browser = createBrowser()
    const page = await browser.open(`${base}/sign-in`)
    await page.press(/continue as this person/i, {fill: {email: 'bob@example.org', name: '', organization: ''}})
    const theirs = await signIn(base, {browser})
    await set({failNext: [{status: 503, times: 1, path: '/oauth2/token'}]})
    expect((await refresh(base, theirs.refresh_token!)).status).to.equal(200)
    expect((await refresh(base, mine.refresh_token!)).status).to.equal(503)
    expect((await refresh(base, mine.refresh_token!)).status).to.equal(200)
    const {attempt, parameters} = await throughTheBrowser(base)
    await set({failNext: [{status: 503, times: 1, path: '/oauth2/token'}]})
    expect((await exchangeCode(base, attempt, parameters.get('code')!)).status).to.equal(503)
    expect((await exchangeCode(base, attempt, parameters.get('code')!)).status).to.equal(200)
  })
})
