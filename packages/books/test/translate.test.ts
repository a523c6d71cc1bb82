import {Chart} from '@parix/books/chart'
import {accountKeys, accountLabel, amountLabel, formatId, transferKeys, userDataText} from '@parix/books/present'
import {type FieldTexts, type TranslateOptions, translateFields} from '@parix/books/translate'
import {BLANK_TRANSFER} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {exampleChart} from './chart/example.js'

const chart = exampleChart()
const CUSTOMER = 0x1000000000000n

function options(overrides: Partial<TranslateOptions> = {}): TranslateOptions {
  return {kind: 'transfer', label: (field) => `--${field}`, typed: true, raw: '--amount-raw', ...overrides}
}

const translate = (fields: FieldTexts, overrides: Partial<TranslateOptions> = {}) =>
  translateFields(fields, chart, options(overrides))

describe('fields with names', () => {
  it('become integers, and the ledger comes from the accounts', () => {
    expect(
      translate({debit_account_id: '@bank', credit_account_id: '@customer/17', amount: '12.50', code: 'payment'}),
    ).to.deep.equal({
      debit_account_id: '1',
      credit_account_id: String(CUSTOMER + 17n),
      amount: '1250',
      code: '2',
      ledger: '700',
    })
    expect(translate({id: '@customer/3'}, {kind: 'account'})).to.deep.equal({
      id: String(CUSTOMER + 3n),
      ledger: '700',
      code: '20',
      flags: 'debits_must_not_exceed_credits,history',
    })
    expect(translate({ledger: 'points/2'}, {kind: 'query_filter'})).to.deep.equal({ledger: String(900 + 2 * 65536)})
    expect(translate({account_id: '@bank', code: 'deposit'}, {kind: 'account_filter'})).to.deep.equal({
      account_id: '1',
      code: '1',
    })
    expect(translate({code: 'bank'}, {kind: 'query_filter', codes: 'account'})).to.deep.equal({code: '10'})
  })

  it('integers stay as they are', () => {
    const fields = {id: '7', debit_account_id: '0x1', credit_account_id: '2', ledger: '5', code: '9', amount: '100'}
    expect(translate(fields)).to.deep.equal(fields)
    expect(translateFields(fields, undefined, options())).to.deep.equal(fields)
  })

  it('a bare integer on a ledger with decimal places is refused wherever a person types it', () => {
    for (const fields of [
      {ledger: 'USD', amount: '100'},
      {ledger: '700', amount: '100'},
      {debit_account_id: '@bank', amount: '100'},
    ]) {
      expect(() => translate(fields), JSON.stringify(fields)).to.throw(/two ways.*100\.00.*--amount-raw 100/)
    }
    expect(translate({ledger: 'USD', amountRaw: '100'}).amount).to.equal('100')
    expect(translate({ledger: 'JPY', amount: '100'}).amount).to.equal('100')
    expect(translate({ledger: 'USD', amount: 'max'}).amount).to.equal('max')
    expect(() => translate({ledger: 'USD', amount: '1.00', amountRaw: '100'})).to.throw(/given twice/)
  })

  it('amountText without a chart is refused where there is no integer beside it: its decimal places are not known', () => {
    const without = (fields: Record<string, string>) =>
      translateFields(fields, undefined, {kind: 'transfer', label: (field) => field, typed: false})
    expect(() => without({amountText: '5.00'})).to.throw(/amountText is "5\.00": without a chart of accounts/)
    expect(without({amountText: '5.00', amount: '500'}).amount).to.equal('500')
  })

  it('in JSON amount is the integer and amountText is money; both must agree', () => {
    const json = {typed: false} as const
    expect(translate({ledger: 'USD', amount: '100'}, json).amount).to.equal('100')
    expect(translate({ledger: 'USD', amountText: '1.00'}, json)).to.deep.equal({ledger: '700', amount: '100'})
    expect(translate({ledger: 'USD', amount: '100', amountText: '1.00'}, json).amount).to.equal('100')
    expect(() => translate({ledger: 'USD', amount: '1', amountText: '1.00'}, json)).to.throw(
      /is 1, but amountText says 1\.00, which is 100/,
    )
    expect(() => translate({ledger: 'USD', amountText: '100'}, json)).to.throw(/two ways/)
  })

  it('names of two ledgers are refused', () => {
    expect(() =>
      translate({debit_account_id: '@bank', credit_account_id: '@wallet/0190a3c4-0000-7000-8000-000000000001'}),
    ).to.throw(/@bank is on ledger USD, .* on points/)
    expect(() => translate({ledger: 'JPY', debit_account_id: '@bank'})).to.throw(/is JPY, but @bank is on USD/)
  })

  it('a name where a transfer is meant, an unknown name, or an amount without a known scale is refused', () => {
    expect(() => translate({id: '@bank'})).to.throw(/names are of accounts/)
    expect(() => translate({debit_account_id: '@bnk'})).to.throw(/Did you mean @bank/)
    expect(() => translate({ledger: '5', amount: '1.00'})).to.throw(/not in the chart/)
    expect(translate({ledger: '5', amount: '100 USD'}).amount).to.equal('10000')
  })

  it('without a chart names are refused with what to do, and UUIDs are read', () => {
    for (const fields of [{debit_account_id: '@bank'}, {ledger: 'USD'}, {code: 'payment'}, {amount: '12.50 USD'}]) {
      expect(() => translateFields(fields, undefined, options()), JSON.stringify(fields)).to.throw(
        /there is no chart of accounts/,
      )
    }
    const uuid = '0190A3C4-0000-7000-8000-000000000001'
    expect(translateFields({id: uuid}, undefined, options())).to.deep.equal({
      id: String(0x0190a3c4000070008000000000000001n),
    })
  })

  it('user data is read and shown as the chart says', () => {
    const time = '2026-11-27T09:00:00.000Z'
    expect(translate({user_data_64: time}).user_data_64).to.equal(String(BigInt(Date.parse(time)) * 1_000_000n))
    expect(userDataText(BigInt(translate({user_data_64: time}).user_data_64!), 'time')).to.equal(time)
    expect(() => translate({user_data_64: 'yesterday'})).to.throw(/\(occurredAt\) is not an RFC 3339 time/)
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(userDataText(BigInt(translate({user_data_128: uuid}).user_data_128!), 'uuid')).to.equal(uuid)
      }),
    )
  })
})

