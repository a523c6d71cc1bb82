import {expect} from 'chai'
import {type LossyBooks, startLossyBooks} from '../../../support/left-behind.js'

describe('parix tb outbox show', () => {
  let books: LossyBooks
  before(async () => {
    books = await startLossyBooks()
  })
  after(() => books.stop())

  it('shows what is sent, how often it was tried, what was seen, and the command that sends it again', async () => {
    const id = await books.left(8001)
    const {code, stdout, stderr} = await books.run(`tb outbox show ${id}`)
    expect(code).to.equal(0)
    expect(stdout)
      .to.match(new RegExp(`^id +${id}$`, 'm'))
      .and.match(/^failed attempts +1$/m)
      .and.match(/^held +false$/m)
      .and.contain('"debit_account_id": "1"')
    expect(stderr).to.match(new RegExp(`^Send again: parix tb outbox resume ${id} .*--base-url ${books.lossyUrl}`, 'm'))
  })

  it('--json has each request with its body, exact, and its outcome where there is one', async () => {
    const {json} = await books.run(`tb outbox show ${await books.left(8002)} --json`)
    expect(json()).to.deep.include({
      operation: 'create_transfers',
      events: 1,
      answered: 0,
      failedAttempts: 1,
      firstId: '8002',
    })
    expect(json().requests).to.deep.equal([
      {
        events: 1,
        answer: null,
        body: [{id: '8002', debit_account_id: '1', credit_account_id: '2', amount: '5', ledger: 700, code: 1}],
      },
    ])
  })

  it('an unknown one is not found', async () => {
    const {code, stderr} = await books.run('tb outbox show 20260101-000000-aaaaaa')
    expect(code).to.equal(3)
    expect(stderr).to.contain('Next: parix tb outbox list')
  })
})
