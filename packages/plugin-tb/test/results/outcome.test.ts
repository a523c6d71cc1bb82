import type {Json} from '@parix/kit/json'
import {CreateAccountStatus, type CreateKind, CreateTransferStatus} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {readOutcomes, unnamedOutcomes} from '../../src/results/outcome.js'

const IDS = ['7', '8', '9']
const read = (rows: Json, kind: CreateKind = 'transfer', ids = IDS) => readOutcomes(kind, ids, rows)
const states = (rows: Json) => read(rows)?.map(({state}) => state)
const row = (index: number, result: Json, more: {[key: string]: Json} = {}): Json => ({index, result, ...more})

describe('the outcome of every event, from the rows of a response', () => {
  it('of version 0.17: a row for each, with its name and its time', () => {
    expect(
      read([row(0, 'created', {timestamp: '5'}), row(1, 'exists', {timestamp: '6'}), row(2, 'exceeds_credits')]),
    ).to.deep.equal([
      {index: 0, id: '7', state: 'created', result: 'created', code: 4294967295, timestamp: '5'},
      {index: 1, id: '8', state: 'exists', result: 'exists', code: 46, timestamp: '6'},
      {index: 2, id: '9', state: 'refused', result: 'exceeds_credits', code: 54},
    ])
  })

  it('of versions before: rows for what was not created; of the others nothing is known', () => {
    expect(states([row(1, 54)])).to.deep.equal(['unnamed', 'refused', 'unnamed'])
    expect(states([])).to.deep.equal(['unnamed', 'unnamed', 'unnamed'])
  })

  it('rows without an index count by their order, but only where there is one for each event', () => {
    expect(states([{result: 'created'}, {result: 'exists'}, {result: 54}])).to.deep.equal([
      'created',
      'exists',
      'refused',
    ])
    expect(states([{result: 'created'}])).to.equal(undefined)
    expect(states([{result: 'created'}, row(1, 'created'), {result: 'created'}])).to.equal(undefined)
  })

  it('every result has one name, whether it comes by name, by number, or by number as text, of each kind', () => {
    for (const [kind, statuses] of [
      ['account', CreateAccountStatus],
      ['transfer', CreateTransferStatus],
    ] as const) {
      for (const name of Object.keys(statuses).filter((key) => !/^\d/.test(key))) {
        const code = statuses[name as 'created']
        for (const said of [name, code, String(code)]) {
          const [outcome] = read([row(0, said)], kind, ['7'])!
          expect(outcome, `${kind} ${said}`).to.include({result: name, code})
          expect(outcome!.state).to.equal(name === 'created' || name === 'exists' ? name : 'refused')
        }
      }
    }
  })

  it('the same number is another result of an account than of a transfer', () => {
    expect(read([row(0, 21)], 'account', ['7'])![0]).to.include({result: 'exists', state: 'exists'})
    expect(read([row(0, 21)], 'transfer', ['7'])![0]).to.include({result: 'debit_account_not_found', state: 'refused'})
  })

  it('ok, and 0, are what old versions said for created', () => {
    for (const said of ['ok', 0, '0']) expect(read([row(0, said)])![0]!.state, String(said)).to.equal('created')
  })

  it('a result that nobody knows is unfamiliar, and shown as it came', () => {
    expect(read([row(0, 'brand_new'), row(1, 999), row(2, '999')])).to.deep.equal([
      {index: 0, id: '7', state: 'unfamiliar', result: 'brand_new'},
      {index: 1, id: '8', state: 'unfamiliar', result: '999', code: 999},
      {index: 2, id: '9', state: 'unfamiliar', result: '999', code: 999},
    ])
  })

  it('`status` is read where there is no `result`', () => {
    expect(states([{index: 0, status: 'created'}])).to.deep.equal(['created', 'unnamed', 'unnamed'])
  })

  for (const [title, rows] of [
    ['no list', {}],
    ['nothing', null],
    ['a row that is not an object', [row(0, 'created'), 'created']],
    ['more rows than events', [0, 1, 2, 0].map((index) => row(index, 'created'))],
    ['a time in words', [row(0, 'created', {timestamp: 'now'})]],
    ['a time that is a date', [row(0, 'created', {timestamp: '2026-11-27T12:00:00Z'})]],
    ['a time below 0', [row(0, 'created', {timestamp: '-5'})]],
    ['a time that is an object', [row(0, 'created', {timestamp: {}})]],
    ['an index beyond the last', [row(3, 'created')]],
    ['an index below 0', [row(-1, 'created')]],
    ['an index as text', [{index: '0', result: 'created'}]],
    ['an index that is not a whole number', [row(0.5, 'created')]],
    ['an index that comes twice', [row(1, 'created'), row(1, 'created')]],
    ['a row without a result', [{index: 0}]],
    ['an empty result', [row(0, '')]],
    ['a result that is not a word', [row(0, true)]],
    ['a result below 0', [row(0, -1)]],
    ['a result that is not a whole number', [row(0, 1.5)]],
    ['a row with the id of another event', [row(0, 'created', {id: '8'})]],
    ['one row that is right beside one that is not', [row(0, 'created'), row(1, null)]],
  ] as [string, Json][]) {
    it(`none of the rows counts where there is ${title}`, () => {
      expect(read(rows)).to.equal(undefined)
    })
  }

  it('a row with its own id is the row of that event, written as a number or as text', () => {
    expect(states([row(1, 'created', {id: '8'}), row(0, 'created', {id: 7})])).to.deep.equal([
      'created',
      'created',
      'unnamed',
    ])
  })

  it('whatever comes: no event is lost, moved or given another id, and none counts that is not named', () => {
    const rows = fc.array(
      fc.record(
        {
          index: fc.integer({min: -1, max: 4}),
          result: fc.constantFrom('created', 'exists', 54, 0, 'new', ''),
          id: fc.constantFrom('7', '8'),
        },
        {requiredKeys: [], noNullPrototype: true},
      ),
      {maxLength: 4},
    )
    fc.assert(
      fc.property(rows, (found) => {
        const events = read(found as Json)
        if (events === undefined) return
        expect(events.map(({index, id}) => [index, id])).to.deep.equal(IDS.map((id, index) => [index, id]))
        expect(events.filter(({state}) => state !== 'unnamed')).to.have.length(found.length)
      }),
    )
    expect(unnamedOutcomes(['7'])).to.deep.equal([{index: 0, id: '7', state: 'unnamed', result: 'unnamed'}])
  })
})
