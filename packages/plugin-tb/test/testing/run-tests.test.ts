import {Chart} from '@parix/books/chart'
import {compileChart} from '@parix/books/chart/compile'
import {readTestFile} from '@parix/books/test-file'
import {expect} from 'chai'
import {runTests, type TestResult} from '../../src/testing/run-tests.js'
import {refused} from '../support/refusal.js'

const CHART = new Chart(
  compileChart(
    `version: 1
ledgers: {USD: {id: 700, scale: 2}, JPY: {id: 392, scale: 0}}
codes: {account: {bank: 10, customer: 20}, transfer: {deposit: 1, payment: 2}}
types: {bank: asset, customer: liability}
accounts:
  bank: {id: 1, ledger: USD, code: bank}
  till: {id: 2, ledger: USD, code: customer}
  customer/*: {id: {base: 0x1000000000000, plus: n}, ledger: USD, code: customer, flags: [debits_must_not_exceed_credits]}
`,
    {file: 'parix.chart.yaml', readNames: () => ''},
  ),
)
const NOW = 1_767_225_600_000_000_000n

/** The tests of a file whose steps and expectations are given as YAML. */
function run(tests: string, chart: Chart | 'none' = CHART): Promise<TestResult[]> {
  const file = readTestFile(`version: 1\ntests:\n${tests}`, 'x.test.yaml')
  return runTests(file, chart === 'none' ? undefined : chart, {directory: undefined, now: NOW})
}

/** One test. */
async function one(steps: string[], expectations: string[] = [], chart: Chart | 'none' = CHART): Promise<TestResult> {
  const list = (lines: string[]) => lines.map((line) => `      - ${line}\n`).join('')
  const expected =
    expectations.length === 0 ? '' : `    expect:\n${list(expectations.map((text) => JSON.stringify(text)))}`
  const [result] = await run(`  - name: it\n${steps.length > 0 ? `    steps:\n${list(steps)}` : ''}${expected}`, chart)
  return result!
}
const messages = async (steps: string[], expectations: string[] = [], chart: Chart | 'none' = CHART) =>
  (await one(steps, expectations, chart)).failures.map(({message}) => message)

const PAY = '{transfer: {from: "@bank", to: "@till", amount: "1.00", code: deposit}}'

describe('a file of tests', () => {
  const errors = (text: string) => refused(() => readTestFile(text, 'x.test.yaml')).details.errors

  it('that is no YAML, two documents, or aliases that stand for too much is named with line and column', () => {
    const bomb = [...'abcdef'].map(
      (name, index, all) =>
        `${name}: &${name} [${Array(10)
          .fill(index === 0 ? 'x' : `*${all[index - 1]}`)
          .join(', ')}]`,
    )
    expect(errors(['version: 1', ...bomb].join('\n'))).to.deep.equal([
      'x.test.yaml:1:1 Its aliases stand for too much.',
    ])
    expect(errors('version: 1\n---\nversion: 1\n')).to.deep.equal([
      'x.test.yaml:2:1 A second document begins here; one is read.',
    ])
  })
})

