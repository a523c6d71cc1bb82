import {appendFileSync, chmodSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {ParixError} from '@parix/kit/errors'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {findInHistory, pruneHistory, readHistory} from '../../src/history/read-history.js'
import {type HistoryLine, historyDirectory, historyIsOn, lineOf, remember} from '../../src/history/record.js'
import {historyDetails, historyEvents, historyTable} from '../../src/history/views.js'
import {outboxPlace} from '../../src/outbox/directory.js'
import type {Entry} from '../../src/outbox/entry.js'
import {release} from '../../src/outbox/entry-lock.js'
import {openOutbox} from '../../src/outbox/store.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {wireList} from '../../src/records/wire.js'
import type {EventOutcome} from '../../src/results/outcome.js'
import {refused} from '../support/refusal.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700n, code: 1n}
const records = (count: number): LedgerRecord[] =>
  Array.from({length: count}, (_, index) => ({id: BigInt(index + 1), ...MOVE}))
const outcomes = (...states: EventOutcome['state'][]): EventOutcome[] =>
  states.map((state, index) => ({
    index,
    id: String(index + 1),
    state,
    result: state === 'refused' ? 'exceeds_credits' : state,
  }))

describe('the history of this machine', () => {
  let home: TestHome
  let said: string[]
  beforeEach(() => {
    home = makeHome()
    said = []
  })
  afterEach(() => home.remove())

  const say = (sentence: string) => said.push(sentence)
  function entryOf(given: LedgerRecord[]): Entry {
    const entry = openOutbox(outboxPlace(home.environment)).add({
      ...{operation: 'create_transfers', baseUrl: 'https://parix.io', origin: 'https://parix.io', contentKey: 'k'},
      database: {id: 'db', name: 'books'},
      batches: [{body: wireList('transfer', given), records: given}],
    })
    release(entry)
    return entry
  }
  const line = (changes: Partial<HistoryLine> = {}): HistoryLine => ({
    ...{version: 1, id: 'a', at: '2026-11-27T12:00:00.000Z', command: 'tb post', baseUrl: 'https://parix.io'},
    ...{database: {id: 'db', name: 'books'}, operation: 'create_transfers', outcome: 'created', count: 1, refused: 0},
    events: [{id: '7', result: 'created', sent: {amount: '5'}}],
    ...changes,
  })
  const put = (...lines: HistoryLine[]) => {
    for (const one of lines) remember(home.environment, say, () => one)
  }
  const read = (filter: Partial<Parameters<typeof readHistory>[1]> = {}) =>
    readHistory(home.environment, {limit: 50, ...filter})
  const path = (day = '2026-11-27') => join(historyDirectory(home.environment), `${day}.ndjson`)

  describe('the line of a call', () => {
    const made = (given: LedgerRecord[], more: {outcomes?: EventOutcome[]; error?: unknown; records?: undefined}) =>
      lineOf({command: 'tb entry', entry: entryOf(given), records: given, ...more}, new Date('2026-11-27T12:00:00Z'))

    it('has each event as it was sent, with its result', () => {
      const {events, ...rest} = made(records(2), {outcomes: outcomes('created', 'refused')})
      expect(rest).to.include({
        outcome: 'refused',
        count: 2,
        refused: 1,
        firstId: '1',
        lastId: '2',
        at: '2026-11-27T12:00:00.000Z',
      })
      expect(events.map(({id, result}) => [id, result])).to.deep.equal([
        ['1', 'created'],
        ['2', 'exceeds_credits'],
      ])
      expect(events[0]!.sent).to.deep.equal({
        debit_account_id: '1',
        credit_account_id: '2',
        amount: '5',
        ledger: '700',
        code: '1',
      })
    })

    it('of many events has the refused ones alone, two hundred at most', () => {
      const given = records(500)
      const states = given.map((_, index): EventOutcome['state'] => (index % 2 === 0 ? 'refused' : 'created'))
      const {events, refused: number} = made(given, {outcomes: outcomes(...states)})
      expect([events.length, number]).to.deep.equal([200, 250])
      expect(events.every(({result}) => result === 'exceeds_credits')).to.equal(true)
      expect(made(records(200), {outcomes: outcomes(...states.slice(0, 200))}).events).to.have.length(200)
    })

    it('without outcomes is unknown where it was kept, and not sent where it was not', () => {
      const kept = new ParixError('OUTCOME_UNKNOWN', 'Lost.', {outbox: 'x', errors: ['id 1']})
      expect(made(records(1), {error: kept})).to.deep.include({
        outcome: 'unknown',
        error: {code: 'outcome_unknown', message: 'Lost.', details: ['id 1']},
      })
      expect(made(records(1), {error: kept}).events[0]!.result).to.equal('unknown')
      const refusal = new ParixError('FORBIDDEN', 'No.')
      expect(made(records(1), {error: refusal})).to.include({outcome: 'not_sent'})
      expect(made(records(1), {error: new TypeError('x')}).error!.code).to.equal('internal')
    })

    it('comes back as it was written', () => {
      const written = made(records(2), {outcomes: outcomes('created', 'exists')})
      put(written)
      const {version: _, ...rest} = written
      expect(read()).to.deep.equal([{...rest, begun: written.at}])
    })
  })

  it('is on unless the variable or the settings say no', () => {
    expect(historyIsOn(home.environment)).to.equal(true)
    for (const off of ['off', '0', 'NO', 'false'])
      expect(historyIsOn({...home.environment, PARIX_HISTORY: off}), off).to.equal(false)
    for (const on of ['', 'on', '1']) expect(historyIsOn({...home.environment, PARIX_HISTORY: on}), on).to.equal(true)
    home.write('.config/parix/config.json', {history: false})
    expect(historyIsOn(home.environment)).to.equal(false)
    expect(historyIsOn({...home.environment, PARIX_HISTORY: 'on'})).to.equal(true)
  })

  it('where it is off the line is not even made', () => {
    remember({...home.environment, PARIX_HISTORY: 'off'}, say, () => expect.fail('made'))
    expect(read()).to.deep.equal([])
  })

  it('what can not be written is said, and is not the payment that failed', () => {
    mkdirSync(dirname(historyDirectory(home.environment)), {recursive: true})
    writeFileSync(historyDirectory(home.environment), '')
    put(line())
    expect(said).to.have.length(1)
    expect(said[0]).to.match(/^This is not in the history of this machine: /)
  })

  it('is one file per day, closed to others, and a line that a crash cut off harms no other', () => {
    put(line({id: 'a'}), line({id: 'b', at: '2026-11-28T00:00:00.000Z'}))
    expect(statSync(path()).mode & 0o777).to.equal(0o600)
    appendFileSync(path(), '{"version":1,"id":"cut')
    put(line({id: 'c'}))
    expect(read().map(({id}) => id)).to.deep.equal(['b', 'c', 'a'])
  })

  it('of a call that was given several times there is one entry: how it ended, and when it was begun', () => {
    put(line({outcome: 'unknown', at: '2026-11-26T23:00:00.000Z'}), line({at: '2026-11-27T01:00:00.000Z'}))
    expect(read()).to.have.length(1)
    expect(read()[0]).to.include({
      outcome: 'created',
      at: '2026-11-27T01:00:00.000Z',
      begun: '2026-11-26T23:00:00.000Z',
    })
  })

  it('of a call that was refused, and is in the ledger since, says that it was created, to --refused as well', () => {
    put(
      line({id: 'a', at: '2026-11-26T10:00:00.000Z', outcome: 'refused', refused: 1}),
      line({id: 'b', at: '2026-11-26T10:00:01.000Z', outcome: 'unknown'}),
      line({id: 'a', at: '2026-11-27T10:00:00.000Z', outcome: 'created'}),
      line({id: 'b', at: '2026-11-27T10:00:01.000Z', outcome: 'refused', refused: 1}),
    )
    expect(read({refused: true}).map(({id, begun}) => [id, begun])).to.deep.equal([['b', '2026-11-26T10:00:01.000Z']])
    expect(read().map(({id, outcome}) => [id, outcome])).to.deep.equal([
      ['b', 'refused'],
      ['a', 'created'],
    ])
    expect(
      read({id: '7'}).map(({id}) => id),
      'both are found by an event',
    ).to.deep.equal(['b', 'a'])
  })

  it('at the end of a day or of a minute is in time where it is exactly that time', () => {
    put(line({id: 'a', at: '2026-11-26T23:59:59.999Z'}), line({id: 'b', at: '2026-11-27T00:00:00.000Z'}))
    const since = (text: string) => read({since: text}).map(({id}) => id)
    expect(since('2026-11-27T00:00:00.000Z')).to.deep.equal(['b'])
    expect(since('2026-11-26T23:59:59.999Z')).to.deep.equal(['b', 'a'])
    expect(since('2026-11-27T00:00:00.001Z')).to.deep.equal([])
    expect(read({limit: 1}).map(({id}) => id)).to.deep.equal(['b'])
    expect(pruneHistory(home.environment, '2026-11-27T00:00:00.000Z')).to.deep.equal(['2026-11-26'])
    expect(read().map(({id}) => id)).to.deep.equal(['b'])
  })

  it('is filtered by database, event, time and refusal, all of them together', () => {
    put(
      line({id: 'a', at: '2026-11-25T12:00:00.000Z'}),
      line({id: 'b', outcome: 'refused', refused: 1, events: [{id: '8', result: 'exceeds_credits', sent: {}}]}),
      line({id: 'c', database: {id: 'db2', name: 'other'}}),
    )
    const ids = (filter: Parameters<typeof read>[0]) => read(filter).map(({id}) => id)
    expect(ids({database: 'books'})).to.deep.equal(['b', 'a'])
    expect(ids({database: 'db2'})).to.deep.equal(['c'])
    expect(ids({id: '8'})).to.deep.equal(['b'])
    expect(ids({id: 'a'})).to.deep.equal(['a'])
    expect(ids({since: '2026-11-26T00:00:00.000Z'})).to.deep.equal(['c', 'b'])
    expect(ids({since: '2026-11-25T12:00:00.000Z'})).to.include('a')
    expect(ids({since: '2026-11-25T12:00:00.001Z'})).not.to.include('a')
    expect(ids({refused: true, database: 'books'})).to.deep.equal(['b'])
    expect(ids({limit: 2})).to.deep.equal(['c', 'b'])
    expect(findInHistory(home.environment, '7').map(({id}) => id)).to.deep.equal(['c', 'a'])
    expect(refused(() => findInHistory(home.environment, '99'))).to.include({
      kind: 'NOT_FOUND',
      code: 'history_not_found',
    })
  })

  it('damaged lines hide nothing else; a line of a newer version is never taken for nothing', () => {
    put(line({id: 'a'}))
    for (const damaged of [
      '{}',
      'null',
      '[]',
      '7',
      JSON.stringify({...line(), count: 'x'}),
      JSON.stringify({...line(), outcome: 'maybe'}),
    ])
      appendFileSync(path(), `${damaged}\n`)
    put(line({id: 'b'}))
    expect(read().map(({id}) => id)).to.deep.equal(['b', 'a'])
    appendFileSync(path(), '{"version":2}\n')
    expect(refused(() => read())).to.include({kind: 'FAILED', code: 'history_newer'})
    expect(readFileSync(path(), 'utf8')).to.contain('"version":2')
  })

  it('a file that others may write to is not believed', () => {
    put(line())
    chmodSync(path(), 0o666)
    expect(() => read()).to.throw(/write/)
  })

  it('whole days are removed, those before the time, newest first', () => {
    put(line({at: '2026-11-25T12:00:00.000Z'}), line({at: '2026-11-26T12:00:00.000Z'}), line())
    expect(pruneHistory(home.environment, '2026-11-27T00:00:00.000Z')).to.deep.equal(['2026-11-26', '2026-11-25'])
    expect(read().map(({at}) => at)).to.deep.equal(['2026-11-27T12:00:00.000Z'])
    expect(pruneHistory(home.environment, undefined)).to.deep.equal(['2026-11-27'])
    expect(pruneHistory(home.environment, undefined)).to.deep.equal([])
  })

  it('in a table says the outcome in words: how many of how many were refused, and why', () => {
    const error = {code: 'exceeds_credits', message: '', details: []}
    put(
      line({id: 'a', outcome: 'refused', count: 5, refused: 2, error}),
      line({id: 'b', outcome: 'refused', count: 1, refused: 1, error}),
      line({id: 'c', outcome: 'unknown', error: {...error, code: 'outcome_unknown'}}),
      line({id: 'd', outcome: 'not_sent'}),
    )
    expect(historyTable(read()).rows.map((row) => row[5])).to.deep.equal([
      'nothing created',
      'unknown: outcome_unknown',
      'refused: exceeds_credits',
      '2 of 5 refused: exceeds_credits',
    ])
  })

  it('of one call shows when it ended only where that is another time, and accounts without money', () => {
    put(line({id: 'a'}))
    const details = (id: string) => Object.fromEntries(historyDetails(read({id})[0]!).details)
    expect(details('a').ended).to.equal(undefined)
    put(line({id: 'a', at: '2026-11-27T13:00:00.000Z'}))
    expect(details('a').ended).to.equal('2026-11-27T13:00:00.000Z')
    put(
      line({
        id: 'b',
        operation: 'create_accounts',
        events: [{id: '9', result: 'created', sent: {ledger: '700', code: '10'}}],
      }),
    )
    expect(historyEvents(read({id: 'b'})[0]!).rows).to.deep.equal([['9', '700', '10', 'created']])
  })
})
