import {expect} from 'chai'
import type {ImportBatch} from '../../src/import/batches.js'
import {submitBatch} from '../../src/import/submit-batch.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {wireList} from '../../src/records/wire.js'
import {DEFAULT_LIMITS} from '../../src/submit/send-request.js'
import {account, BOOKS, created, on, problem, refused, rows, sent, transfer} from '../support/answers.js'
import {givenService} from '../support/given.js'
import {refusalOf} from '../support/refusal.js'
import {makeWorld} from '../support/world.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 1n, code: 1n}
const LINKED = {flags: 1n}

describe('a batch of an import as requests', () => {
  const given = givenService()
  let released: number
  let failures: number
  beforeEach(() => {
    released = 0
    failures = 0
  })

  const moves = (count: number, more: (index: number) => LedgerRecord = () => ({})) =>
    Array.from({length: count}, (_, index): LedgerRecord => ({id: BigInt(index + 1), ...MOVE, ...more(index)}))

  function submit(records: LedgerRecord[], {sentBefore = false, attemptsMax = 1, kind = 'transfer' as const} = {}) {
    const batch = {
      count: records.length,
      body: Buffer.from(wireList(kind, records)),
      records: () => records,
      release: () => released++,
    } as unknown as ImportBatch
    const context = {...makeWorld(given.service, given.home), limits: {...DEFAULT_LIMITS, attemptsMax}}
    const target = {context, kind, database: {id: BOOKS, name: 'books'} as never}
    return submitBatch(target, batch, sentBefore, {onSent: () => {}, failed: () => failures++})
  }
  const bodies = () =>
    sent(given.service, 'create_transfers').map((body) => JSON.parse(body).map(({id}: {id: string}) => id))
  const stored = (...ids: number[]) =>
    on(given.service, 'lookup_transfers', ({body}) => {
      const asked = JSON.parse(body) as string[]
      const found = asked.filter((id) => ids.includes(Number(id)))
      return rows(
        'lookup_transfers',
        found.map((id) => transfer({id})),
      )
    })
  const states = (outcome: Awaited<ReturnType<typeof submit>>) =>
    'events' in outcome ? outcome.events.map(({index, id, state}) => [index, id, state]) : outcome

  it('of which every event is there is counted, and its memory can be used again', async () => {
    on(given.service, 'create_transfers', created('created', 'exists', 'created'))
    expect(await submit(moves(3))).to.deep.equal({created: 2, existed: 1})
    expect(released).to.equal(1)
  })

  it('that was sent twice keeps its memory: the first attempt may still hold it', async () => {
    on(given.service, 'create_transfers', {drop: true}, created('exists', 'exists'))
    expect(await submit(moves(2), {attemptsMax: 3})).to.deep.equal({created: 0, existed: 2})
    expect(released).to.equal(0)
  })

  it('with a refused event has an outcome for each, at its place', async () => {
    on(given.service, 'create_transfers', refused({index: 1, result: 'exceeds_credits', code: 54}))
    stored(1, 3)
    expect(states(await submit(moves(3)))).to.deep.equal([
      [0, '1', 'stored'],
      [1, '2', 'refused'],
      [2, '3', 'stored'],
    ])
  })

  it('that is too much is sent in halves, in order, and each event has the place that it has in the whole', async () => {
    on(given.service, 'create_transfers', ({body}) => {
      const ids = JSON.parse(body).map(({id}: {id: string}) => Number(id)) as number[]
      if (ids.length > 2) return problem(413, 'too-much-data')
      return created(...ids.map((id) => (id === 4 ? 'exists' : 'created')))
    })
    expect(states(await submit(moves(7)))).to.deep.equal(
      moves(7).map(({id}, index) => [index, String(id), id === 4n ? 'exists' : 'created']),
    )
    expect(failures).to.equal(1)
    const whole = bodies().filter((ids) => ids.length <= 2)
    expect(whole.flat()).to.deep.equal(['1', '2', '3', '4', '5', '6', '7'])
  })

  it('a chain is in one half: cut, its events would stand or fall alone', async () => {
    on(given.service, 'create_transfers', ({body}) => {
      const count = JSON.parse(body).length as number
      return count > 3 ? problem(413, 'too-much-data') : created(...Array<string>(count).fill('created'))
    })
    await submit(moves(6, (index) => (index === 1 || index === 2 || index === 4 ? LINKED : {})))
    expect(bodies().filter((ids) => ids.length <= 3)).to.deep.equal([['1'], ['2', '3', '4'], ['5', '6']])
  })

  it('one chain that is too much can not be sent at all', async () => {
    on(given.service, 'create_transfers', problem(413, 'too-much-data'))
    const error = await refusalOf(() => submit(moves(3, (index) => (index < 2 ? LINKED : {}))))
    expect(error.message).to.contain('too-much-data')
    expect(bodies()).to.have.lengthOf(1)
  })

  it('a half without a response is unknown, by its own ids, whatever became of the other', async () => {
    on(
      given.service,
      'create_transfers',
      problem(413, 'too-much-data'),
      created('created', 'created'),
      problem(502, 'bad-gateway'),
    )
    const error = await refusalOf(() => submit(moves(4)))
    expect(error).to.include({kind: 'OUTCOME_UNKNOWN', exitCode: 75})
    expect(error.message).to.contain('the 2 events from id 3 to 4')
  })

  describe('without a usable response', () => {
    it('is unknown where it may have arrived, and certain where it can not have', async () => {
      on(given.service, 'create_transfers', {drop: true})
      const unknown = await refusalOf(() => submit(moves(2)))
      expect(unknown.kind).to.equal('OUTCOME_UNKNOWN')
      expect(unknown.message)
        .to.contain('It is unknown whether the 2 events from id 1 to 2 were created in books')
        .and.contain('The same command continues there; nothing is created twice.')
      on(given.service, 'create_transfers', problem(429, 'slow-down'))
      const certain = await refusalOf(() => submit(moves(2)))
      expect(certain.kind).to.equal('UNAVAILABLE')
      expect(certain.message).to.contain('were not sent to books')
    })

    it('is unknown, whatever comes now, where an earlier run may have sent it', async () => {
      on(given.service, 'create_transfers', problem(429, 'slow-down'))
      expect((await refusalOf(() => submit(moves(1), {sentBefore: true}))).kind).to.equal('OUTCOME_UNKNOWN')
    })

    it('a gateway that stores nothing is not a success', async () => {
      on(given.service, 'create_transfers', rows('create_transfers', [], {mode: 'stub', persisted: false}))
      const error = await refusalOf(() => submit(moves(1)))
      expect(error.kind).to.equal('UNAVAILABLE')
      expect(error.message).to.contain('stub')
    })

    it('what the service refuses for good is an error of its own', async () => {
      on(given.service, 'create_transfers', problem(403, 'forbidden'))
      expect((await refusalOf(() => submit(moves(1)))).message).to.contain('forbidden')
    })

    it('an event that the response does not name is looked up, and unknown where it is not there', async () => {
      on(given.service, 'create_transfers', created('created'))
      stored(1, 2)
      expect(states(await submit(moves(2)))).to.deep.equal([
        [0, '1', 'created'],
        [1, '2', 'stored'],
      ])
      stored(1)
      const error = await refusalOf(() => submit(moves(2)))
      expect(error.kind).to.equal('OUTCOME_UNKNOWN')
      expect(error.message).to.contain('the response does not name every event')
    })

    it('rows of another order, of another id, or one too many make no event created', async () => {
      for (const payload of [
        [{index: 0, result: 'created', id: '2', timestamp: '5'}],
        [{index: 1, result: 'created', timestamp: '5'}],
        [0, 1].map((index) => ({index, result: 'created', timestamp: '5'})),
        [
          {index: 0, result: 'created'},
          {index: 0, result: 'created'},
        ],
      ]) {
        on(given.service, 'create_transfers', rows('create_transfers', payload))
        stored()
        const error = await refusalOf(() => submit(moves(1)))
        expect(error.kind, JSON.stringify(payload)).to.equal('OUTCOME_UNKNOWN')
      }
    })
  })

  it('of accounts goes to the operation for accounts', async () => {
    on(given.service, 'create_accounts', rows('create_accounts', [{index: 0, result: 'created', timestamp: '5'}]))
    on(given.service, 'lookup_accounts', rows('lookup_accounts', [account({id: '1'})]))
    const records = [{id: 1n, ledger: 1n, code: 1n}]
    expect(await submit(records, {kind: 'account' as never})).to.deep.equal({created: 1, existed: 0})
    expect(sent(given.service, 'create_accounts')).to.deep.equal(['[{"id":"1","ledger":1,"code":1}]'])
  })
})
