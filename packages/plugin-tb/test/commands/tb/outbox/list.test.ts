import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, created, on} from '../../../support/answers.js'
import {tb} from '../../../support/tb.js'

describe('parix tb outbox list, show and forget', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('list, show, resume and forget what has no answer', () =>
    withService(async (service) => {
      on(service, 'create_transfers', {drop: true})
      const env = {PARIX_RETRY_FOR: '1ms'}
      for (const id of [8, 9]) {
        const words = `create-transfers ${BOOKS} --id ${id} --from 1 --to 2 --amount 5 --ledger 1 --code 1`
        expect((await tb(words, {home, service, env})).code).to.equal(75)
      }
      const {entries} = (await tb('outbox list --json', {home})).json()
      expect(entries.map(({firstId, held}: {firstId: string; held: boolean}) => [firstId, held])).to.deep.equal([
        ['8', false],
        ['9', false],
      ])
      expect(entries[0].failedAttempts).to.be.greaterThan(0)
      expect((await tb('outbox list', {home})).stdout).to.contain(`${entries[0].id}  create transfers`)
      const shown = await tb(`outbox show ${entries[0].id}`, {home})
      expect(shown.stdout).to.contain('"debit_account_id": "1"')
      const unconfirmed = await tb(`outbox forget ${entries[1].id}`, {home})
      expect(unconfirmed.code).to.equal(2)
      expect((await tb(`outbox forget ${entries[1].id} --confirm wrong`, {home})).code).to.equal(2)
      const forgotten = await tb(`outbox forget ${entries[1].id} --confirm ${entries[1].id} --json`, {home})
      expect(forgotten.json()).to.deep.equal({forgotten: entries[1].id, ids: ['9']})
      on(service, 'create_transfers', created('exists'))
      const resumed = await tb(`outbox resume ${entries[0].id}`, {home, service})
      expect(resumed.code).to.equal(0)
      expect(resumed.stdout).to.match(/8 +1 +2 +5 +- +already there/)
      expect((await tb('outbox list', {home})).stderr).to.contain('The outbox is empty')
      expect((await tb(`outbox resume ${entries[0].id}`, {home, service})).code).to.equal(3)
      expect((await tb('outbox resume', {home, service})).stderr).to.contain('nothing to resume')
    }))
})
