import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, created, on, problem, refused, rows, sent, transfer} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb post', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const PENDING = transfer({id: '2000', amount: '300', flags: 2})
  const posting = (id: string, amount: string) => transfer({id, amount, pending_id: '2000', flags: 4})

  it('posts all of it or a part, from the default database as well', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created'))
      on(service, 'lookup_transfers', ({body}) =>
        rows('lookup_transfers', [posting(JSON.parse(body)[0], '300'), PENDING]),
      )
      expect((await tb(`post ${BOOKS} 2000 --id 5`, {home, service})).code).to.equal(0)
      expect((await tb('post 2000 --id 6 --amount 150', {home, service, env: {PARIX_DATABASE: BOOKS}})).code).to.equal(
        0,
      )
      expect(sent(service, 'create_transfers')).to.deep.equal([
        '[{"id":"5","amount":"340282366920938463463374607431768211455","pending_id":"2000","flags":4}]',
        '[{"id":"6","amount":"150","pending_id":"2000","flags":4}]',
      ])
      const {code, stderr} = await tb(`post ${BOOKS} 2000`, {home, service})
      expect(code).to.equal(0)
      expect(stderr).to.match(/^Transfer \d{37} \(generated id\)/)
      expect((await tb(`post ${BOOKS} 5 --id 5`, {home, service})).code).to.equal(2)
    }))

  it('shows what is now true: from, to, what was posted, given back, and remains', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created'))
      on(service, 'lookup_transfers', rows('lookup_transfers', [posting('5', '150'), PENDING]))
      const {stdout} = await tb(`post ${BOOKS} 2000 --id 5 --amount 150`, {home, service})
      for (const line of [
        /^pending transfer +2000$/m,
        /^from +1$/m,
        /^to +2$/m,
        /^posted +150 of 300$/m,
        /^given back +150$/m,
        /^remaining +0$/m,
      ])
        expect(stdout).to.match(line)
      expect(sent(service, 'lookup_transfers')).to.deep.equal(['["5","2000"]'])
      const {json} = await tb(`post ${BOOKS} 2000 --id 5 --amount 150 --json`, {home, service})
      expect(json().responsePayload[0]).to.include({
        debit_account_id: '1',
        credit_account_id: '2',
        amount: '150',
        requested_amount: '150',
        pending_id: '2000',
        pending_amount: '300',
        given_back: '150',
        remaining: '0',
      })
    }))

  it('is a success where what was posted can not be looked up, and says so', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created'))
      on(service, 'lookup_transfers', problem(403, 'scope-missing'))
      const {code, stdout, stderr} = await tb(`post ${BOOKS} 2000 --id 5`, {home, service})
      expect(code).to.equal(0)
      expect(stdout, 'not 2^128 − 1, which nobody asked for').to.match(/^ 5 +- +- +all +post_pending_transfer/m)
      expect(stderr).to.contain('could not be looked up')
    }))

  it('a refusal shows what is pending', () =>
    withService(async (service) => {
      on(service, 'create_transfers', refused({index: 0, result: 'exceeds_pending_transfer_amount', code: 31}))
      on(
        service,
        'lookup_transfers',
        rows('lookup_transfers', [
          {id: '2000', debit_account_id: '1', credit_account_id: '2', amount: '100', flags: 2},
        ]),
      )
      const {code, stderr} = await tb(`post ${BOOKS} 2000 --amount 150`, {home, service})
      expect(code).to.equal(6)
      expect(stderr).to.contain('Pending transfer 2000 holds 100, from 1 to 2; 150 was asked for.')
    }))
})
