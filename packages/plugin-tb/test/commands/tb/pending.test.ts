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
      expect(stdout).to.match(/\n *11 +1 +2 +5 +\S+ +never +-\n/)
      expect(stderr).to.contain('parix tb post')
      on(service, 'query_transfers', rows('query_transfers', []))
      const none = await tb(`pending ${BOOKS} --json`, {home, service})
      expect(none.json().pending).to.deep.equal([])
    }))

  it('--expiring lists what expires next, --lapsed what expired before anything became of it', () =>
    withService(async (service) => {
      const at = (seconds: number) => String(BigInt(Date.now() + seconds * 1000) * 1_000_000n)
      on(
        service,
        'query_transfers',
        rows('query_transfers', [
          transfer({id: '10', flags: 2, timestamp: at(-900)}),
          transfer({id: '11', flags: 2, timestamp: at(-800), timeout: 60}),
          transfer({id: '12', flags: 2, timestamp: at(-700), timeout: 7200}),
          transfer({id: '13', flags: 2, timestamp: at(-600), timeout: 1800}),
          transfer({id: '14', flags: 2, timestamp: at(-500), timeout: 60}),
          transfer({id: '15', flags: 8, pending_id: '14', timestamp: at(-490)}),
        ]),
      )
      const ids = async (words: string) =>
        (await tb(`pending ${BOOKS} ${words} --json`, {home, service})).json().pending.map(({id}: {id: string}) => id)
      expect(await ids('')).to.deep.equal(['10', '12', '13'])
      expect(await ids('--expiring 1h')).to.deep.equal(['13'])
      expect(await ids('--expiring 1d')).to.deep.equal(['13', '12'])
      expect(await ids('--lapsed')).to.deep.equal(['11'])
      expect((await tb(`pending ${BOOKS} --lapsed`, {home, service})).stdout).to.match(
        /EXPIRED +AGO\n.* 12 min \d\d s\n/,
      )
      expect((await tb(`pending ${BOOKS} --expiring soon`, {home, service})).code).to.equal(2)
    }))
})
