import type {CreateKind} from '@parix/ledger/schema'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {release} from '../../src/outbox/entry-lock.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {type CreateCall, leftWithKey, placeFile, placeInOutbox, recordsOf} from '../../src/submit/place-call.js'
import {refused} from '../support/refusal.js'
import {makeWorld, type TestWorld} from '../support/world.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700n, code: 1n}
const BOOKS = {id: 'db', name: 'books'} as CreateCall['database']

describe('putting a call into the outbox', () => {
  let home: TestHome
  let world: TestWorld
  beforeEach(() => {
    home = makeHome()
    world = makeWorld({baseUrl: 'http://localhost:1'}, home)
  })
  afterEach(() => home.remove())

  const call = (records: LedgerRecord[], changes: Partial<CreateCall> = {}): CreateCall => ({
    ...{kind: 'transfer', records, generated: new Set(), database: BOOKS, batchEventsMax: 8190},
    ...changes,
  })
  /** As a command that ends without an outcome: it is put there, and its process is gone. */
  function leaveBehind(given: CreateCall) {
    const placed = placeInOutbox(world, given)
    release(placed.entry)
    return placed
  }
  /** Whether `second`, after `first` was left behind, is taken for the same call. */
  function isSame(first: CreateCall, second: CreateCall): boolean {
    const left = leaveBehind(first)
    const {entry, resumed} = placeInOutbox(world, second)
    expect(entry.file.id === left.entry.file.id).to.equal(resumed)
    world.outbox.strikeOff(entry)
    if (!resumed) world.outbox.strikeOff(left.entry)
    return resumed
  }

  it('a new call is an entry with its bytes, where it goes and which service that is', () => {
    const {entry, resumed, records, generated} = placeInOutbox(
      world,
      call([{id: 7n, ...MOVE}], {generated: new Set([7n])}),
    )
    expect([resumed, generated]).to.deep.equal([false, [7n]])
    expect(records).to.deep.equal([{id: 7n, ...MOVE}])
    expect(entry.file).to.deep.include({
      operation: 'create_transfers',
      baseUrl: 'http://localhost:1',
      database: {id: 'db', name: 'books'},
    })
    expect(world.outbox.request(entry, entry.file.batches[0]!).body).to.equal(
      '[{"id":"7","debit_account_id":"1","credit_account_id":"2","amount":"5","ledger":700,"code":1}]',
    )
    expect(world.said).to.deep.equal([])
  })

  it('it is cut into requests that keep order and chains, and no event is lost', () => {
    const chain = (id: bigint, flags: bigint) => ({id, ...MOVE, flags})
    const records = [chain(1n, 1n), chain(2n, 0n), chain(3n, 1n), chain(4n, 1n), chain(5n, 0n)]
    const {entry} = placeInOutbox(world, call(records, {batchEventsMax: 3}))
    expect(entry.file.batches.map(({events}) => events)).to.deep.equal([2, 3])
    expect(recordsOf(world.outbox, entry)).to.deep.equal(records)
  })

  it('the same command, given again after it was left behind, is that call, with the ids that it had', () => {
    const first = leaveBehind(call([{id: 7n, ...MOVE}], {generated: new Set([7n])}))
    const again = placeInOutbox(world, call([{id: 99n, ...MOVE}], {generated: new Set([99n])}))
    expect(again).to.deep.include({resumed: true, generated: [7n], records: [{id: 7n, ...MOVE}]})
    expect(again.entry.file.id).to.equal(first.entry.file.id)
    expect(world.said.join()).to.match(/The same command was given at .*resumed with its own ids.*1 transfer/)
    expect(world.outbox.list().entries).to.have.length(1)
  })

  it('a command that is at work on it is not disturbed: the same call then is a second one', () => {
    const first = placeInOutbox(world, call([{id: 7n, ...MOVE}]))
    const second = placeInOutbox(world, call([{id: 7n, ...MOVE}]))
    expect(second.resumed).to.equal(false)
    expect(second.entry.file.id).not.to.equal(first.entry.file.id)
    expect(world.said, 'nothing was left behind').to.deep.equal([])
  })

  it('two calls are the same exactly where everything that was given is the same, whatever ids were generated', () => {
    const record = fc.record(
      {
        amount: fc.bigInt({min: 0n, max: 2n}),
        user_data_32: fc.bigInt({min: 0n, max: 1n}),
        flags: fc.constantFrom(0n, 2n),
      },
      {requiredKeys: ['amount'], noNullPrototype: true},
    )
    const calls = fc.tuple(
      fc.array(record, {minLength: 1, maxLength: 2}),
      fc.boolean(),
      fc.bigInt({min: 100n, max: 101n}),
    )
    const shape = ([records, generates, firstId]: [LedgerRecord[], boolean, bigint]) =>
      JSON.stringify([
        records.map((one) => Object.entries(one).map(String).toSorted()),
        generates ? 'any' : String(firstId),
      ])
    const made = ([records, generates, firstId]: [LedgerRecord[], boolean, bigint]) => {
      const whole = records.map((one, index) => ({...MOVE, ...one, id: firstId + BigInt(index)}))
      return call(whole, {generated: new Set(generates ? whole.map(({id}) => id) : [])})
    }
    fc.assert(
      fc.property(calls, calls, (one, other) => {
        expect(isSame(made(one), made(other))).to.equal(shape(one) === shape(other))
      }),
      {numRuns: 25},
    )
  })

  for (const [title, change] of [
    ['to another database', {database: {id: 'db2', name: 'books'} as CreateCall['database']}],
    ['of accounts', {kind: 'account' as CreateKind}],
    ['that says another key', {key: 'other'}],
  ] as [string, Partial<CreateCall>][]) {
    it(`a call ${title} is another one`, () => {
      const records = [{id: 7n, ledger: 700n, code: 1n}]
      expect(isSame(call(records, {key: 'k'}), call(records, {key: 'k'}))).to.equal(true)
      expect(isSame(call(records, {key: 'k'}), call(records, {key: 'k', ...change}))).to.equal(false)
    })
  }

  it('with a key the words decide, not the events: those depend on what is in the ledger by then', () => {
    const first = call([{id: 7n, ...MOVE}], {key: 'sweep @alice'})
    expect(isSame(first, call([{id: 8n, ...MOVE, amount: 4n}], {key: 'sweep @alice'}))).to.equal(true)
    expect(isSame(first, call([{id: 7n, ...MOVE}], {key: 'sweep @bob'}))).to.equal(false)
    expect(isSame(first, call([{id: 7n, ...MOVE}])), 'a key is not content').to.equal(false)
  })

  it('an id that a chain makes and voids in itself counts as generated', () => {
    const chain = (first: bigint) =>
      call(
        [
          {...MOVE, id: first, flags: 3n},
          {id: first + 1n, pending_id: first, flags: 8n},
        ],
        {generated: new Set([first, first + 1n])},
      )
    expect(isSame(chain(100n), chain(200n))).to.equal(true)
    const given = call([{id: 300n, pending_id: 100n, flags: 8n}], {generated: new Set([300n])})
    const other = call([{id: 301n, pending_id: 101n, flags: 8n}], {generated: new Set([301n])})
    expect(isSame(given, other), 'a pending id that was given is content').to.equal(false)
  })

  it('other calls that were left for the database are pointed out, and are not resumed by this one', () => {
    leaveBehind(call([{id: 7n, ...MOVE}]))
    leaveBehind(call([{id: 8n, ...MOVE}]))
    expect(world.said.filter((text) => text.includes('1 earlier call to books'))).to.have.length(1)
    placeInOutbox(world, call([{id: 9n, ...MOVE}]))
    expect(world.said.at(-1)).to.match(/2 earlier calls to books without an outcome: parix tb outbox list/)
  })

  it('a call that was left with a key is found by it, and without one there is none', () => {
    const left = leaveBehind(call([{id: 7n, ...MOVE}], {key: 'entry 5'}))
    world.said.length = 0
    expect(leftWithKey(world, BOOKS, 'entry 6')).to.equal(undefined)
    expect(world.said, 'nothing to say of others').to.deep.equal([])
    const found = leftWithKey(world, BOOKS, 'entry 5')!
    expect(found.entry.file.id).to.equal(left.entry.file.id)
    expect(found).to.deep.include({resumed: true, records: [{id: 7n, ...MOVE}], generated: []})
  })

  it('the ledger that the service named with the database goes before the one that was noted earlier', () => {
    world.outbox.prepare()
    leaveBehind(call([{id: 1n, ...MOVE}]))
    world.outbox.noteLedger('http://localhost:1', 'db', 'old')
    expect(placeInOutbox(world, call([{id: 7n, ...MOVE}])).entry.file.ledger).to.equal('old')
    const named = {...BOOKS, ledger: 'new'} as CreateCall['database']
    expect(placeInOutbox(world, call([{id: 8n, ...MOVE}], {database: named})).entry.file.ledger).to.equal('new')
  })

  it('while something for the database can not be read nothing is sent to it', () => {
    const {entry} = leaveBehind(call([{id: 7n, ...MOVE}]))
    home.write(`${entry.directory.slice(home.path.length + 1)}/entry.json`, '{')
    expect(refused(() => placeInOutbox(world, call([{id: 8n, ...MOVE}])))).to.include({code: 'outbox_unreadable'})
    const other = {id: 'db2', name: 'other'} as CreateCall['database']
    expect(placeInOutbox(world, call([{id: 8n, ...MOVE}], {database: other})).resumed).to.equal(false)
  })

  it('a file of plain events has the key that the same events have by flags', async () => {
    const records = [1n, 2n].map((id) => ({id, ...MOVE}))
    const {entry} = leaveBehind(call(records))
    const file = {
      events: 2,
      generated: 0,
      contentKey: entry.file.contentKey,
      where: () => '',
      batches: () => {
        throw new Error('it is read again')
      },
    }
    const placed = await placeFile(world, {kind: 'transfer', database: BOOKS, file})
    expect([placed.resumed, placed.entry.file.id]).to.deep.equal([true, entry.file.id])
  })
})
