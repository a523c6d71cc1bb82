import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb entry', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const entry = (words: string, stdin?: string) => books.run(`tb entry ${words}`, stdin === undefined ? {} : {stdin})

  it('one debit with many credits is one chain, and all of it is in the ledger', async () => {
    const before = await books.balance(1)
    const {code, json} = await entry('--debit 1=500 --credit 2=450 --credit 6=50 --code 1 --json')
    expect(code).to.equal(0)
    expect(json().responsePayload.map(({result}: {result: string}) => result)).to.deep.equal(['created', 'created'])
    expect(json().requestPayload.map(({flags = 0}: {flags?: number}) => flags & 1)).to.deep.equal([1, 0])
    expect((await books.balance(1)).debits).to.equal(before.debits + 500)
  })

  it('what does not balance is refused with the difference, on each ledger', async () => {
    const {code, stderr} = await entry('--debit 1=500 --credit 2=450 --code 1')
    expect(code).to.equal(2)
    expect(stderr).to.contain('debits of 500, credits of 450: debits are 50 more. Nothing was sent.')
    expect((await entry('--debit 1=5 --credit 3=5 --code 1')).code).to.equal(2)
  })

  it('a leg that the ledger refuses takes the whole entry with it', async () => {
    const before = await books.balance(2)
    const {code, json} = await entry('--debit 4=1000 --credit 2=400 --credit 6=600 --code 1 --json')
    expect([code, json().error.code]).to.deep.equal([6, 'exceeds_credits'])
    expect(await books.balance(2)).to.deep.equal(before)
  })

  it('legs come as JSON too', async () => {
    const {code, json} = await entry(
      '--file - --code 1 --json',
      '{"debit": 1, "amount": 7}\n{"credit": 2, "amount": 7}\n',
    )
    expect(code).to.equal(0)
    expect(json().requestPayload[0]).to.include({debit_account_id: '1', credit_account_id: '2', amount: '7'})
  })

  it('with a chart: names, money, and a code by name', async () => {
    const {json} = await books.named('tb entry --debit @bank=1.00 --credit @alice=1.00 --code payment --dry-run --json')
    expect(json().requests[0][0]).to.include({amount: '100', ledger: 700, code: 1})
  })

  it('--key makes a second run the same entry: nothing is created again', async () => {
    const words = '--debit 1=5 --credit 2=5 --code 1 --key INV-17 --json'
    const [first, second] = [await entry(words), await entry(words)]
    expect(second.json().responsePayload.map(({id}: {id: string}) => id)).to.deep.equal(
      first.json().responsePayload.map(({id}: {id: string}) => id),
    )
    expect(second.json().responsePayload[0].result).to.equal('exists')
  })

  it('--if-available holds the entry back, by the ledger, where there is less', async () => {
    await books.pay(1, 4, 10)
    const words = (amount: number) => `--debit 4=5 --credit 2=5 --code 1 --if-available 4=${amount} --control 6 --json`
    const before = (await books.balance(4)).debits
    const refused = await entry(words(1000))
    expect(refused.code, refused.stdout + refused.stderr).to.equal(6)
    expect((await books.balance(4)).debits).to.equal(before)
  })

  for (const [form, text] of [
    ['node', 'client.createTransfers(['],
    ['go', 'CreateTransfers('],
    ['python', 'create_transfers('],
  ] as const) {
    it(`--dry-run --as ${form} prints code that does the same, and sends nothing`, async () => {
      const before = await books.balance(1)
      const {stdout, stderr} = await entry(`--debit 1=5 --credit 2=5 --code 1 --dry-run --as ${form}`)
      expect(stdout).to.contain(text)
      expect(stderr).to.contain('Nothing was sent.')
      expect(await books.balance(1)).to.deep.equal(before)
    })
  }

  it('no legs, an unknown account, and amounts that are not valid are refused', async () => {
    expect((await entry('--code 1')).stderr).to.contain('Which accounts?')
    expect((await entry('--debit 1=5 --credit 99=5 --code 1')).code).to.equal(3)
    for (const leg of ['1', '1=', '1=x', '1=-5', '=5'])
      expect((await entry(`--debit ${leg} --credit 2=5 --code 1`)).code, leg).to.equal(2)
  })
})
