import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {outboxPlace} from '../../src/outbox/directory.js'
import type {Entry} from '../../src/outbox/entry.js'
import {release} from '../../src/outbox/entry-lock.js'
import {type Outbox, openOutbox} from '../../src/outbox/store.js'
import {summarize} from '../../src/outbox/summary.js'

describe('an entry as `parix tb outbox list --json` shows it', () => {
  let home: TestHome
  let outbox: Outbox
  let entry: Entry
  beforeEach(() => {
    home = makeHome()
    outbox = openOutbox(outboxPlace(home.environment))
    const batch = (...ids: bigint[]) => ({body: '[]', records: ids.map((id) => ({id}))})
    entry = outbox.add({
      operation: 'create_accounts',
      baseUrl: 'http://localhost:4000',
      origin: 'http://localhost:4000',
      database: {id: 'db', name: 'books'},
      contentKey: 'k',
      batches: [batch(5n, 6n), batch(7n, 9n, 8n)],
    })
  })
  afterEach(() => home.remove())

  it('says what was sent where, how much of it, and from which id to which', () => {
    const {id, createdAt} = entry.file
    expect(summarize(outbox, entry)).to.deep.equal({
      ...{id, createdAt, operation: 'create_accounts', baseUrl: 'http://localhost:4000'},
      ...{database: {id: 'db', name: 'books'}, events: 5, answered: 0, failedAttempts: 0, lastFault: null},
      ...{firstId: '5', lastId: '8', held: true},
    })
  })

  it('counts the events of requests whose outcomes are known, refused ones as well', () => {
    const refused = (index: number, id: string) => ({index, id, state: 'refused', result: 'exists'}) as const
    outbox.saveOutcomes(entry, entry.file.batches[0]!, [refused(0, '5'), refused(1, '6')])
    expect(summarize(outbox, entry)).to.include({events: 5, answered: 2})
  })

  it('adds up the failed attempts, and tells the last fault there was', () => {
    const [first, second] = entry.file.batches
    Object.assign(first!, {failedAttempts: 2, lastFault: 'ECONNRESET'})
    expect(summarize(outbox, entry)).to.include({failedAttempts: 2, lastFault: 'ECONNRESET'})
    Object.assign(second!, {failedAttempts: 1, lastFault: 'status 502'})
    expect(summarize(outbox, entry)).to.include({failedAttempts: 3, lastFault: 'status 502'})
  })

  it('is held by a command that is at work on it, and not by one that let it go', () => {
    release(entry)
    expect(summarize(outbox, entry).held).to.equal(false)
  })
})
