import {ParixError} from '@parix/kit/errors'
import {expect} from 'chai'
import type {Entry} from '../../src/outbox/entry.js'
import {release} from '../../src/outbox/entry-lock.js'
import {wireList} from '../../src/records/wire.js'
import {noted, sendBatch} from '../../src/submit/send-batch.js'
import {submitEntry} from '../../src/submit/submit-entry.js'
import {BOOKS, created, on, problem, refused, rows, sent, transfer} from '../support/answers.js'
import {givenService} from '../support/given.js'
import {refusalOf} from '../support/refusal.js'
import {makeWorld, type TestWorld} from '../support/world.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 1n, code: 1n}
const records = (...ids: bigint[]) => ids.map((id) => ({id, ...MOVE}))

describe('one request of an entry', () => {
  const given = givenService()
  let world: TestWorld
  beforeEach(() => {
    world = makeWorld(given.service, given.home)
  })

  const head = () => ({
    ...{operation: 'create_transfers' as const, baseUrl: given.service.baseUrl, origin: given.service.baseUrl},
    ...{database: {id: BOOKS, name: 'books'}, contentKey: 'k'},
  })
  const whole = (...batches: bigint[][]): Entry =>
    world.outbox.add({
      ...head(),
      batches: batches.map((ids) => ({body: wireList('transfer', records(...ids)), records: records(...ids)})),
    })
  async function streamed(...batches: bigint[][]): Promise<Entry> {
    const all = async function* () {
      for (const ids of batches) {
        const body = Buffer.from(wireList('transfer', records(...ids)))
        yield {body, events: ids.length, firstId: String(ids[0]), lastId: String(ids.at(-1))}
      }
    }
    return world.outbox.addStreamed({...head(), batches: all()})
  }
  const send = (entry: Entry, place = 0, sentBefore = false) => {
    const batch = entry.file.batches[place]!
    const request = world.outbox.request(entry, batch)
    return sendBatch(world, {entry, batch, request}, sentBefore)
  }
  const seen = () => world.outbox.list().entries[0]!.file.batches

  it('goes out with the bytes that are in the outbox', async () => {
    on(given.service, 'create_transfers', created('created', 'created'))
    await send(whole([7n, 8n]))
    await send(await streamed([7n, 8n]))
    expect(sent(given.service, 'create_transfers')).to.deep.equal(Array(2).fill(wireList('transfer', records(7n, 8n))))
  })

  it('of a streamed entry is counted where every event is there, and read where one is not', async () => {
    on(
      given.service,
      'create_transfers',
      created('created', 'exists'),
      refused({index: 1, result: 'exceeds_credits', code: 54}),
    )
    const entry = await streamed([7n, 8n])
    expect((await send(entry)).outcome).to.include({kind: 'all_there', created: 1, existed: 1})
    const {outcome} = await send(entry)
    expect(outcome.kind).to.equal('answered')
    if (outcome.kind === 'answered') expect(outcome.events.map(({id}) => id)).to.deep.equal(['7', '8'])
  })

  it('each attempt that failed is in the outbox before the next: how many, and what the last one saw', async () => {
    const before: unknown[] = []
    on(given.service, 'create_transfers', problem(503, 'busy'), {drop: true}, () => {
      before.push(...seen().map(({failedAttempts, lastFault}) => [failedAttempts, typeof lastFault]))
      return created('created')
    })
    const {attempts, mayHaveBeenDone} = await send(whole([7n]))
    expect([attempts, mayHaveBeenDone]).to.deep.equal([3, true])
    expect(before).to.deep.equal([[2, 'string']])
  })

  it('that failed before may have been carried out, whatever comes now', async () => {
    on(given.service, 'create_transfers', created('exists'))
    expect((await send(whole([7n]), 0, true)).mayHaveBeenDone).to.equal(true)
  })

  describe('what is only noted down', () => {
    it('makes no payment fail: it is said, and nothing is lost', () => {
      noted(world, () => {
        throw new ParixError('FAILED', 'The disk is full.')
      })
      expect(world.said[0]).to.equal(
        'The disk is full. Continuing without it: the same call may be sent again, and nothing is created twice.',
      )
    })

    it('a fault of the program is not hidden by it', () => {
      expect(() =>
        noted(world, () => {
          throw new TypeError('undefined is not a function')
        }),
      ).to.throw(TypeError)
      expect(world.said).to.deep.equal([])
    })
  })

  describe('of a streamed entry, submitted', () => {
    const submit = (entry: Entry, resumed = false) =>
      submitEntry(world, entry, {resumed, resume: 'parix tb outbox resume'})

    it('only requests with refusals are taken apart, and each event has its place in the whole', async () => {
      const entry = await streamed([1n, 2n], [3n, 4n], [5n, 6n])
      on(
        given.service,
        'create_transfers',
        created('created', 'exists'),
        refused({index: 0, result: 'exceeds_credits', code: 54}),
        created('created', 'created'),
      )
      on(given.service, 'lookup_transfers', rows('lookup_transfers', [transfer({id: '4'})]))
      const {events, counted} = await submit(entry)
      expect(events.length).to.equal(6)
      expect(events.filter(Boolean).map(({index, id, state}) => [index, id, state])).to.deep.equal([
        [2, '3', 'refused'],
        [3, '4', 'stored'],
      ])
      expect(counted).to.deep.equal({created: 3, exists: 1, stored: 0})
    })

    it('what had its outcome before is not sent again, and counts as it did', async () => {
      const entry = await streamed([1n, 2n], [3n, 4n])
      on(given.service, 'create_transfers', created('created', 'created'), problem(403, 'forbidden'))
      const error = await refusalOf(() => submit(entry))
      expect(error.details).to.deep.include({ids: ['3', '4'], outbox: entry.file.id})
      expect(error.details.errors).to.include('known: 2 of 4, all in the ledger')
      on(given.service, 'create_transfers', created('created', 'created'))
      given.service.requests.length = 0
      const [left] = world.outbox.list().entries
      const {counted, events} = await submit(left!, true)
      expect(sent(given.service, 'create_transfers').map((body) => JSON.parse(body)[0].id)).to.deep.equal(['3'])
      expect(counted).to.deep.equal({created: 4, exists: 0, stored: 0})
      expect(events.length).to.equal(4)
    })

    it('that is too much goes out in halves, which are in the outbox before any of it is sent', async () => {
      const entry = await streamed([1n, 2n, 3n, 4n])
      const names: string[][] = []
      on(given.service, 'create_transfers', ({body}) => {
        names.push(seen().map((batch) => batch.body))
        const count = JSON.parse(body).length as number
        return count > 2 ? problem(413, 'too-much-data') : created(...Array<string>(count).fill('created'))
      })
      const {counted} = await submit(entry)
      expect(counted.created).to.equal(4)
      expect(names).to.deep.equal([
        ['request-000001.json'],
        ['request-000001a.json', 'request-000001b.json'],
        ['request-000001a.json', 'request-000001b.json'],
      ])
      release(entry)
    })
  })
})
