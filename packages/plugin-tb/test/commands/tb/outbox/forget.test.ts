import {expect} from 'chai'
import {type Books, startBooks} from '../../../support/books.js'
import {type LossyProxy, startLossyProxy} from '../../../support/lossy-proxy.js'

describe('parix tb outbox forget', () => {
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

  it('takes it out for good, and says whose outcome stays unknown', async () => {
    const id = await left(8001)
    const {code, stdout} = await books.run(`tb outbox forget ${id} --confirm ${id}`)
    expect([code, stdout]).to.deep.equal([0, `Forgotten: ${id}. What became of 8001 is not known.\n`])
    expect((await books.run(`tb outbox show ${id}`)).code).to.equal(3)
  })

  it('--json names the ids; --yes asks nobody', async () => {
    const id = await left(8002)
    expect((await books.run(`tb outbox forget ${id} --yes --json`)).json()).to.deep.equal({
      forgotten: id,
      ids: ['8002'],
    })
  })

  it('without a confirmation, and with a wrong one, it stays, and another command may take it', async () => {
    const id = await left(8003)
    const unconfirmed = await books.run(`tb outbox forget ${id}`)
    expect(unconfirmed.code).to.equal(2)
    expect(unconfirmed.stderr).to.contain(`parix tb outbox forget ${id} --confirm ${id}`)
    const wrong = await books.run(`tb outbox forget ${id} --confirm other`)
    expect([wrong.code, wrong.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && text.includes('Nothing was changed.'),
    )
    const resumed = await books.run(`tb outbox resume ${id} --base-url ${proxy.baseUrl} --retry-for 0`)
    expect(resumed.code, 'its answer is lost again').to.equal(75)
    expect(
      (await books.run('tb outbox list --json')).json().entries.every(({held}: {held: boolean}) => !held),
    ).to.equal(true)
  })

  it('an unknown one is not found', async () => {
    expect((await books.run('tb outbox forget x --yes')).code).to.equal(3)
  })
})
