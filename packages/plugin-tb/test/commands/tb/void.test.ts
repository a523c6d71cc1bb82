import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, created, on, refused, rows, sent, transfer} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb void', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('gives all of it back, and shows what is now true', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created'))
      on(
        service,
        'lookup_transfers',
        rows('lookup_transfers', [
          transfer({id: '7', amount: '300', pending_id: '2000', flags: 8}),
          transfer({id: '2000', amount: '300', flags: 2}),
        ]),
      )
      const {stdout} = await tb(`void ${BOOKS} 2000 --id 7`, {home, service})
      for (const line of [
        /^pending transfer +2000$/m,
        /^from +1$/m,
        /^to +2$/m,
        /^given back +300$/m,
        /^remaining +0$/m,
        /^result +voided, created$/m,
      ])
        expect(stdout).to.match(line)
      expect(sent(service, 'create_transfers')).to.deep.equal([
        '[{"id":"7","amount":"0","pending_id":"2000","flags":8}]',
      ])
      const {json} = await tb(`void ${BOOKS} 2000 --id 7 --json`, {home, service})
      expect(json().responsePayload[0]).to.include({
        amount: '0',
        given_back: '300',
        pending_amount: '300',
        remaining: '0',
      })
    }))

  it('refuses a reserved id, and one that is missing', async () => {
    expect((await tb(`void ${BOOKS} 0`, {home})).code).to.equal(2)
    expect((await tb('void', {home})).code).to.equal(2)
  })

  it('a refusal shows what was pending', () =>
    withService(async (service) => {
      on(service, 'create_transfers', refused({index: 0, result: 'pending_transfer_already_posted', code: 33}))
      on(service, 'lookup_transfers', rows('lookup_transfers', [transfer({id: '2000', amount: '100', flags: 2})]))
      const {code, stderr} = await tb(`void ${BOOKS} 2000`, {home, service})
      expect(code).to.equal(6)
      expect(stderr).to.contain('Pending transfer 2000 holds 100, from 1 to 2')
    }))
})