describe('rows with names', () => {
  const transfer = {
    ...BLANK_TRANSFER,
    id: 5n,
    debit_account_id: 1n,
    credit_account_id: CUSTOMER + 17n,
    amount: 1250n,
    ledger: 700,
    code: 2,
    timestamp: 1n,
  }

  it('have names and money beside the integers, only where the chart knows them', () => {
    expect(transferKeys(transfer, chart)).to.deep.equal({
      debit_account_id_name: 'bank',
      credit_account_id_name: 'customer/17',
      ledgerName: 'USD',
      codeName: 'payment',
      amountText: '12.50',
    })
    expect(transferKeys({...transfer, ledger: 1, code: 99, debit_account_id: 77n}, chart)).to.deep.equal({
      credit_account_id_name: 'customer/17',
    })
    expect(accountKeys({id: 1n, ledger: 700, code: 10, debits_posted: 300n, credits_posted: 50n}, chart)).to.deep.equal(
      {
        id_name: 'bank',
        ledgerName: 'USD',
        codeName: 'bank',
        balanceText: '2.50 USD',
      },
    )
  })

  it('have labels for tables', () => {
    expect([
      accountLabel(1n, chart),
      accountLabel(77n, chart),
      accountLabel(77n, new Chart(chart.compiled, 'hex')),
    ]).to.deep.equal(['@bank', '77', '0x4d'])
    expect([
      amountLabel(1250n, 700, chart),
      amountLabel(1250n, 5, chart),
      amountLabel(1250n, 700, undefined),
    ]).to.deep.equal(['12.50 USD', '1250', '1250'])
    expect(formatId(1n, 'uuid')).to.equal('00000000-0000-0000-0000-000000000001')
  })
})