describe('the tests of a file', () => {
  it('are run in their order, each in a ledger of its own: nothing of one is in the next', async () => {
    const test = (name: string) =>
      `  - name: ${name}\n    steps:\n      - ${PAY}\n    expect: ["transfers = 1", "@till balance = 1.00"]\n`
    const results = await run(test('a') + test('b') + test('c'))
    expect(results.map(({name, ok, line}) => [name, ok, line])).to.deep.equal([
      ['a', true, 3],
      ['b', true, 7],
      ['c', true, 11],
    ])
  })

  it('without steps it is the accounts of the chart that are looked at', async () => {
    expect(await messages([], ['@bank balance = 0', 'transfers = 0', 'ledgers balanced'])).to.deep.equal([])
  })

  it('a step that is not as expected ends its test, with its place, and the next test is run', async () => {
    const results = await run(
      `  - name: a
    steps:
      - {transfer: {from: "@bank", to: "@till", amount: "1.00", code: deposit}, expect: exceeds_credits}
      - {transfer: {from: "@bank", to: "@nobody", amount: "1.00", code: deposit}}
    expect: ["transfers = 9"]
  - name: b
    steps: []
`,
    )
    expect(results.map(({ok}) => ok)).to.deep.equal([false, true])
    expect(results[0]!.failures).to.deep.equal([
      {line: 5, column: 9, message: 'expected exceeds_credits, the ledger says created'},
    ])
  })

  it('all expectations that are not met are reported, those that can not be read as well', async () => {
    const found = await one([PAY], ['transfers = 2', '@till balance = 1.00', 'nonsense', '@bank balance = 9.00'])
    expect(found.failures).to.have.lengthOf(3)
    expect(found.failures.map(({message}) => message.split(':')[0])).to.include('transfers = 2')
  })

  it('a check in the middle ends the test where it is not met', async () => {
    expect(await messages([PAY, '{check: "transfers = 2"}', PAY], ['transfers = 2'])).to.have.lengthOf(1)
    expect(await messages([PAY, '{check: "transfers = 1"}', PAY], ['transfers = 2'])).to.deep.equal([])
  })

  describe('accounts', () => {
    it('that the chart names come into being when they are used, with their flags', async () => {
      const spend =
        '{transfer: {from: "@customer/7", to: "@till", amount: "1.00", code: payment}, expect: exceeds_credits}'
      expect(await messages([spend], ['@customer/7 balance = 0'])).to.deep.equal([])
      expect(
        (await messages(['{transfer: {from: "@nobody", to: "@till", amount: "1.00", code: payment}}']))[0],
      ).to.contain('nobody')
    })

    it('can be created by a step, and are refused as the ledger refuses them', async () => {
      expect(
        await messages(
          [
            '{account: {id: 77, ledger: USD, code: bank}}',
            '{account: {id: 77, ledger: USD, code: bank}, expect: exists}',
            '{account: {id: 77, ledger: USD, code: customer}, expect: exists_with_different_code}',
            '{account: {id: 78, ledger: USD, code: bank, flags: [history, debits_must_not_exceed_credits]}}',
          ],
          ['77 debits = 0'],
        ),
      ).to.deep.equal([])
    })
  })

  describe('without a chart', () => {
    it('ids and integers are as they are', async () => {
      const steps = [
        '{account: {id: 1, ledger: 5, code: 1}}',
        '{account: {id: 2, ledger: 5, code: 1}}',
        '{transfer: {from: "1", to: "2", amount: "340282366920938463463374607431768211455", ledger: 5, code: 1}}',
        '{transfer: {from: "1", to: "2", amount: "1", ledger: 5, code: 1}, expect: overflows_debits_posted}',
      ]
      expect(await messages(steps, ['2 credits = 340282366920938463463374607431768211455'], 'none')).to.deep.equal([])
    })

    it('a name is an error at its step', async () => {
      const [message] = await messages(
        ['{transfer: {from: "@bank", to: "2", amount: "1", ledger: 5, code: 1}}'],
        [],
        'none',
      )
      expect(message).to.contain('chart')
    })
  })

  describe('holds', () => {
    const hold = (name: string, more = '') =>
      `{transfer: {from: "@bank", to: "@till", amount: "9.00", code: payment, flags: pending${more}}, as: ${name}}`

    it('are posted whole or in part, or voided, by their names', async () => {
      expect(
        await messages(
          [hold('a'), hold('b'), hold('c'), '{post: a}', '{post: b, amount: "4.00"}', '{void: c}'],
          ['pending = 0', '@till balance = 13.00'],
        ),
      ).to.deep.equal([])
    })

    it('are posted once, and never for more than they hold', async () => {
      expect(
        await messages([
          hold('a'),
          '{post: a, amount: "9.01", expect: exceeds_pending_transfer_amount}',
          '{post: a}',
          '{post: a, expect: pending_transfer_already_posted}',
          '{void: a, expect: pending_transfer_already_posted}',
        ]),
      ).to.deep.equal([])
    })

    it('expire at their time and not before: waiting is what moves the clock', async () => {
      expect(
        await messages([
          hold('a', ', timeout: 10m'),
          hold('b', ', timeout: 10m'),
          '{wait: 9m}',
          '{check: "pending = 2"}',
          '{post: a}',
          '{wait: 2m}',
          '{check: ["pending = 0", "@till balance = 9.00"]}',
          '{post: b, expect: pending_transfer_expired}',
        ]),
      ).to.deep.equal([])
    })

    it('a name that no step before has is an error that says how one is given', async () => {
      expect(await messages(['{post: later}', hold('later')])).to.deep.equal([
        'no transfer before is called "later": give it a name with as',
      ])
      expect(await messages(['{post: "5", expect: pending_transfer_not_found}'])).to.deep.equal([])
    })
  })

  describe('chains', () => {
    it('are created whole or not at all, with a status for each event', async () => {
      const chain = (second: string, expect: string) =>
        `{chain: [{from: "@bank", to: "@till", amount: "1.00", code: deposit}, ${second}], expect: ${expect}}`
      const bad = '{from: "@customer/1", to: "@till", amount: "1.00", code: deposit}'
      const good = '{from: "@till", to: "@bank", amount: "0.50", code: deposit}'
      expect(
        await messages(
          [chain(bad, '[linked_event_failed, exceeds_credits]'), chain(good, '[created, created]')],
          ['transfers = 2', '@till balance = 0.50'],
        ),
      ).to.deep.equal([])
      expect(await messages([chain(bad, '[linked_event_failed, created]')])).to.deep.equal([
        'expected created of event 2, the ledger says exceeds_credits',
      ])
    })
  })

  describe('what can not be read in a step', () => {
    it('is reported where the step is, and is not a fault of the program', async () => {
      for (const [step, words] of [
        ['{transfer: {from: "@bank", to: "@till", amount: "1", code: deposit}}', 'two ways'],
        ['{transfer: {from: "@bank", to: "@till", amount: "1.001", code: deposit}}', 'never rounded'],
        ['{transfer: {from: "@bank", to: "@till", amount: "1.00", code: nonsense}}', 'nonsense'],
        ['{transfer: {from: "@bank", to: "@till", amount: "1.00", code: deposit, flags: constructor}}', 'constructor'],
        ['{wait: soon}', 'soon'],
      ] as const) {
        const {failures} = await one([step])
        expect(failures, step).to.have.lengthOf(1)
        expect(failures[0], step).to.include({line: 5, column: 9})
        expect(failures[0]!.message, step).to.contain(words).and.not.contain('Nothing was sent')
      }
    })
  })
})
