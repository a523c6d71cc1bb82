import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, on, rows, transfer} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb pending', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('lists what was neither posted, voided nor expired', () =>
    withService(async (service) => {
      const now = String(BigInt(Date.now()) * 1_000_000n)
      on(
        service,
        'get_account_transfers',
        rows('get_account_transfers', [
          transfer({id: '10', flags: 2, timestamp: '100'}),
          transfer({id: '11', flags: 2, timestamp: '101'}),
          transfer({id: '12', flags: 2, timestamp: '102', timeout: 5}),
          transfer({id: '13', flags: 2, timestamp: now, timeout: 600}),
          transfer({id: '14', flags: 4, pending_id: '10'}),
        ]),
      )
      const {stdout, stderr} = await tb(`pending ${BOOKS} --account 1`, {home, service})
      expect(stdout.trimEnd().split('\n')).to.have.length(3)
      expect(stdout).to.match(/\n *11 +1 +2 +5 +\S+ +never\n/)
      expect(stderr).to.contain('parix tb post')
      on(service, 'query_transfers', rows('query_transfers', []))
      const none = await tb(`pending ${BOOKS} --json`, {home, service})
      expect(none.json().pending).to.deep.equal([])
    }))
})
