import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'
import {tb} from '../support/tb.js'

describe('tb assert', function () {
  this.timeout(60_000)
  let ledger: LocalLedger
  let home: TestHome
  before(async () => {
    ledger = await startLocalLedger()
    home = makeHome()
    await ledger.operate(
      'create_accounts',
      [1, 2].map((id) => ({id, ledger: 700, code: 10, flags: 0})),
    )
    const transfer = {debit_account_id: 1, credit_account_id: 2, ledger: 700, code: 1}
    await ledger.operate('create_transfers', [
      {...transfer, id: 10, amount: 7},
      {...transfer, id: 11, amount: 5, flags: 2},
      {...transfer, id: 12, amount: 5, flags: 2, timeout: 1000},
    ])
  })
  after(async () => {
    await ledger.stop()
    home.remove()
  })
  const run = (words: string[], more: {stdin?: string; env?: Record<string, string>} = {}) =>
    tb(['assert', ...words], {
      home,
      ...(more.stdin !== undefined && {stdin: more.stdin}),
      env: {PARIX_API_KEY: ledger.apiKey, PARIX_BASE_URL: ledger.baseUrl, ...more.env},
    })

  it('what is so ends with 0, with and without naming the database', async () => {
    const lines = [
      'ledgers balanced',
      'ledger 700 balanced',
      '1 debits = 7',
      '1 debits >= credits',
      'pending = 2',
      'transfers = 3',
    ]
    const {code, json, stderr} = await run(['books', ...lines, '--json'])
    expect(code, stderr).to.equal(0)
    expect(json()).to.include({passed: 6, failed: 0})
    expect((await run(lines, {env: {PARIX_DATABASE: 'books'}})).stdout).to.match(/^ok +ledger 700 balanced +-$/m)
  })

  it('what is not ends with 6, and says what is the case', async () => {
    home.write(
      'month-end.txt',
      '# every month\nledgers balanced\n2 balance = 0   # the till\n\npending older than 7d = 0\n',
    )
    const {code, stdout} = await run(['books', '--file', 'month-end.txt'])
    expect(code).to.equal(6)
    expect(stdout)
      .to.match(/^no +2 balance = 0 +2: balance is -7$/m)
      .and.match(/^ok +pending older than 7d = 0/m)
  })

  it('what can not be read is refused with its column, and nothing is sent', async () => {
    const {code, stderr} = await run(['nowhere', '1 balanse = 0'])
    expect(code).to.equal(2)
    expect(stderr).to.contain('"1 balanse = 0", column 3: "balanse" is not what an account has. Did you mean balance?')
    const two = await run(['books', '@bank balance = 0', 'pending = x', '--json'])
    expect(two.json().error.errors).to.have.length(2)
    expect((await run(['books', '1 debits = 7.00'])).stderr).to.contain('column 12')
    expect((await run(['books'])).code).to.equal(2)
    expect((await run(['books', ' '])).code).to.equal(2)
    expect((await run(['books', '--file', 'nowhere.txt'])).code).to.equal(2)
  })
})
