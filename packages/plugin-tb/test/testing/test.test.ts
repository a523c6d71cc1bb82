import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'
import {command} from '../support/tb.js'

const CHART = `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes: {account: {bank: 10, customer: 20, sales: 30}, transfer: {deposit: 1, payment: 2}}
types: {bank: asset, customer: liability, sales: income}
accounts:
  bank: {id: 1, ledger: USD, code: bank}
  sales: {id: 2, ledger: USD, code: sales}
  customer/*: {id: {base: 0x1000000000000, plus: n}, ledger: USD, code: customer, flags: [debits_must_not_exceed_credits]}
`
const TESTS = `version: 1
tests:
  - name: a customer pays an order
    steps:
      - transfer: {from: "@bank", to: "@customer/17", amount: "20.00", code: deposit}
      - transfer: {from: "@customer/17", to: "@sales", amount: 12.50, code: payment}
      - check: "@customer/17 available = 7.50"
      - transfer: {from: "@customer/17", to: "@sales", amount: 8.00 USD, code: payment}
        expect: exceeds_credits
    expect:
      - "@customer/17 balance = 7.50"
      - "@sales balance = 12.50"
      - ledgers balanced
  - name: a hold is posted in part, and another expires
    steps:
      - transfer: {from: "@bank", to: "@customer/1", amount: "50.00", code: deposit}
      - transfer: {from: "@customer/1", to: "@sales", amount: "30.00", code: payment, flags: pending}
        as: first
      - transfer: {from: "@customer/1", to: "@sales", amount: "20.00", code: payment, flags: [pending], timeout: 10m}
        as: second
      - check: ["pending = 2", "@customer/1 available = 0"]
      - post: first
        amount: "25.00"
      - wait: 11m
      - post: second
        expect: pending_transfer_expired
      - void: first
        expect: pending_transfer_already_posted
    expect: ["pending = 0", "@customer/1 balance = 25.00"]
  - name: a chain is created whole or not at all
    steps:
      - chain:
          - {from: "@bank", to: "@customer/2", amount: "1.00", code: deposit}
          - {from: "@customer/2", to: "@sales", amount: "2.00", code: payment}
        expect: [linked_event_failed, exceeds_credits]
      - account: {id: 77, ledger: USD, code: bank}
      - account: {id: 77, ledger: USD, code: sales}
        expect: exists_with_different_code
    expect: [transfers = 0, "77 debits = 0"]
`

