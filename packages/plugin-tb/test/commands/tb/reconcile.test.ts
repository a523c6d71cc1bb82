import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb reconcile', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const today = new Date().toISOString().slice(0, 10)
  before(async () => {
    await books.pay(1, 2, 500)
    await books.pay(1, 2, 700)
  })
  const reconcile = (csv: string, words = '') =>
    books.run(`tb reconcile 1 --against - ${words}`, {stdin: `time,amount\n${csv}`})
  const line = (amount: number) => `${today},${amount}\n`

  it('the same lines at the bank and in the books end with 0, and nothing is sent', async () => {
    const {code, json} = await reconcile(line(500) + line(700), '--json')
    expect(code).to.equal(0)
    expect(json()).to.deep.include({account: '1', bankLines: 2, bookLines: 2, matched: 2, differences: []})
    expect(await books.ledger.operate('query_transfers', {limit: 10})).to.have.length(2)
  })

  it('what is on one side alone is a difference, and the exit code is 6', async () => {
    const {code, json} = await reconcile(line(500) + line(9), '--json')
    expect(code).to.equal(6)
    const found = json().differences.map(({kind, bankAmount, bookAmount}: Record<string, string>) => [
      kind,
      bankAmount,
      bookAmount,
    ])
    expect(found).to.have.deep.members([
      ['only_bank', '9', null],
      ['only_books', null, '700'],
    ])
  })

  it('--counterpart and --code propose the command that makes it equal', async () => {
    const {stderr} = await reconcile(line(500) + line(700) + line(9), '--counterpart 2 --code 1')
    expect(stderr)
      .to.match(/^ {2}parix tb create-transfers books --id \d+ --from 1 --to 2 --amount 9 --ledger 700 --code 1/m)
      .and.contain('--amount 9')
  })

  it('--invert reads what the account receives from a minus sign', async () => {
    expect((await reconcile(line(-500) + line(-700), '--invert')).code).to.equal(0)
  })

  it('a file that is not there, a line that is not valid, and an unknown account are refused', async () => {
    expect((await books.run('tb reconcile 1 --against nothere.csv')).code).to.equal(2)
    expect((await reconcile(`soon,5\n`)).stderr).to.contain('stdin line 2: "soon" is not a date')
    expect((await books.run('tb reconcile 77 --against -', {stdin: `time,amount\n${line(5)}`})).code).to.equal(3)
    expect((await reconcile(line(5), '--counterpart 2')).code, 'without --code').to.equal(2)
  })
})
