import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb diff', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const diff = (words: string) => books.run(`tb diff ${words}`)

  before(async () => {
    await books.pay(1, 2, 500)
    await books.pay(1, 4, 100)
    await books.pay(1, 2, 7, {flags: 2})
    // A database without anything in it.
    await books.ledger.call('POST', '/databases', {name: 'empty'})
    await books.run('tb query-accounts empty')
  })

  it('between two moments: what moved on which account, and 6 as something did; a hold moves nothing', async () => {
    const {code, stdout} = await diff('--at -1h')
    expect(code).to.equal(6)
    expect(stdout)
      .to.match(/^1 +600 +0 +2$/m)
      .and.match(/^2 +0 +500 +1$/m)
      .and.match(/^4 +0 +100 +1$/m)
  })

  it('--json has the accounts that moved, as text', async () => {
    const {accounts} = (await diff('--at -1h --json')).json()
    expect(accounts[0]).to.deep.equal({account: '1', ledger: 700, debits: '600', credits: '0', transfers: 2})
  })

  it('between two moments before anything moved there is nothing, and 0', async () => {
    const {code, json} = await diff('--at 2020-01-01 --at 2020-01-02 --json')
    expect([code, json().accounts]).to.deep.equal([0, []])
  })

  it('two databases differ by every row that one of them does not have', async () => {
    const {code, json} = await diff('books empty --json')
    expect(code).to.equal(6)
    expect(json().differencesCount).to.equal(9)
  })

  it('--timestamps count where they are asked for, and not between two moments', async () => {
    expect((await diff('books empty --timestamps --json')).json().differencesCount).to.equal(9)
    expect((await diff('books --at -1h --timestamps')).code).to.equal(2)
  })

  it('moments in the wrong order, three of them, two databases with moments, and one with itself are refused', async () => {
    expect((await diff('--at -1h --at -2h')).stderr).to.contain('must be earlier than the second')
    expect((await diff('--at -3h --at -2h --at -1h')).code).to.equal(2)
    expect((await diff('books empty --at -1h')).code).to.equal(2)
    expect((await diff('books books')).stderr).to.contain('are the same database')
    expect((await diff('')).stderr).to.contain('Which databases?')
    expect((await diff('books nosuch')).code).to.equal(3)
  })
})
