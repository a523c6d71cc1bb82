import {Chart} from '@parix/books/chart'
import {compareWithChart, draftChart, missingAccounts} from '@parix/books/chart/plan'
import {type Account, BLANK_ACCOUNT} from '@parix/ledger/schema'
import {expect} from 'chai'
import {compile, exampleChart} from './example.js'

function account(id: bigint, fields: Partial<Account> = {}): Account {
  return {
    ...BLANK_ACCOUNT,
    id,
    ledger: 700,
    code: 10,
    flags: 8,
    timestamp: 1n,
    ...fields,
  }
}

const byId = (...accounts: Account[]) => new Map(accounts.map((item) => [item.id, item]))

describe('a chart beside a database', () => {
  const chart = exampleChart()

  it('names what is missing and what differs', () => {
    const differences = compareWithChart(
      chart,
      byId(account(1n, {ledger: 701, flags: 2}), account(2n, {code: 30, flags: 0})),
    )
    expect(differences.filter(({name}) => !name.startsWith('shop/'))).to.deep.equal([
      {name: 'bank', id: 1n, difference: 'ledger', expected: 'USD', actual: 'JPY'},
      {name: 'bank', id: 1n, difference: 'flags', expected: 'history', actual: 'debits_must_not_exceed_credits'},
    ])
    expect(differences.filter(({name}) => name.startsWith('shop/')).map(({difference}) => difference)).to.deep.equal([
      'missing',
      'missing',
    ])
  })

  it('a closed account is the same account', () => {
    expect(compareWithChart(chart, byId(account(1n, {flags: 8 | 32}))).some(({name}) => name === 'bank')).to.equal(
      false,
    )
  })

  it('lists what apply would create', () => {
    expect(missingAccounts(chart, byId(account(1n))).map(({name}) => name)).to.deep.equal([
      'sales/eu',
      'shop/north',
      'shop/south',
    ])
  })

  it('drafts a chart that compiles and agrees with the database', () => {
    const accounts = [account(1n), account(2n ** 128n - 2n, {ledger: 9, code: 3, flags: 0})]
    const drafted = new Chart(compile(draftChart({accounts, transferCodes: [1, 2, 1]})))
    expect(compareWithChart(drafted, byId(...accounts))).to.deep.equal([])
    expect(new Chart(compile(draftChart({accounts: [], transferCodes: []}))).listed()).to.deep.equal([])
  })
})
