import {readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {outboxPlace} from '../../src/outbox/directory.js'
import type {Entry} from '../../src/outbox/entry.js'
import {type Outbox, openOutbox} from '../../src/outbox/store.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {wireList} from '../../src/records/wire.js'
import type {EventOutcome} from '../../src/results/outcome.js'
import {refused, textOf} from '../support/refusal.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700n, code: 1n}
const BATCH = [
  {id: 7n, ...MOVE},
  {id: 8n, ...MOVE},
]

describe('what is in an entry of the outbox', () => {
  let home: TestHome
  let outbox: Outbox
  beforeEach(() => {
    home = makeHome()
    outbox = openOutbox(outboxPlace(home.environment))
  })
  afterEach(() => home.remove())

  function put(records: LedgerRecord[] = BATCH, more: {streamed?: true} = {}): Entry {
    const entry = outbox.add({
      operation: 'create_transfers',
      baseUrl: 'https://parix.io',
      origin: 'https://parix.io',
      database: {id: 'db', name: 'books'},
      contentKey: 'k',
      ...more,
      batches: [{body: wireList('transfer', records), records}],
    })
    entry.requests.clear()
    return entry
  }
  const bodyPath = ({directory, file}: Entry) => join(directory, file.batches[0]!.body)

  it('another process reads the bytes that were sent, and the same events, whatever they are', () => {
    const field = (bits: number) => fc.bigInt({min: 0n, max: 2n ** BigInt(bits) - 1n})
    const records = fc.array(
      fc.record({
        id: fc.bigInt({min: 1n, max: 2n ** 128n - 2n}),
        debit_account_id: field(128),
        credit_account_id: field(128),
        amount: field(128),
        user_data_64: field(64),
        user_data_32: field(32),
        ledger: field(32),
        code: field(16),
      }),
      {minLength: 1, maxLength: 4},
    )
    fc.assert(
      fc.property(records, (given) => {
        const entry = put(given)
        const {body, records: found} = outbox.request(entry, entry.file.batches[0]!)
        expect(body).to.equal(wireList('transfer', given))
        expect(found).to.deep.equal(given.map((record) => ({...record})))
        expect(outbox.bodyOf(entry, entry.file.batches[0]!).toString()).to.equal(body)
        outbox.strikeOff(entry)
      }),
      {numRuns: 12},
    )
  })

  for (const [title, body] of [
    ['cut short', wireList('transfer', BATCH).slice(0, -20)],
    ['empty', ''],
    ['another first event', wireList('transfer', [{id: 6n, ...MOVE}, BATCH[1]!])],
    ['another last event', wireList('transfer', [BATCH[0]!, {id: 9n, ...MOVE}])],
    ['no list', '{"id":"7"}'],
  ]) {
    it(`a body that is ${title} is never sent, read whole or as bytes`, () => {
      const entry = put()
      writeFileSync(bodyPath(entry), body!)
      for (const read of [outbox.request, outbox.bodyOf]) {
        const error = refused(() => read(entry, entry.file.batches[0]!))
        expect(error).to.include({kind: 'FAILED', code: 'outbox_unreadable'})
        expect(textOf(error))
          .to.match(/request-1\.json of .* is damaged: .*Nothing was sent\./)
          .and.contain(entry.directory)
      }
    })
  }

  it('a body with one event more or less is never sent', () => {
    for (const records of [[BATCH[0]!, {id: 9n, ...MOVE}, BATCH[1]!], [BATCH[0]!]]) {
      const entry = put()
      writeFileSync(bodyPath(entry), wireList('transfer', records))
      expect(refused(() => outbox.request(entry, entry.file.batches[0]!))).to.include({code: 'outbox_unreadable'})
    }
  })

  it('a body that is gone belongs to an entry that is: its outcome was shown, or it was forgotten', () => {
    for (const read of ['request', 'bodyOf'] as const) {
      const entry = put()
      rmSync(bodyPath(entry))
      const error = refused(() => outbox[read](entry, entry.file.batches[0]!))
      expect(error).to.include({kind: 'NOT_FOUND', code: 'outbox_entry_not_found'})
      expect(error.message).to.contain(entry.file.id)
    }
  })

  const outcome = (index: number, state: EventOutcome['state']): EventOutcome => ({
    index,
    id: String(7 + index),
    state,
    result: state,
    timestamp: '1700000000000000001',
  })

  it('outcomes come back as they were written, in every state that is one', () => {
    const entry = put()
    const [batch] = entry.file.batches
    for (const state of ['created', 'exists', 'stored', 'refused'] as const) {
      const events = [outcome(0, state), outcome(1, 'created')]
      outbox.saveOutcomes(entry, batch!, events)
      expect(outbox.outcomes(entry, batch!)).to.deep.equal(events)
    }
  })

  for (const [title, events] of [
    ['an event that is unnamed', [outcome(0, 'unnamed'), outcome(1, 'created')]],
    ['an event that is unfamiliar', [outcome(0, 'created'), outcome(1, 'unfamiliar')]],
    ['fewer events than the request', [outcome(0, 'created')]],
    ['more events than the request', [outcome(0, 'created'), outcome(1, 'created'), outcome(2, 'created')]],
    ['events in another order', [outcome(1, 'created'), outcome(0, 'created')]],
    ['no list', {0: outcome(0, 'created')}],
    ['nothing', []],
  ] as const) {
    it(`outcomes with ${title} count for nothing: the request is sent again, and nothing is created twice`, () => {
      const entry = put()
      outbox.saveOutcomeBytes(entry, entry.file.batches[0]!, JSON.stringify(events))
      expect(outbox.outcomes(entry, entry.file.batches[0]!)).to.equal(undefined)
    })
  }

  it('what is written replaces what was there at once, and leaves no other file behind', () => {
    const entry = put()
    const before = readdirSync(entry.directory)
    entry.file.batches[0]!.failedAttempts = 3
    outbox.save(entry)
    outbox.save(entry)
    expect(readdirSync(entry.directory)).to.deep.equal(before)
    expect(outbox.find(entry.file.id).file.batches[0]).to.include({failedAttempts: 3})
  })

  it('a request that is added is on the disk, and is one of the entry when that is saved', () => {
    const entry = put()
    const halves = BATCH.map((record, index) =>
      outbox.addRequest(entry, `request-1${'ab'[index]}.json`, {
        body: wireList('transfer', [record]),
        records: [record],
      }),
    )
    expect(outbox.find(entry.file.id).file.batches, 'not before').to.have.length(1)
    entry.file.batches.splice(0, 1, ...halves)
    outbox.save(entry)
    const found = outbox.find(entry.file.id)
    expect(found.file.batches.map(({body, firstId, events}) => [body, firstId, events])).to.deep.equal([
      ['request-1a.json', '7', 1],
      ['request-1b.json', '8', 1],
    ])
    expect(found.file.batches.flatMap((batch) => outbox.request(found, batch).records)).to.deep.equal(BATCH)
  })
})
