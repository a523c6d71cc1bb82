import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb exchange', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const exchange = (words: string) => books.run(`tb exchange ${words}`)
  const BETWEEN = '--from 1=100 --to 3 --via 2 --via 13 --code 50'

  it('pays on one ledger and receives on the other, both or none, at the rate', async () => {
    const [payer, receiver] = [await books.balance(1), await books.balance(3)]
    const {code, json, stderr} = await exchange(`${BETWEEN} --rate 0.5 --json`)
    expect(code).to.equal(0)
    const [paid, received] = json().requestPayload
    expect(paid).to.include({debit_account_id: '1', credit_account_id: '2', amount: '100', ledger: 700, flags: 1})
    expect(received).to.include({debit_account_id: '13', credit_account_id: '3', amount: '50', ledger: 978})
    expect(stderr).to.contain('100 for 50 at 0.5.')
    expect((await books.balance(1)).debits).to.equal(payer.debits + 100)
    expect((await books.balance(3)).credits).to.equal(receiver.credits + 50)
  })

  for (const [rate, amount] of [
    ['1', '100'],
    ['0.339', '33'],
    ['82.42135', '8242'],
    ['0.01', '1'],
  ]) {
    it(`at ${rate} one receives ${amount} for 100: rounded down, in favour of the liquidity account`, async () => {
      const {json} = await exchange(`${BETWEEN} --rate ${rate} --dry-run --json`)
      expect(json().requests[0][1].amount).to.equal(amount)
    })
  }

  it('an agreed amount stands in place of a rate', async () => {
    const {json} = await exchange('--from 1=100 --to 3=42 --via 2 --via 13 --code 50 --dry-run --json')
    expect(json().requests[0].map(({amount}: {amount: string}) => amount)).to.deep.equal(['100', '42'])
  })

  it('a fee is a transfer of its own in the chain; a spread is a percentage, rounded up', async () => {
    const amounts = async (more: string) =>
      (await exchange(`${BETWEEN} --rate 0.5 ${more} --dry-run --json`))
        .json()
        .requests[0].map(({amount}: {amount: string}) => amount)
    expect(await amounts('--fee 10')).to.have.members(['100', '10', '50'])
    expect((await amounts('--spread 0.25%')).includes('1')).to.equal(true)
  })

  it('neither rate nor amount, both of them, a rate that is not valid, or one that gives nothing is refused', async () => {
    expect((await exchange(BETWEEN)).stderr).to.contain('Give either --rate, or what is received')
    expect((await exchange('--from 1=100 --to 3=42 --rate 2 --via 2 --via 13 --code 50')).code).to.equal(2)
    for (const rate of ['x', '0', '-1', '1e3', ''])
      expect((await exchange(`${BETWEEN} --rate=${rate}`)).code, rate).to.equal(2)
    expect((await exchange(`${BETWEEN} --rate 0.001`)).code).to.equal(2)
  })

  it('accounts that are not there are not found; a liquidity account must be on each ledger', async () => {
    expect((await exchange('--from 1=100 --to 99 --rate 1 --via 2 --via 13 --code 50')).code).to.equal(3)
    expect((await exchange('--from 1=100 --to 3 --rate 1 --via 2 --code 50')).code).to.equal(2)
  })
})