describe('parix test', function () {
  this.timeout(60_000)
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
    home.write('parix.chart.yaml', CHART)
  })
  afterEach(() => home.remove())
  const run = (words: string, env: Record<string, string> = {}) =>
    command(`test ${words}`, {home, cwd: home.path, env: {PARIX_BASE_URL: 'http://127.0.0.1:9', ...env}})

  it('runs every test in a ledger of its own, without a service, as TAP, JUnit and JSON', async () => {
    home.write('books.test.yaml', TESTS)
    const tap = await run('')
    expect(tap.code, tap.stdout + tap.stderr).to.equal(0)
    expect(tap.stdout.split('\n').slice(0, 3).join('\n')).to.match(
      /^TAP version 14\n1\.\.3\nok 1 - books\.test\.yaml: a customer pays an order # time=\d+ms$/,
    )
    const junit = await run('books.test.yaml --format junit')
    expect(junit.stdout).to.match(/<testsuite name="books\.test\.yaml" tests="3" failures="0" time="\d\.\d+">/)
    const {passed, failed, files} = JSON.parse((await run('--json')).stdout)
    expect([passed, failed, files[0].tests.length]).to.deep.equal([3, 0, 3])
  })

  it('what fails is named with its line and column, and the exit code is 6', async () => {
    home.write(
      'books.test.yaml',
      TESTS.replace('= 7.50"\n      - "@sales', '= 7.51"\n      - "@sales').replace(
        'expect: exceeds_credits\n',
        'expect: created\n',
      ),
    )
    const {code, stdout} = await run('--format json')
    expect(code).to.equal(6)
    const [first] = JSON.parse(stdout).files[0].tests
    expect(first.failures).to.deep.equal([
      {line: 8, column: 9, message: 'expected created, the ledger says exceeds_credits'},
    ])
    home.write('books.test.yaml', TESTS.replace('= 12.50"', '= 12.51"'))
    const tap = await run('')
    expect(tap.code).to.equal(6)
    expect(tap.stdout).to.contain('not ok 1 - books.test.yaml: a customer pays an order')
    expect(tap.stdout).to.contain('    - message: "@sales balance = 12.51: @sales: balance is 12.50 USD"')
    expect(tap.stdout).to.contain('      at: "books.test.yaml:12:10"')
    expect((await run('--format junit')).stdout).to.contain('<failure message="@sales balance = 12.51: @sales')
  })

  it('mistakes in a file have line and column, all of them, and nothing runs', async () => {
    home.write(
      'books.test.yaml',
      `version: 1
tests:
  - name: wrong
    steps:
      - transfer: {form: "@bank", to: "@sales"}
      - transfer: {from: "@bank", to: "@sales"}
        expect: exceeds_credit
      - wait: 1h
        void: x
    expects: []
`,
    )
    const {code, stdout, stderr} = await run('')
    expect([code, stdout]).to.deep.equal([2, ''])
    expect(stderr).to.match(
      /books\.test\.yaml:5:20 tests\.0\.steps\.0\.transfer\.form: is unknown\. Did you mean from\?$/m,
    )
    expect(stderr).to.match(/books\.test\.yaml:8:9 .*has one of account, .*; this has 2/)
    expect(stderr).to.match(/books\.test\.yaml:3:5 .*unknown key "expects"/)
    home.write('books.test.yaml', TESTS.replace('expect: exceeds_credits', 'expect: exceeds_credit'))
    expect((await run('')).stderr).to.match(/books\.test\.yaml:9:9 .*Did you mean exceeds_credits\?/)
    home.write('books.test.yaml', 'version: 1\ntests: [\n')
    expect((await run('')).stderr).to.match(/books\.test\.yaml:3:1 /)
    expect((await run('nowhere.test.yaml')).code).to.equal(2)
  })

  it('an expectation or an amount that can not be read fails where it is written', async () => {
    home.write(
      'books.test.yaml',
      TESTS.replace('"@customer/17 balance = 7.50"', '"@customer/17 balanse = 7.50"').replace('"20.00"', '"20"'),
    )
    const {files} = JSON.parse((await run('--json')).stdout)
    expect(files[0].tests[0].failures[0]).to.include({line: 5, column: 9})
    expect(files[0].tests[0].failures[0].message).to.match(/can be read in two ways/)
    home.write('books.test.yaml', TESTS.replace('"@customer/17 balance = 7.50"', '"@customer/17 balanse = 7.50"'))
    const again = JSON.parse((await run('--json')).stdout)
    expect(again.files[0].tests[0].failures[0]).to.include({line: 11, column: 10 + 13})
  })

  describe('of a database', () => {
    let ledger: LocalLedger
    before(async () => {
      ledger = await startLocalLedger()
      await ledger.operate('create_accounts', [
        {id: 1, ledger: 700, code: 10, flags: 0},
        {id: 2, ledger: 700, code: 30, flags: 0},
      ])
      await ledger.operate('create_transfers', [
        {id: 5, debit_account_id: 1, credit_account_id: 2, amount: 900, ledger: 700, code: 1},
        {id: 6, debit_account_id: 1, credit_account_id: 2, amount: 100, ledger: 700, code: 1, flags: 2},
      ])
    })
    after(() => ledger.stop())

    it('each test begins with a copy of it, and nothing is written to it', async () => {
      const test = `  - name: N
    steps:
      - check: ["@bank balance = 9.00", "pending = 1"]
      - transfer: {from: "@bank", to: "@sales", amount: "1.00", code: deposit}
      - post: 6
    expect: ["@bank balance = 11.00", pending = 0]
`
      home.write('books.test.yaml', `version: 1\ndatabase: books\ntests:\n${test}${test}`)
      const env = {PARIX_BASE_URL: ledger.baseUrl, PARIX_API_KEY: ledger.apiKey}
      const {code, stdout, stderr} = await run('', env)
      expect(code, stdout + stderr).to.equal(0)
      expect(await ledger.operate('query_transfers', {limit: 10})).to.have.length(2)
    })
  })
})
