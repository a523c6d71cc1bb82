import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb reserve', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const reserve = (words: string) => books.run(`tb reserve ${words}`)
  const MOVE = '--from 1 --to 2 --amount 5 --code 1'

  it('holds the amount, and says until when, and how to pay it or give it back', async () => {
    const before = await books.balance(1)
    const {code, json, stderr} = await reserve(`${MOVE} --timeout 60 --json`)
    expect(code).to.equal(0)
    const [{id}] = json().responsePayload
    expect(json().requestPayload[0]).to.include({timeout: 60, flags: 2})
    expect(stderr)
      .to.match(/It is held until 20\d\d-.*Z\./)
      .and.contain(`Pay: parix tb post books ${id}`)
      .and.contain(`Give back: parix tb void books ${id}`)
    const after = await books.balance(1)
    expect([after.debits, after.pending]).to.deep.equal([before.debits, before.pending + 5])
    expect((await books.run(`tb post ${id}`)).code).to.equal(0)
    expect((await books.balance(1)).debits).to.equal(before.debits + 5)
  })

  it('without a timeout it stays until somebody posts or voids it', async () => {
    const {json} = await reserve(`${MOVE} --json`)
    expect(json().requestPayload[0]).not.to.have.property('timeout')
    const [{id}] = json().responsePayload
    expect((await books.run(`tb void ${id}`)).code).to.equal(0)
  })

  it('where the limit leaves less it is refused, and nothing is held', async () => {
    const {code, json} = await reserve('--from 4 --to 2 --amount 999999 --code 1 --json')
    expect([code, json().error.code]).to.deep.equal([6, 'exceeds_credits'])
    expect((await books.balance(4)).pending).to.equal(0)
  })

  it('--key: the same words hold once', async () => {
    const words = `${MOVE} --key order-4711 --json`
    const [first, second] = [await reserve(words), await reserve(words)]
    expect(second.json().responsePayload[0].id).to.equal(first.json().responsePayload[0].id)
    expect(second.json().responsePayload[0].result).to.equal('exists')
  })

  it('--dry-run sends nothing; with a chart it has names and money', async () => {
    const before = await books.balance(1)
    const {json} = await books.named(
      'tb reserve --from @bank --to @alice --amount 12.50 --code payment --timeout 1h --dry-run --json',
    )
    expect(json().requests[0][0]).to.include({amount: '1250', timeout: 3600, flags: 2, ledger: 700})
    expect(await books.balance(1)).to.deep.equal(before)
  })

  it('parts of a second, no amount, and accounts that are not there are refused', async () => {
    expect((await reserve(`${MOVE} --timeout 1500ms`)).stderr).to.contain('--timeout is counted in whole seconds')
    expect((await reserve('--from 1 --to 2 --code 1')).code).to.equal(2)
    expect((await reserve('--from 1 --to 99 --amount 5 --code 1')).code).to.equal(3)
    expect((await reserve('--from 1 --to 3 --amount 5 --code 1')).code, 'another ledger').to.equal(2)
  })
})
