import {Chart} from '@parix/books/chart'
import {ExpectationError, needsOf, parseExpectation} from '@parix/books/expectations'
import {type Facts, judge} from '@parix/books/judge'
import type {Account, Transfer} from '@parix/ledger'
import {expect} from 'chai'
import {compile} from './chart/example.js'

const chart = new Chart(
  compile(`version: 1
ledgers: {USD: {id: 1, scale: 2}, points: {id: 2, scale: 0}}
codes: {account: {cash: 10, owed: 20}, transfer: {payment: 1}}
types: {cash: asset, owed: liability}
accounts:
  bank: {id: 1, ledger: USD, code: cash}
  customer/*: {id: {base: 0x1000000000000, plus: n}, ledger: USD, code: owed}
`),
)
const CUSTOMER = 2n ** 48n

const account = (id: bigint, fields: Partial<Account>): [bigint, Account] => [
  id,
  {
    id,
    ledger: 1,
    code: 10,
    debits_posted: 0n,
    credits_posted: 0n,
    debits_pending: 0n,
    credits_pending: 0n,
    ...fields,
  } as Account,
]
const NOW = 1_800_000_000_000_000_000n
const DAY = 86_400_000_000_000n
const facts: Facts = {
  accounts: new Map([
    account(1n, {debits_posted: 10_000n, credits_posted: 2500n, credits_pending: 500n}),
    account(CUSTOMER + 1n, {code: 20, credits_posted: 5000n, debits_posted: 1000n, debits_pending: 500n}),
    account(CUSTOMER + 2n, {code: 20, credits_posted: 5000n, debits_posted: 12_500n}),
    account(9n, {ledger: 7, debits_posted: 3n}),
  ]),
  pending: [
    {debit_account_id: 1n, credit_account_id: CUSTOMER + 1n, timestamp: NOW - 8n * DAY},
    {debit_account_id: 1n, credit_account_id: 9n, timestamp: NOW - DAY},
  ] as Transfer[],
  transfers: 12,
  now: NOW,
}
const check = (text: string) => judge(parseExpectation(text, chart), facts, chart)

describe('expectations', () => {
  for (const text of [
    '@bank balance = 75.00',
    '@bank balance = 75.00 USD',
    '@bank available = 70.00',
    '@bank debits >= credits',
    '@bank debits_pending = 0',
    '@bank credits_pending>0',
    '1 balance != -75.00',
    '@customer/1 balance = 40.00',
    '@customer/1 available = 35.00',
    '@customer/2 available < -74.99',
    '@customer/* credits = 50.00',
    '@customer/* balance \u2265 -75.00',
    '0x9 debits = 3',
    'accounts debits >= 0',
    'pending = 2',
    'pending older than 7d = 1',
    'pending of @customer/1 = 1',
    'pending of 9 older than 7d = 0',
    'accounts = 4',
    'transfers > 11',
  ]) {
    it(`"${text}" is so`, () => {
      expect(check(text)).to.deep.equal({expectation: text, ok: true, found: []})
    })
  }

  for (const [text, found] of Object.entries({
    '@bank balance = 75.01': ['@bank: balance is 75.00 USD'],
    '@customer/* balance >= 0': ['@customer/2: balance is -75.00 USD'],
    '@customer/2 credits >= debits': ['@customer/2: credits is 50.00 USD, debits 125.00 USD'],
    '@customer/3 balance = 0': ['@customer/3 does not exist'],
    'ledger USD balanced': ['ledger USD: debits less credits are 11000 posted, 0 pending'],
    'ledger 7 balanced': ['ledger 7: debits less credits are 3 posted, 0 pending'],
    'ledger points balanced': ['there is no account on ledger points'],
    'pending older than 7d = 0': ['there are 1'],
    'transfers = 11': ['there are 12 transfers'],
  })) {
    it(`"${text}" is not, and what is the case is said`, () => {
      expect(check(text)).to.deep.equal({expectation: text, ok: false, found})
    })
  }

  for (const [text, column, message] of [
    ['', 1, /empty/],
    ['@bnak balance = 0', 1, /has no account @bnak\. Did you mean @bank\?/],
    ['@bank balanse = 0', 7, /Did you mean balance\?/],
    ['@bank balance 0', 15, /is expected, not "0"/],
    ['@bank balance =', 16, /an amount is missing/],
    ['@bank balance = 100', 17, /can be read in two ways/],
    ['@bank balance = 1.005', 17, /at most 2 decimal places/],
    ['@bank balance = 1.00 EUR', 17, /is in "EUR"/],
    ['@bank balance = 1.00 USD now', 26, /nothing more/],
    ['ledger EUR balanced', 8, /no ledger EUR/],
    ['ledgers balance', 9, /"balanced" is expected/],
    ['pending older 7d = 0', 15, /"than" is expected/],
    ['pending older than soon = 0', 20, /must be a time/],
    ['pending = many', 11, /a number is expected/],
    ['bank balance = 0', 1, /is not an account, ledger/],
    ['9 debits = 3.00', 12, /no chart has the ledger 7/],
  ] as const) {
    it(`"${text}" is wrong in column ${column}`, () => {
      try {
        check(text)
      } catch (error) {
        expect(error).to.be.instanceOf(ExpectationError)
        expect((error as ExpectationError).message).to.match(message)
        expect((error as ExpectationError).column).to.equal(column)
        return
      }
      expect.fail('was taken')
    })
  }

  it('say what they need to know', () => {
    const needs = (...texts: string[]) => needsOf(texts.map((text) => parseExpectation(text, chart)))
    const nothing = {ids: [], allAccounts: false, pending: false, transfers: false}
    expect(needs('@bank balance = 0', '9 debits = 0')).to.deep.equal({...nothing, ids: [1n, 9n]})
    expect(needs('@customer/* balance = 0')).to.deep.equal({...nothing, allAccounts: true})
    expect(needs('pending = 0', 'transfers = 0')).to.deep.equal({...nothing, pending: true, transfers: true})
  })
})
