import type {Chart} from '@parix/books/chart'
import {parseJson} from '@parix/kit/json'
import {expect} from 'chai'
import fc from 'fast-check'
import {FIELDS, type LedgerRecord, type RecordKind} from '../../src/records/kinds.js'
import {createProblems} from '../../src/records/problems.js'
import {readRecord} from '../../src/records/read.js'
import {wireObject} from '../../src/records/wire.js'
import {CHART} from '../support/chart.js'

function read(kind: RecordKind, text: string, chart?: Chart): {record: LedgerRecord; problems: string} {
  const problems = createProblems()
  const record = readRecord(kind, (field) => `t.${field}`, parseJson(text), problems, {chart})
  let said = ''
  try {
    problems.throwIfAny('object')
  } catch (error) {
    said = [(error as Error).message, ...((error as {details: {errors?: string[]}}).details.errors ?? [])].join('\n')
  }
  return {record, problems: said}
}

const TRANSFER_FIELDS = Object.entries(FIELDS.transfer).filter(([name]) => name !== 'flags')

describe('objects in JSON', () => {
  it('flaw 3: every integer goes out digit by digit, written as a number, as text, as hex', () => {
    const record = fc.record(
      Object.fromEntries(
        TRANSFER_FIELDS.map(([name, {bits, time}]) => [
          name,
          // Smaller numbers may be taken for seconds.
          fc.bigInt({min: time ? 10n ** 17n : 0n, max: (1n << BigInt(time ? 63 : bits)) - 1n}),
        ]),
      ),
      {requiredKeys: []},
    )
    const forms = [
      (value: bigint) => `${value}`,
      (value: bigint) => `"${value}"`,
      (value: bigint) => `"0x${value.toString(16)}"`,
    ]
    fc.assert(
      fc.property(record, fc.constantFrom(...forms), (values, form) => {
        const text = `{${Object.entries(values)
          .map(([name, value]) => `"${name}":${form(value as bigint)}`)
          .join(',')}}`
        const {record: back, problems} = read('transfer', text)
        expect(problems).to.equal('')
        const sent = parseJson(wireObject('transfer', back)) as Record<string, unknown>
        expect(
          Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, BigInt(value as string)])),
        ).to.deep.equal(values)
      }),
    )
  })

  it('"max" is read where it means all there is, and nowhere else: elsewhere it would move 2^128 − 1', () => {
    const max = 2n ** 128n - 1n
    for (const flag of ['balancing_debit', 'balancing_credit', 'post_pending_transfer']) {
      const {record, problems} = read('transfer', `{"amount": "max", "flags": ["${flag}"]}`)
      expect({amount: record.amount, problems}).to.deep.equal({amount: max, problems: ''})
    }
    for (const flags of ['', ', "flags": "pending"', ', "flags": 1']) {
      expect(read('transfer', `{"amount": "Max"${flags}}`).problems).to.contain('t.amount is "max", which goes with')
    }
    expect(read('transfer', `{"amount": ${max}}`).problems, 'the digits are meant').to.equal('')
  })

  it('camelCase and the short names are read; a field given twice is an error', () => {
    expect(read('transfer', '{"debitAccountId": 1, "to": 2, "userData128": 3, "pendingId": 4}').record).to.deep.equal({
      debit_account_id: 1n,
      credit_account_id: 2n,
      user_data_128: 3n,
      pending_id: 4n,
    })
    expect(read('transfer', '{"from": 1, "debit_account_id": 1}').problems).to.contain(
      't.debit_account_id is given twice, also as from.',
    )
    expect(read('transfer', '{"creditAccountId": 1, "to": 1}').problems).to.contain(
      't.to is given twice, also as creditAccountId.',
    )
    expect(read('account', '{"from": 1}').problems).to.contain('an account has no such field')
  })

  it('money beside the integer must be the same, whatever form its key and its value have', () => {
    const money = (member: string) => read('transfer', `{"ledger": 700, "amount": 500, ${member}}`, CHART)
    for (const right of [
      '"amountText": "5.00"',
      '"amountText": 5.00',
      '"AmountText": "5.00 USD"',
      '"amount_text": null',
    ]) {
      const {record, problems} = money(right)
      expect([record.amount, problems], right).to.deep.equal([500n, ''])
    }
    for (const other of ['"amountText": "9.99"', '"amountText": 9.99', '"AmountText": "9.99"', '"amount_text": 9.99'])
      expect(money(other).problems, other).to.contain('is 500, but amountText says 9.99, which is 999')
    for (const odd of ['{}', '[]', 'true', '["5.00"]'])
      expect(money(`"amountText": ${odd}`).problems, odd).to.contain('t.amountText must be a text such as "12.50"')
    expect(money('"amountText": "5.00", "AmountText": "5.00"').problems).to.contain('t.AmountText is given twice')
  })

  it('flags as a number, a name, a list of names', () => {
    for (const flags of [
      '6',
      '"6"',
      '"pending|post_pending_transfer"',
      '["pending", "post_pending_transfer"]',
      '[2, 4]',
    ]) {
      expect(read('transfer', `{"flags": ${flags}}`).record.flags, flags).to.equal(6n)
    }
  })

  it('what is not a whole number is named with its place', () => {
    for (const value of [
      '1.5',
      '1e3',
      '-1',
      'null',
      'true',
      '[]',
      '{}',
      '""',
      '"12.50"',
      '"abc"',
      '340282366920938463463374607431768211456',
    ]) {
      expect(read('transfer', `{"amount": ${value}}`).problems, value).to.contain('t.amount')
    }
    expect(read('transfer', '5').problems).to.contain('must be an object')
    expect(read('transfer', '{"amount": "max"}').record.amount).to.equal(2n ** 128n - 1n)
  })
})
