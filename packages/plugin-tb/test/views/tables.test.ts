import type {Table} from '@parix/kit/output'
import {expect} from 'chai'
import fc from 'fast-check'
import type {PendingTransfer} from '../../src/reads/pending.js'
import type {Row} from '../../src/reads/rows.js'
import {accountTable, balanceTable, count, pendingTable, transferTable} from '../../src/views/tables.js'
import {account, transfer} from '../support/answers.js'
import {CHART} from '../support/chart.js'

/** The cells of the first row by column; empty ones left out. */
function first(table: Table): Record<string, string> {
  const names = table.columns.map((column) => (typeof column === 'string' ? column : column.name))
  const cells = names.map((name, place) => [name, table.rows[0]![place]] as const)
  return Object.fromEntries(
    cells.filter(([, cell]) => cell !== undefined && cell !== '').map(([name, cell]) => [name, String(cell)]),
  )
}
const TIME = '2023-11-14T22:13:20.000000001Z'

describe('the table of accounts', () => {
  const stored = account({debits_posted: '1250', credits_pending: '7', ledger: 700, code: 10, flags: 9}) as Row

  it('has both sides of the balance, posted and pending, and the flags by name', () => {
    expect(first(accountTable([stored], ''))).to.deep.equal({
      ...{ID: '1', LEDGER: '700', CODE: '10', DEBITS: '1250', 'DEBITS PENDING': '0', CREDITS: '0'},
      ...{'CREDITS PENDING': '7', FLAGS: 'linked history', CREATED: TIME},
    })
  })

  it('with a chart has its names, and money', () => {
    expect(first(accountTable([stored], '', CHART))).to.include({
      ID: '@bank',
      LEDGER: 'USD',
      CODE: 'bank',
      DEBITS: '12.50 USD',
      'CREDITS PENDING': '0.07 USD',
    })
  })

  it('a ledger and a code that the chart does not name stay numbers', () => {
    const other = account({id: '99', ledger: 5, code: 6, debits_posted: '1250'}) as Row
    expect(first(accountTable([other], '', CHART))).to.include({ID: '99', LEDGER: '5', CODE: '6', DEBITS: '1250'})
  })

  it('says what the caller says where there are none, and keeps a flag without a name as a number', () => {
    expect(accountTable([], 'Nothing here.').whenEmpty).to.equal('Nothing here.')
    expect(first(accountTable([account({flags: 64}) as Row], '')).FLAGS).to.equal('64')
  })

  it('a field that the service left out is an empty cell, not 0', () => {
    expect(first(accountTable([{id: '1'}], ''))).to.deep.equal({ID: '1'})
  })
})

describe('the table of transfers', () => {
  const stored = transfer({amount: '1250', ledger: 700, flags: 2}) as Row

  it('has who pays whom, and no column for a state that is not known', () => {
    expect(first(transferTable([stored], ''))).to.deep.equal({
      ...{ID: '1', FROM: '1', TO: '2', AMOUNT: '1250', LEDGER: '700', CODE: '1', FLAGS: 'pending', CREATED: TIME},
    })
  })

  it('with a chart has names and money', () => {
    expect(first(transferTable([stored], '', CHART))).to.include({
      FROM: '@bank',
      TO: '@alice',
      AMOUNT: '12.50 USD',
      LEDGER: 'USD',
      CODE: 'payment',
    })
  })

  for (const [state, said] of [
    [{pending_state: 'pending'}, 'pending'],
    [{pending_state: 'expired'}, 'expired'],
    [{pending_state: 'voided', resolved_by: '9'}, 'voided by 9'],
    [{pending_state: 'posted', resolved_by: '9', posted_amount: '1250'}, 'posted by 9'],
    [{pending_state: 'posted', resolved_by: '9', posted_amount: '300'}, 'posted 300 of 1250 by 9'],
    [{pending_state: 'unknown'}, 'unknown'],
  ] as const) {
    it(`a pending transfer is shown as ${said}`, () => {
      expect(first(transferTable([{...stored, ...state}], '')).STATE).to.equal(said)
    })
  }

  it('beside pending ones, one that never was has no state', () => {
    const table = transferTable([transfer({}) as Row, {...stored, pending_state: 'pending'}], '')
    expect(first(table)).not.to.have.property('STATE')
  })
})

describe('the table of balances', () => {
  const row: Row = {
    debits_posted: '1250',
    debits_pending: '0',
    credits_posted: '7',
    credits_pending: '0',
    timestamp: '1700000000000000001',
  }

  it('is money only where it is known of which ledger', () => {
    expect(first(balanceTable([row], '', CHART))).to.include({DEBITS: '1250', CREDITS: '7', AT: TIME})
    expect(first(balanceTable([row], '', CHART, {ledger: 700}))).to.include({DEBITS: '12.50 USD', CREDITS: '0.07 USD'})
    expect(first(balanceTable([row], ''))).to.include({DEBITS: '1250'})
  })
})

describe('the table of pending transfers', () => {
  const now = Date.UTC(2026, 10, 27, 12)
  const pending = (expires: string | null): PendingTransfer => ({
    ...{id: '7', debit_account_id: '1', credit_account_id: '2', amount: '1250', ledger: 700, code: 1},
    ...{timestamp: '1700000000000000001', expires_at: expires},
  })
  const look = {databaseName: 'books', chart: undefined, now, lapsed: false}

  it('says when each expires and in what time, or never', () => {
    expect(first(pendingTable([pending('2026-11-27T12:01:05Z')], look))).to.include({
      EXPIRES: '2026-11-27T12:01:05Z',
      IN: '1 min 05 s',
    })
    expect(first(pendingTable([pending(null)], look)))
      .to.include({EXPIRES: 'never'})
      .and.not.have.property('IN')
  })

  it('of those that have expired, how long ago', () => {
    expect(first(pendingTable([pending('2026-11-27T11:59:50Z')], {...look, lapsed: true}))).to.include({
      ...{EXPIRED: '2026-11-27T11:59:50Z', AGO: '10 s'},
    })
  })

  it('with a chart has names and money', () => {
    expect(first(pendingTable([pending(null)], {...look, chart: CHART}))).to.include({
      FROM: '@bank',
      TO: '@alice',
      AMOUNT: '12.50 USD',
    })
  })

  it('says where there are none, of which database', () => {
    expect(pendingTable([], look).whenEmpty).to.equal('Nothing is pending in books.')
    expect(pendingTable([], {...look, lapsed: true}).whenEmpty).to.equal('Nothing has expired in books.')
  })
})

describe('a count in words', () => {
  it('is in the singular for one alone, with a comma at each thousand', () => {
    expect([0, 1, 2].map((number) => count('transfer', number))).to.deep.equal([
      '0 transfers',
      '1 transfer',
      '2 transfers',
    ])
    expect(count('account', 1_234_567)).to.equal('1,234,567 accounts')
    fc.assert(
      fc.property(fc.nat(), (number) => {
        const [digits] = count('account', number).split(' ')
        expect(digits).to.match(/^\d{1,3}(,\d{3})*$/)
        expect(Number(digits!.replaceAll(',', ''))).to.equal(number)
      }),
    )
  })
})
