import type {Chart} from '@parix/books/chart'
import {UINT128_MAX} from '@parix/kit/integers'
import type {Table, View} from '@parix/kit/output'
import type {CreateKind} from '@parix/ledger/schema'
import {expect} from 'chai'
import type {LedgerRecord} from '../../src/records/kinds.js'
import type {Moved} from '../../src/results/moved.js'
import type {EventOutcome} from '../../src/results/outcome.js'
import {createdView} from '../../src/views/created.js'
import {CHART} from '../support/chart.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 1250n, ledger: 700n, code: 1n}
const TIME = '1700000000000000000'
const outcome = (index: number, state: EventOutcome['state'] = 'created', timestamp?: string): EventOutcome => ({
  ...{index, id: String(index + 7), state, result: state},
  ...(timestamp !== undefined && {timestamp}),
})

interface Shown {
  kind?: CreateKind
  records: LedgerRecord[]
  events?: EventOutcome[]
  moved?: Map<number, Moved>
  chart?: Chart
}

const view = ({kind = 'transfer', records, events, moved, chart}: Shown): View =>
  createdView(kind, records, events ?? records.map((_, index) => outcome(index)), moved, chart)
const names = (table: Table) => table.columns.map((column) => (typeof column === 'string' ? column : column.name))
/** The cells of one row by column, as text; empty ones left out. */
const row = (shown: Shown, index = 0) => {
  const table = view(shown) as Table
  const cells = names(table).map((name, place) => [name, table.rows[index]![place]] as const)
  return Object.fromEntries(
    cells.filter(([, cell]) => cell !== undefined && cell !== '').map(([name, cell]) => [name, String(cell)]),
  )
}
const details = (shown: Shown) => {
  const {details: pairs} = view(shown) as {details: [string, unknown][]}
  return Object.fromEntries(
    pairs.filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]),
  )
}

describe('what a create call shows', () => {
  it('a transfer: who pays whom how much, what became of it, and when', () => {
    expect(row({records: [{id: 7n, ...MOVE, flags: 2n}], events: [outcome(0, 'created', TIME)]})).to.deep.equal({
      ...{
        ID: '7',
        FROM: '1',
        TO: '2',
        AMOUNT: '1250',
        FLAGS: 'pending',
        RESULT: 'created',
        TIME: '2023-11-14T22:13:20.000000000Z',
      },
    })
  })

  it('an account: its ledger, code and flags', () => {
    const shown = {kind: 'account', records: [{id: 7n, ledger: 700n, code: 10n, flags: 10n}]} as const
    expect(row({...shown, records: [...shown.records]})).to.deep.equal({
      ...{ID: '7', LEDGER: '700', CODE: '10', FLAGS: 'debits_must_not_exceed_credits history', RESULT: 'created'},
    })
  })

  for (const [state, said] of [
    ['created', 'created'],
    ['exists', 'already there'],
    ['stored', 'in the ledger'],
    ['refused', 'refused'],
  ] as const) {
    it(`what is ${state} is shown as ${said}`, () => {
      expect(row({records: [{id: 7n, ...MOVE}], events: [outcome(0, state)]}).RESULT).to.equal(said)
    })
  }

  it('with a chart: names, ledgers and codes by name, money with its places and currency', () => {
    expect(row({records: [{id: 7n, ...MOVE}], chart: CHART})).to.include({
      FROM: '@bank',
      TO: '@alice',
      AMOUNT: '12.50 USD',
    })
    const account = {kind: 'account' as const, records: [{id: 1n, ledger: 700n, code: 10n}], chart: CHART}
    expect(row({...account, events: [{...outcome(0), id: '1'}]})).to.include({ID: '@bank', LEDGER: 'USD', CODE: 'bank'})
  })

  it('what the chart does not name stays a number', () => {
    const records = [{id: 7n, ...MOVE, debit_account_id: 99n, ledger: 5n}]
    expect(row({records, chart: CHART})).to.include({FROM: '99', AMOUNT: '1250'})
  })

  it('a time that is not known, and 0, is left empty', () => {
    for (const timestamp of [undefined, '0'])
      expect(row({records: [{id: 7n, ...MOVE}], events: [outcome(0, 'created', timestamp)]})).not.to.have.property(
        'TIME',
      )
  })

  it('all there is, is shown in the words it was asked in, and only where it means that', () => {
    const amount = (record: LedgerRecord) => row({records: [{id: 7n, ...MOVE, ...record}]}).AMOUNT
    expect(amount({flags: 4n, amount: UINT128_MAX})).to.equal('all')
    expect(amount({flags: 8n, amount: 0n})).to.equal('all')
    expect(amount({flags: 16n, amount: UINT128_MAX})).to.equal('max')
    expect(amount({flags: 32n, amount: UINT128_MAX})).to.equal('max')
    expect(amount({amount: UINT128_MAX})).to.equal(String(UINT128_MAX))
    expect(amount({flags: 4n, amount: 0n})).to.equal('0')
    expect(amount({amount: 0n})).to.equal('0')
  })

  it('what moved may be less than what was asked for: both are shown', () => {
    const moved = new Map([[1, {from: 1n, to: 2n, requested: 1250n, amount: 300n}]])
    const shown = {
      records: [
        {id: 7n, ...MOVE},
        {id: 8n, ...MOVE, flags: 16n},
      ],
      moved,
      chart: CHART,
    }
    expect(row(shown, 1)).to.include({REQUESTED: '12.50 USD', MOVED: '3.00 USD'}).and.not.have.property('AMOUNT')
    expect(row(shown, 0)).to.include({REQUESTED: '12.50 USD', MOVED: '12.50 USD'})
  })

  it('of a post or void in a batch the accounts are those of the pending transfer', () => {
    const moved = new Map([
      [0, {from: 1n, to: 2n, requested: UINT128_MAX, amount: 30n, pending: {id: 5n, held: 30n, givenBack: 0n}}],
    ])
    const records = [
      {id: 7n, pending_id: 5n, amount: UINT128_MAX, flags: 4n},
      {id: 8n, ...MOVE},
    ]
    expect(row({records, moved})).to.include({FROM: '1', TO: '2', REQUESTED: 'all', MOVED: '30'})
  })
})

