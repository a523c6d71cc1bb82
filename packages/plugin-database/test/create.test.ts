import {errorObject, type ParixError} from '@parix/kit/errors'
import {expect} from 'chai'
import {type CreateWorld, createDatabase} from '../src/create.js'
import {BLOCKED, BOOKS, CATALOG, CREATED, info, list} from './answers.js'
import {failure, withApi} from './with-api.js'

const world = (): CreateWorld & {said: string[]; slept: number[]} => {
  const said: string[] = []
  const slept: number[] = []
  return {
    said,
    slept,
    again: 'parix database create books',
    say: (text) => said.push(text),
    sleepMs: async (ms) => slept.push(ms),
  }
}

const books = {name: 'books', wishes: {}}

describe('creating a database', () => {
  it('looks the name up, sends once, and gives back what the service made', () =>
    withApi(async (service, api) => {
      service
        .answer('GET', '/api/v1/databases', {json: list({...BOOKS, name: 'books-2'})})
        .answer('POST', '/api/v1/databases', {status: 201, json: CREATED})
      expect(await createDatabase(api, {...books, storageGb: 50}, world())).to.deep.equal(CREATED)
      expect(service.to('POST', '/api/v1/databases').map(({body}) => body)).to.deep.equal([
        '{"name":"books","selectedStorageGb":50}',
      ])
    }))

  it('checks what was chosen, and sends the words of the catalog', () =>
    withApi(async (service, api) => {
      service
        .answer('GET', '/api/v1/databases', {json: list()})
        .answer('GET', '/api/v1/catalog/create', {json: CATALOG})
        .answer('POST', '/api/v1/databases', {json: CREATED})
      await createDatabase(api, {...books, wishes: {region: 'US Central1', clusterSizeId: 'px-10'}}, world())
      expect(JSON.parse(service.to('POST', '/api/v1/databases')[0]!.body)).to.deep.equal({
        name: 'books',
        provider: 'gcp',
        region: 'us-central1',
        clusterSizeId: 'size-px-10',
      })
    }))

  it('flaw 14: what is not in the catalog is never sent', () =>
    withApi(async (service, api) => {
      service
        .answer('GET', '/api/v1/databases', {json: list()})
        .answer('GET', '/api/v1/catalog/create', {json: CATALOG})
      const error = await failure(createDatabase(api, {...books, wishes: {provider: 'azure'}}, world()))
      expect(error).to.include({kind: 'BAD_INPUT', exitCode: 2})
      expect(service.to('POST', '/api/v1/databases')).to.deep.equal([])
    }))

  it('a catalog that may not be read does not stand in the way', () =>
    withApi(async (service, api) => {
      service
        .answer('GET', '/api/v1/databases', {json: list()})
        .answer('GET', '/api/v1/catalog/create', {status: 403, json: {detail: 'No.'}})
        .answer('POST', '/api/v1/databases', {json: CREATED})
      const here = world()
      await createDatabase(api, {...books, wishes: {provider: 'gcp'}}, here)
      expect(JSON.parse(service.to('POST', '/api/v1/databases')[0]!.body)).to.deep.equal({
        name: 'books',
        provider: 'gcp',
      })
      expect(here.said.join()).to.match(/sent unchecked/)
    }))

  it('a key that may write and not read is enough', () =>
    withApi(async (service, api) => {
      service
        .answer('GET', '/api/v1/databases', {status: 403, json: {detail: 'db:read is missing.'}})
        .answer('POST', '/api/v1/databases', {json: CREATED})
      expect(await createDatabase(api, books, world())).to.deep.equal(CREATED)
    }))

  for (const [how, script] of [
    ['before it was sent', undefined],
    ['by the service', {status: 409, json: {title: 'Conflict', detail: 'Name in use.', status: 409}}],
  ] as const) {
    it(`a name that is taken is refused ${how}`, () =>
      withApi(async (service, api) => {
        service.answer('GET', '/api/v1/databases', {json: script === undefined ? list(BOOKS) : list()})
        if (script !== undefined) service.answer('POST', '/api/v1/databases', script)
        const error = await failure(createDatabase(api, books, world()))
        expect(error).to.include({kind: 'CONFLICT', exitCode: 6, code: 'name_taken'})
        expect(error.message).to.match(/already a database called "books"/)
      }))
  }

  for (const status of [200, 402]) {
    it(`flaw 8: a billing block (${status}) is exit 5, with the address to pay at and the command for afterwards`, () =>
      withApi(async (service, api) => {
        service
          .answer('GET', '/api/v1/databases', {json: list()})
          .answer('POST', '/api/v1/databases', {status, json: BLOCKED})
        const error = await failure(createDatabase(api, books, world()))
        expect(error).to.include({kind: 'BILLING', exitCode: 5, code: 'payment_method_required'})
        expect(errorObject(error as ParixError).error).to.deep.include({
          hint: 'Pay at https://pay.example/checkout/1, then run the command again.',
          next: ['parix database create books'],
        })
      }))
  }

  for (const checkoutUrl of [
    'javascript:alert(1)',
    'file:///etc/passwd',
    'http://pay.example/',
    'https://user:pw@pay.example/',
    'parix://x',
    'not a url',
  ]) {
    it(`threat 7.8: ${checkoutUrl} is not shown`, () =>
      withApi(async (service, api) => {
        service
          .answer('GET', '/api/v1/databases', {json: list()})
          .answer('POST', '/api/v1/databases', {json: {...BLOCKED, billing: {...BLOCKED.billing, checkoutUrl}}})
        const error = await failure(createDatabase(api, books, world()))
        expect(error).to.include({kind: 'BILLING', exitCode: 5})
        const {details} = error as unknown as {details: unknown}
        expect(JSON.stringify(details))
          .to.not.include(checkoutUrl)
          .and.to.match(/not https/)
      }))
  }

  it('threat 7.8: an address of this machine is shown: the local service has one', () =>
    withApi(async (service, api) => {
      const checkoutUrl = `${service.baseUrl}/checkout`
      service
        .answer('GET', '/api/v1/databases', {json: list()})
        .answer('POST', '/api/v1/databases', {json: {...BLOCKED, billing: {...BLOCKED.billing, checkoutUrl}}})
      const error = await failure(createDatabase(api, books, world()))
      expect(errorObject(error as ParixError).error.hint).to.include(`Pay at ${checkoutUrl},`)
    }))

  it('a service that has gone silent is not waited for over and over: the outcome is unknown, with 75', () =>
    withApi(async (service, api) => {
      service
        .answer('GET', '/api/v1/databases', {json: list()}, {hang: true})
        .answer('POST', '/api/v1/databases', {drop: true})
      const error = await failure(createDatabase(api, books, {...world(), lookTimeoutMs: 50}))
      expect(error).to.include({kind: 'OUTCOME_UNKNOWN', exitCode: 75})
      expect(service.to('GET', '/api/v1/databases')).to.have.length(4)
    }))

  for (const [what, lost] of [
    ['the connection broke', {drop: true}],
    ['the service failed', {status: 500, json: {detail: 'Oops.'}}],
    ['a proxy gave up', {status: 504, headers: {'content-type': 'text/html'}, body: '<html>'}],
    ['the answer was cut off', {status: 200, headers: {'content-type': 'application/json'}, body: '{"success":tr'}],
  ] as const) {
    it(`flaw 13: ${what} after sending: never sent twice, and found by its name`, () =>
      withApi(async (service, api) => {
        service
          .answer('GET', '/api/v1/databases', {json: list()}, {json: list()}, {json: list(BOOKS)})
          .answer('GET', '/api/v1/databases/db_1', {json: info({}, 'PROVISIONING')})
          .answer('POST', '/api/v1/databases', lost)
        const here = world()
        const made = await createDatabase(api, books, here)
        expect(made).to.deep.include({success: true, recovered: true})
        expect(made.database.id).to.equal('db_1')
        expect(made.profile?.status).to.equal('PROVISIONING')
        expect(service.to('POST', '/api/v1/databases')).to.have.length(1)
        expect(here.slept).to.deep.equal([0, 1000])
      }))

    it(`flaw 13: ${what} after sending, and it can't be seen: the outcome is unknown, exit 75, with the command`, () =>
      withApi(async (service, api) => {
        service.answer('GET', '/api/v1/databases', {json: list()}).answer('POST', '/api/v1/databases', lost)
        const error = await failure(createDatabase(api, books, world()))
        expect(error).to.include({kind: 'OUTCOME_UNKNOWN', exitCode: 75})
        expect(errorObject(error as ParixError).error.next).to.deep.equal(['parix database create books'])
        expect(service.to('POST', '/api/v1/databases')).to.have.length(1)
      }))
  }

  it('a refusal is not mistaken for a lost answer', () =>
    withApi(async (service, api) => {
      service
        .answer('GET', '/api/v1/databases', {json: list()})
        .answer('POST', '/api/v1/databases', {status: 422, json: {detail: 'Bad name.', fieldErrors: {name: ['short']}}})
      const error = await failure(createDatabase(api, books, world()))
      expect(error).to.include({kind: 'BAD_INPUT', exitCode: 2})
      expect(service.to('GET', '/api/v1/databases')).to.have.length(1)
    }))

  it('success: false without a reason is a failure all the same', () =>
    withApi(async (service, api) => {
      service
        .answer('GET', '/api/v1/databases', {json: list()})
        .answer('POST', '/api/v1/databases', {json: {success: false, message: 'Quota.'}})
      const error = await failure(createDatabase(api, books, world()))
      expect(error).to.include({kind: 'FAILED', exitCode: 1})
      expect(error.message).to.include('Quota.')
    }))
})
