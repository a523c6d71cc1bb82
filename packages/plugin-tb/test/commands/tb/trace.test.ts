import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb trace', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const trace = (id: number | string, more = '') => books.run(`tb trace ${id} ${more}`)

  it('shows the transfer: how much, on which ledger, from whom to whom, when', async () => {
    const id = await books.pay(1, 2, 500)
    expect((await trace(id)).stdout).to.match(new RegExp(`^${id}  500 on ledger 700  1 → 2  20\\d\\d-`))
    expect((await books.named(`tb trace ${id}`)).stdout).to.match(new RegExp(`^${id}  5\\.00 USD  @bank → @alice  `))
  })

  it('a hold is traced to its post, and the post to its hold', async () => {
    const hold = await books.pay(1, 2, 30, {flags: 2})
    expect((await trace(hold, '--json')).json().outcome).to.deep.equal({state: 'open'})
    const post = books.id()
    await books.ledger.operate('create_transfers', [{id: post, pending_id: hold, amount: 12, flags: 4}])
    const {outcome} = (await trace(hold, '--json')).json()
    expect(outcome).to.include({state: 'posted'})
    expect(JSON.stringify(outcome)).to.contain(`"${post}"`)
    expect((await trace(post)).stdout).to.contain(String(hold))
  })

  it('a chain is shown whole, by any of its transfers', async () => {
    const [one, two] = [books.id(), books.id()]
    const move = {debit_account_id: 1, credit_account_id: 2, amount: 5, ledger: 700, code: 1}
    await books.ledger.operate('create_transfers', [
      {id: one, ...move, flags: 1},
      {id: two, ...move},
    ])
    for (const id of [one, two]) {
      const {chain} = (await trace(id, '--json')).json()
      expect(chain.map((row: {id: string}) => row.id)).to.deep.equal([String(one), String(two)])
    }
  })

  it('a reversal belongs to what it takes back', async () => {
    const id = await books.pay(1, 2, 77)
    const [row] = (await books.run(`tb reverse ${id} --json`)).json().responsePayload
    const {reversals} = (await trace(id, '--json')).json()
    expect(JSON.stringify(reversals)).to.contain(`"${row.id}"`)
  })

  it('--mermaid is a flowchart with a node for each', async () => {
    const id = await books.pay(1, 2, 5)
    expect((await trace(id, '--mermaid')).stdout).to.match(new RegExp(`^flowchart LR\\n  t${id}\\["`))
  })

  it('an unknown transfer is not found; what is no id is refused', async () => {
    expect((await trace(999999)).code).to.equal(3)
    expect((await trace('x')).code).to.equal(2)
  })
})