describe('what one post or void shows', () => {
  const pending = {id: 5n, held: 30n, givenBack: 18n}

  it('a post: how much of what was held, and what was given back', () => {
    const moved = new Map([[0, {from: 1n, to: 2n, requested: 12n, amount: 12n, pending}]])
    expect(details({records: [{id: 7n, pending_id: 5n, amount: 12n, flags: 4n}], moved})).to.deep.equal({
      ...{id: '7', 'pending transfer': '5', from: '1', to: '2', posted: '12 of 30', 'given back': '18', remaining: '0'},
      ...{result: 'posted, created'},
    })
  })

  it('a void: nothing is posted', () => {
    const moved = new Map([[0, {from: 1n, to: 2n, requested: 0n, amount: 0n, pending: {...pending, givenBack: 30n}}]])
    const shown = details({records: [{id: 7n, pending_id: 5n, flags: 8n}], events: [outcome(0, 'exists')], moved})
    expect(shown).to.include({'given back': '30', result: 'voided, already there'}).and.not.have.property('posted')
  })
})

describe('what a call of many events shows', () => {
  const many = (count: number, state: (index: number) => EventOutcome['state'] = () => 'created') => ({
    records: Array.from({length: count}, (_, index) => ({id: BigInt(index + 7), ...MOVE})),
    events: Array.from({length: count}, (_, index) => outcome(index, state(index))),
  })

  it('fifty are a table; of more their counts and the first and last id say more', () => {
    expect((view(many(50)) as Table).rows).to.have.length(50)
    expect(details(many(51))).to.deep.equal({created: '51 transfers', 'first id': '7', 'last id': '57'})
  })

  it('the counts are by what became of them, and none is 0', () => {
    const states = ['created', 'stored', 'exists'] as const
    expect(details(many(60, (index) => states[index % 3]!))).to.include({
      ...{created: '20 transfers', 'in the ledger': '20 transfers', 'already there': '20 transfers'},
    })
    expect(details({...many(1200), kind: 'account'})).to.include({created: '1,200 accounts'})
  })
})
