import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {batchFile, type Entry, type EntryFile, eventsOf, kindOf, readEntryFile} from '../../src/outbox/entry.js'

const FILE: EntryFile = {
  version: 1,
  id: '20261124-184012-4f3a9c',
  operation: 'create_transfers',
  baseUrl: 'https://parix.io',
  origin: 'https://parix.io',
  database: {id: 'db', name: 'books'},
  createdAt: '2026-11-24T18:40:12.000Z',
  contentKey: 'k',
  batches: [
    {body: 'request-1.json', events: 2, firstId: '1', lastId: '2', failedAttempts: 0},
    {body: 'request-2.json', events: 1, firstId: '3', lastId: '3', failedAttempts: 4, lastFault: 'ECONNRESET'},
  ],
}

describe('entry.json', () => {
  let home: TestHome
  let directory: string
  beforeEach(() => {
    home = makeHome()
    directory = join(home.path, 'entry')
    mkdirSync(directory)
    for (const {body} of FILE.batches) writeFileSync(join(directory, body), '[]')
  })
  afterEach(() => home.remove())

  const readBack = (content: unknown) => {
    writeFileSync(join(directory, 'entry.json'), typeof content === 'string' ? content : JSON.stringify(content))
    return readEntryFile(directory)
  }
  const reasonOf = (content: unknown) => (readBack(content) as {reason?: string}).reason

  it('is read as it was written, with the fields that are optional and without them', () => {
    expect(readBack(FILE)).to.deep.equal(FILE)
    const more = {...FILE, ledger: 'cluster 7', streamed: true as const}
    expect(readBack(more)).to.deep.equal(more)
  })

  it('any entry that this version makes is one that it reads', () => {
    const id = fc.bigInt({min: 1n, max: 2n ** 128n - 2n}).map(String)
    const entries = fc.record({
      operation: fc.constantFrom('create_accounts' as const, 'create_transfers' as const),
      name: fc.string(),
      ledger: fc.option(fc.string(), {nil: undefined}),
      batches: fc.array(
        fc.record({
          body: fc.constantFrom('request-1.json', 'request-1a.json', 'request-1ab.json', 'request-000001.json'),
          events: fc.integer({min: 1, max: 8190}),
          firstId: id,
          lastId: id,
          failedAttempts: fc.nat(),
        }),
        {minLength: 1, maxLength: 4},
      ),
    })
    fc.assert(
      fc.property(entries, ({operation, name, ledger, batches}) => {
        for (const {body} of batches) writeFileSync(join(directory, body), '')
        const database = {id: name, name}
        const file = {...FILE, operation, database, batches, ...(ledger !== undefined && {ledger})}
        expect(readBack(file)).to.deep.equal(file)
      }),
      {numRuns: 40},
    )
  })

  for (const field of ['id', 'baseUrl', 'origin', 'createdAt', 'contentKey'] as const) {
    it(`without ${field}, or with another type there, is damaged: it is never taken for answered`, () => {
      for (const value of [undefined, null, 7, {}, []])
        expect(reasonOf({...FILE, [field]: value})).to.equal(`its entry.json is damaged: ${field}`)
    })
  }

  for (const [what, change] of [
    ['operation', {operation: 'lookup_accounts'}],
    ['operation', {operation: undefined}],
    ['database', {database: 'db'}],
    ['database', {database: null}],
    ['database', {database: {id: 'db'}}],
    ['database', {database: {id: 1, name: 'books'}}],
    ['ledger', {ledger: 7}],
    ['batches', {batches: []}],
    ['batches', {batches: undefined}],
    ['batches', {batches: {}}],
    ['batches', {batches: [null]}],
    ['version', {version: 0}],
    ['version', {version: '1'}],
    ['version', {version: undefined}],
  ] as const) {
    it(`with ${JSON.stringify(change)} is damaged`, () => {
      expect(readBack({...FILE, ...change})).to.deep.equal({
        newer: false,
        reason: `its entry.json is damaged: ${what}`,
      })
    })
  }

  for (const [field, values] of [
    ['body', ['../request-1.json', 'request-1.json/..', 'other.json', 'request-.json', 'request-1.json\n', 7]],
    ['events', [undefined, '2', 1.5, null]],
    ['failedAttempts', [undefined, '0', 0.5]],
    ['firstId', [undefined, 1, null]],
    ['lastId', [undefined, 2, {}]],
  ] as const) {
    it(`with ${values.map((value) => JSON.stringify(value)).join(', ')} for a request's ${field} is damaged`, () => {
      for (const value of values) {
        const batches = [FILE.batches[0], {...FILE.batches[1], [field]: value}]
        expect(reasonOf({...FILE, batches}), JSON.stringify(value)).to.equal('its entry.json is damaged: batches')
      }
    })
  }

  it('of a newer version is said to be newer: that version can resume it', () => {
    const found = readBack({version: 2, anything: 'else'}) as {newer: boolean; reason: string}
    expect(found.newer).to.equal(true)
    expect(found.reason).to.match(/newer parix \(version 2 of the outbox, this one reads 1\)/)
  })

  it('that is not JSON, no object, or not there is not read, with what the matter is', () => {
    expect(reasonOf('{"version": 1,')).to.match(/^its entry\.json can't be read \(/)
    for (const value of ['null', '[]', '7', '"x"']) expect(reasonOf(value)).to.equal('its entry.json is damaged')
    rmSync(join(directory, 'entry.json'))
    expect(readEntryFile(directory)).to.deep.equal({newer: false, reason: 'it has no entry.json'})
  })

  it('without the body of a request is not read: there is nothing to send again', () => {
    rmSync(join(directory, 'request-2.json'))
    expect(reasonOf(FILE)).to.equal('its request-2.json is missing')
  })
})

describe('an entry', () => {
  const entry = (operation: EntryFile['operation']): Entry => ({
    directory: '',
    file: {...FILE, operation},
    requests: new Map(),
  })

  it('has as many events as its requests together, and is of accounts or transfers', () => {
    expect(eventsOf(entry('create_transfers'))).to.equal(3)
    expect(kindOf('create_accounts')).to.equal('account')
    expect(kindOf('create_transfers')).to.equal('transfer')
  })

  it('names of a request its first id and its last: by these a body is known', () => {
    expect(batchFile('request-1.json', [{id: 5n}, {id: 6n}, {id: 4n}])).to.deep.equal({
      body: 'request-1.json',
      events: 3,
      firstId: '5',
      lastId: '4',
      failedAttempts: 0,
    })
  })
})
