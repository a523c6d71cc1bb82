import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb sweep', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const sweep = (words: string) => books.run(`tb sweep ${words}`)
  async function till(holding: number): Promise<number> {
    const id = books.id()
    await books.ledger.operate('create_accounts', [{id, ledger: 700, code: 10, flags: 2}])
    if (holding > 0) await books.pay(1, id, holding)
    return id
  }
  async function controls(): Promise<string> {
    const [free, limited] = [books.id(), books.id()]
    await books.ledger.operate('create_accounts', [
      {id: free, ledger: 700, code: 10},
      {id: limited, ledger: 700, code: 10, flags: 2},
    ])
    return `--control ${free} --control ${limited}`
  }

  it('max: each account gives all that it has, and an empty one nothing', async () => {
    const [full, empty] = [await till(97), await till(0)]
    const before = (await books.balance(2)).credits
    const {code, json} = await sweep(`--from ${full},${empty} --to 2 --amount max --code 7 --json`)
    expect(code).to.equal(0)
    expect(json().responsePayload.map(({amount}: {amount: string}) => amount)).to.deep.equal(['97', '0'])
    expect((await books.balance(2)).credits).to.equal(before + 97)
    const {debits, credits} = await books.balance(full)
    expect(debits).to.equal(credits)
  })

  it('an amount is drawn from the first account as far as it goes, then from the next', async () => {
    const [one, two] = [await till(30), await till(50)]
    const before = (await books.balance(2)).credits
    const {code, stderr} = await sweep(`--from ${one} --from ${two} --to 2 --amount 60 ${await controls()} --code 7`)
    expect(code, stderr).to.equal(0)
    expect((await books.balance(2)).credits).to.equal(before + 60)
    expect([(await books.balance(one)).debits, (await books.balance(two)).debits]).to.deep.equal([30, 30])
  })

  it('where all of them together have less, nothing moves', async () => {
    const [one, two] = [await till(30), await till(20)]
    const {code} = await sweep(`--from ${one},${two} --to 2 --amount 51 ${await controls()} --code 7`)
    expect(code).to.equal(6)
    expect([(await books.balance(one)).debits, (await books.balance(two)).debits]).to.deep.equal([0, 0])
  })

  it('--dry-run shows what would be asked of the ledger', async () => {
    const {json, stderr} = await sweep(`--from ${await till(5)} --to 2 --amount max --code 7 --dry-run --json`)
    expect(json().requests[0][0]).to.include({flags: 16})
    expect(stderr).to.contain('Nothing was sent.')
  })

  it('an amount without control accounts, no amount, and unknown accounts are refused', async () => {
    const from = await till(5)
    expect((await sweep(`--from ${from} --to 2 --amount 3 --code 7`)).stderr).to.contain(
      '--amount needs a control account without a limit',
    )
    expect((await sweep(`--from ${from} --to 2 --code 7`)).code).to.equal(2)
    expect((await sweep('--from 99 --to 2 --amount max --code 7')).code).to.equal(3)
    expect((await sweep(`--from ${from} --to 3 --amount max --code 7`)).code, 'another ledger').to.equal(2)
    expect((await sweep(`--from ${from} --to ${from} --amount max --code 7`)).code).to.equal(2)
  })
})
