import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, created, on, problem, rows, sent} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb create-transfers, in several requests', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('a large file goes out in requests that never cut a chain, and what is left is resumed', () =>
    withService(async (service) => {
      const events = Array.from({length: 10}, (_, index) => ({
        id: index + 1,
        from: 1,
        to: 2,
        amount: 1,
        ledger: 1,
        code: 1,
        ...([2, 3].includes(index) && {flags: ['linked']}),
      }))
      const stdin = events.map((event) => JSON.stringify(event)).join('\n')
      const sizes = () => sent(service, 'create_transfers').map((body) => JSON.parse(body).length)
      const result = (request: {body: string}) => created(...JSON.parse(request.body).map(() => 'created'))
      on(service, 'create_transfers', result, result, {drop: true})
      const command = `create-transfers ${BOOKS} --file - --batch-size 4`
      const first = await tb(command, {home, service, stdin, env: {PARIX_RETRY_FOR: '5ms'}})
      expect(first.code).to.equal(75)
      expect(first.stderr).to.contain('known: 6 of 10, all in the ledger')
      expect(first.stderr).to.contain('id 10')
      const before = sizes().length
      on(service, 'lookup_transfers', rows('lookup_transfers', []))
      on(service, 'create_transfers', (request) => created(...JSON.parse(request.body).map(() => 'exists')))
      const resumed = await tb('outbox resume --json', {home, service})
      expect(resumed.code).to.equal(0)
      expect(sizes().slice(before)).to.deep.equal([4])
      const [{answer: whole}] = resumed.json().resumed
      expect(whole.responsePayload.map(({index, id}: {index: number; id: string}) => [index, id])).to.deep.equal(
        events.map(({id}, index) => [index, String(id)]),
      )
      expect(sizes().slice(0, 2)).to.deep.equal([2, 4])
    }))

  it('says what is unknown of the request under way alone, beside what is known and what was not sent', () =>
    withService(async (service) => {
      const event = {from: 1, to: 2, amount: 1, ledger: 1, code: 1}
      const stdin = [1, 2, 3, 4, 5, 6, 7].map((id) => JSON.stringify({id, ...event})).join('\n')
      on(service, 'create_transfers', created('created', 'created'), {drop: true})
      const command = `create-transfers ${BOOKS} --file - --batch-size 2`
      const {code, stderr} = await tb(command, {home, service, stdin, env: {PARIX_RETRY_FOR: '5ms'}})
      expect(code).to.equal(75)
      expect(stderr).to.match(/It is unknown whether 2 transfers in \S+ were created/)
      expect(stderr).to.contain('known: 2 of 7, all in the ledger').and.to.contain('not sent yet: 3')
    }))

  it('halves what the service calls too much, not within a chain', () =>
    withService(async (service) => {
      const stdin = JSON.stringify(
        [1, 2, 3, 4, 5].map((id) => ({id, from: 1, to: 2, amount: 1, ledger: 1, code: 1, ...(id < 3 && {flags: 1})})),
      )
      on(service, 'create_transfers', ({body}) =>
        JSON.parse(body).length > 3 ? problem(413, 'too-much-data') : created(...JSON.parse(body).map(() => 'created')),
      )
      const {code, stderr} = await tb(`create-transfers ${BOOKS} --file -`, {home, service, stdin})
      expect(code).to.equal(0)
      expect(sent(service, 'create_transfers').map((body) => JSON.parse(body).length)).to.deep.equal([5, 3, 2])
      expect(stderr).to.contain('sending 5 events as 3 and 2')
    }))
})
