import {expect} from 'chai'
import {type Books, startBooks} from '../../../support/books.js'
import {type LossyProxy, startLossyProxy} from '../../../support/lossy-proxy.js'

describe('parix tb outbox show', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  let proxy: LossyProxy
  before(async () => {
    proxy = await startLossyProxy(books.ledger.port)
    proxy.choose = (path) => (path.includes('/create_') ? 'lose-answer' : 'pass')
  })
  after(() => proxy.stop())

  /** A call whose outcome is unknown; its id in the outbox. */
  async function left(transfer: number): Promise<string> {
    const words = `tb create-transfers --id ${transfer} --from 1 --to 2 --amount 5 --ledger 700 --code 1 --retry-for 0 --json`
    const {code, json} = await books.run(words, {env: {PARIX_BASE_URL: proxy.baseUrl}})
    expect(code).to.equal(75)
    return json().error.outbox
  }

  it('shows what is sent, how often it was tried, what was seen, and the command that sends it again', async () => {
    const id = await left(8001)
    const {code, stdout, stderr} = await books.run(`tb outbox show ${id}`)
    expect(code).to.equal(0)
    expect(stdout)
      .to.match(new RegExp(`^id +${id}$`, 'm'))
      .and.match(/^failed attempts +1$/m)
      .and.match(/^held +false$/m)
      .and.contain('"debit_account_id": "1"')
    expect(stderr).to.match(new RegExp(`^Send again: parix tb outbox resume ${id} .*--base-url ${proxy.baseUrl}`, 'm'))
  })

  it('--json has each request with its body, exact, and its outcome where there is one', async () => {
    const {json} = await books.run(`tb outbox show ${await left(8002)} --json`)
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
