import {existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {entryId, outboxPlace} from '../../src/outbox/directory.js'
import type {NewEntry, StreamedEntry} from '../../src/outbox/entry.js'
import {isHeld, release} from '../../src/outbox/entry-lock.js'
import {type Outbox, openOutbox} from '../../src/outbox/store.js'
import {refusalOf, refused} from '../support/refusal.js'

const HEAD = {
  operation: 'create_transfers',
  baseUrl: 'https://parix.io',
  origin: 'https://parix.io',
  database: {id: 'db', name: 'books'},
  contentKey: 'k',
} as const
const request = (id: number) => ({body: `[{"id":"${id}"}]`, records: [{id: BigInt(id)}]})
const call = (requests: number): NewEntry => ({
  ...HEAD,
  batches: Array.from({length: requests}, (_, index) => request(index + 1)),
})

async function* streamed(requests: number, failing = Number.POSITIVE_INFINITY): StreamedEntry['batches'] {
  for (let id = 1; id <= requests; id++) {
    if (id > failing) throw new Error('the file can not be read any more')
    yield {body: Buffer.from(`[{"id":"${id}","ledger":1}]`), events: 1, firstId: String(id), lastId: String(id)}
  }
}

describe('putting an entry into the outbox', () => {
  let home: TestHome
  let outbox: Outbox
  beforeEach(() => {
    home = makeHome()
    outbox = openOutbox(outboxPlace(home.environment))
  })
  afterEach(() => home.remove())

  const parent = () => join(outbox.directoryOf(HEAD.origin), 'db')

  it('names the requests so that their files sort in the order in which they are sent', () => {
    const names = outbox.add(call(12)).file.batches.map(({body}) => body)
    expect(names[0]).to.equal('request-01.json')
    expect(names.at(-1)).to.equal('request-12.json')
    expect(names.toSorted()).to.deep.equal(names)
    expect(outbox.add(call(1)).file.batches[0]!.body).to.equal('request-1.json')
  })

  it('takes the moment that it is given, and an id that begins with it', () => {
    const {file} = outbox.add(call(1), new Date('2026-11-24T18:40:12.345Z'))
    expect(file.createdAt).to.equal('2026-11-24T18:40:12.345Z')
    expect(file.id).to.match(/^20261124-184012-[0-9a-f]{6}$/)
  })

  it('ids sort as the moments do, and differ within one', () => {
    const moment = fc.date({min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true})
    fc.assert(
      fc.property(moment, fc.integer({min: 1000, max: 10 ** 9}), (now, later) => {
        const [one, other] = [entryId(now), entryId(new Date(now.getTime() + later))]
        expect(one < other).to.equal(true)
        expect(one).to.match(/^\d{8}-\d{6}-[0-9a-f]{6}$/)
      }),
    )
    const now = new Date()
    expect(new Set(Array.from({length: 50}, () => entryId(now))).size).to.be.greaterThan(48)
  })

  it('entries are listed by age, whatever order they were added in and whichever database they are for', () => {
    const days = [3, 1, 2].map((day) =>
      outbox.add({...call(1), database: {id: `db${day}`, name: 'x'}}, new Date(Date.UTC(2026, 0, day))),
    )
    expect(outbox.list().entries.map(({file}) => file.id)).to.deep.equal(
      [days[1], days[2], days[0]].map((one) => one!.file.id),
    )
    expect(outbox.ofDatabase(HEAD.origin, 'db2').map(({file}) => file.id)).to.deep.equal([days[2]!.file.id])
    expect(outbox.ofDatabase('https://other.example', 'db2')).to.deep.equal([])
  })

  it('it is locked by this process when it can first be seen', () => {
    const entry = outbox.add(call(1))
    expect(isHeld(outbox.list().entries[0]!)).to.equal(true)
    release(entry)
    expect(isHeld(outbox.list().entries[0]!)).to.equal(false)
  })

  it('a streamed one has its requests one by one, is marked, and is locked as well', async () => {
    const entry = await outbox.addStreamed({...HEAD, batches: streamed(3)})
    expect(entry.file).to.include({streamed: true})
    expect(entry.file.batches.map(({body, events}) => [body, events])).to.deep.equal([
      ['request-000001.json', 1],
      ['request-000002.json', 1],
      ['request-000003.json', 1],
    ])
    const [found] = outbox.list().entries
    expect(found!.file).to.deep.equal(entry.file)
    expect(found!.file.batches.map((batch) => outbox.bodyOf(found!, batch).toString())).to.deep.equal(
      [1, 2, 3].map((id) => `[{"id":"${id}","ledger":1}]`),
    )
    expect(isHeld(found!)).to.equal(true)
  })

  it('a streamed one whose file fails in the middle leaves nothing behind, and nothing to resume', async () => {
    const error = await refusalOf(() => outbox.addStreamed({...HEAD, batches: streamed(3, 2)}))
    expect(error).to.include({kind: 'FAILED', code: 'outbox_unwritable'})
    expect(error.message).to.contain('Nothing was sent')
    expect(readdirSync(parent())).to.deep.equal([])
    expect(outbox.list()).to.deep.equal({entries: [], unreadable: []})
  })

  it('where the outbox can not be written the call fails before anything is sent', () => {
    writeFileSync(join(home.path, 'in-the-way'), '')
    const blocked = openOutbox({path: join(home.path, 'in-the-way', 'outbox'), temporary: false})
    const error = refused(() => blocked.add(call(1)))
    expect(error).to.include({kind: 'FAILED', code: 'outbox_unwritable', exitCode: 1})
    expect(error.details.hint).to.contain('PARIX_STATE_DIR')
  })

  it('what a crash left an hour ago is cleared away; what is younger, or not ours, stays', () => {
    outbox.add(call(1))
    const old = ['.new-a', '.struck-b', '.aside-c', 'd.tmp', '.hidden']
    for (const name of [...old, '.new-young']) mkdirSync(join(parent(), name))
    for (const name of old) utimesSync(join(parent(), name), 0, 0)
    outbox.add(call(1))
    const left = readdirSync(parent()).filter((name) => name.startsWith('.') || name.endsWith('.tmp'))
    expect(left.toSorted()).to.deep.equal(['.aside-c', '.hidden', '.new-young'])
  })

  it('entry.json is written last: an entry without all its requests is never seen', () => {
    const entry = outbox.add(call(3))
    const {batches} = JSON.parse(readFileSync(join(entry.directory, 'entry.json'), 'utf8'))
    for (const {body} of batches) expect(existsSync(join(entry.directory, body)), body).to.equal(true)
    expect(readdirSync(dirname(entry.directory))).to.deep.equal([entry.file.id])
  })
})
