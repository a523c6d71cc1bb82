import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb reverse', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const reverse = (words: string) => books.run(`tb reverse ${words}`)
  const amounts = (result: {json(): {responsePayload: {amount?: string; result: string}[]}}) =>
    result.json().responsePayload.map(({result: said}) => said)

  it('records the opposite transfer, so that both accounts are as they were', async () => {
    const before = [await books.balance(1), await books.balance(2)]
    const id = await books.pay(1, 2, 500)
    const {code, json} = await reverse(`${id} --json`)
    expect(code).to.equal(0)
    expect(json().requestPayload[0]).to.include({debit_account_id: '2', credit_account_id: '1', amount: '500'})
    const net = ({debits, credits}: {debits: number; credits: number}) => debits - credits
    expect(net(await books.balance(1))).to.equal(net(before[0]!))
    expect(net(await books.balance(2))).to.equal(net(before[1]!))
  })

  it('once: given again it shows the reversal that is there, and sends nothing', async () => {
    const id = await books.pay(1, 2, 500)
    const first = await reverse(`${id} --json`)
    const again = await reverse(`${id} --json`)
    expect(again.code).to.equal(0)
    expect(amounts(again)).to.deep.equal(['exists'])
    expect(again.json().responsePayload[0].id).to.equal(first.json().responsePayload[0].id)
    expect(again.stderr).to.contain('Nothing was sent.')
  })

  it('parts of it never add up to more than the transfer', async () => {
    const id = await books.pay(1, 2, 100)
    expect((await reverse(`${id} --amount 60`)).code).to.equal(0)
    const {code, stderr} = await reverse(`${id} --amount 41`)
    expect(code).to.equal(2)
    expect(stderr).to.contain(
      `Of transfer ${id}, 60 of 100 is reversed already; 40 is left, 41 was asked for. Nothing was sent.`,
    )
    const rest = await reverse(`${id} --json`)
    expect(rest.json().requestPayload[0].amount).to.equal('40')
  })

  it('two at the same moment create one reversal', async () => {
    const id = await books.pay(1, 2, 100)
    const before = (await books.balance(2)).debits
    // In one process they come one after the other; the id says that they are one.
    const dry = async () => (await reverse(`${id} --dry-run --json`)).json().requests[0][0].id
    expect(await dry()).to.equal(await dry())
    await reverse(String(id))
    expect((await books.balance(2)).debits).to.equal(before + 100)
  })

  it('a hold is voided', async () => {
    const hold = await books.pay(1, 2, 30, {flags: 2})
    const {json} = await reverse(`${hold} --json`)
    expect(json().responsePayload[0]).to.include({pending_id: String(hold), given_back: '30', amount: '0'})
  })

  it('--chain takes back all of a chain, the last first, in one chain', async () => {
    const [one, two] = [books.id(), books.id()]
    const move = {debit_account_id: 1, credit_account_id: 2, ledger: 700, code: 1}
    await books.ledger.operate('create_transfers', [
      {id: one, ...move, amount: 5, flags: 1},
      {id: two, ...move, amount: 6},
    ])
    const {json, code} = await reverse(`${one} --chain --json`)
    expect(code).to.equal(0)
    expect(json().requestPayload.map(({amount}: {amount: string}) => amount)).to.deep.equal(['6', '5'])
  })

  it('an unknown transfer is not found; more than it moved, and --amount with --chain, are refused', async () => {
    expect((await reverse('999999')).code).to.equal(3)
    const id = await books.pay(1, 2, 5)
    expect((await reverse(`${id} --amount 6`)).code).to.equal(2)
    expect((await reverse(`${id} --amount 1 --chain`)).code).to.equal(2)
    expect((await reverse('x')).code).to.equal(2)
  })
})
