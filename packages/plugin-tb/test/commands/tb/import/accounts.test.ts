import {expect} from 'chai'
import {type Books, startBooks} from '../../../support/books.js'

describe('parix tb import accounts', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const run = (words: string) => books.run(`tb import accounts ${words}`)

  it('every row is created once, with its flags', async () => {
    const path = books.home.write('accounts.csv', 'id,ledger,code,flags\n801,700,10,history\n802,700,10,\n')
    const {code, json} = await run(`${path} --json`)
    expect(code).to.equal(0)
    expect(json()).to.deep.include({kind: 'account', complete: true, rows: 2, created: 2})
    expect((await books.ledger.operate('lookup_accounts', [801, 802])).map(({flags}) => flags)).to.deep.equal([8, 0])
    expect((await run(path)).stdout).to.contain('Nothing was sent.')
  })

  it('an account that is there with other contents is refused, never changed', async () => {
    const path = books.home.write('other.csv', 'id,ledger,code\n1,700,11\n')
    const {code} = await run(path)
    expect(code).to.equal(6)
    expect(books.home.read('other.csv.refused.ndjson')).to.contain('exists_with_different')
    expect((await books.ledger.operate('lookup_accounts', [1]))[0]).to.include({code: 10})
  })

  it('what is wrong is said by line, before anything is sent', async () => {
    const path = books.home.write('wrong.csv', 'id,ledger,code\n811,700,10\n0,700,10\n813,700,\n')
    const {code, stderr} = await run(path)
    expect(code).to.equal(2)
    expect(stderr).to.contain('line 3: id').and.contain('line 4: code')
    expect(await books.ledger.operate('lookup_accounts', [811])).to.deep.equal([])
  })

  it('an id that comes twice in a file is refused', async () => {
    const path = books.home.write('twice.csv', 'id,ledger,code\n821,700,10\n821,700,10\n')
    const {code, stderr} = await run(path)
    expect(code).to.equal(2)
    expect(stderr).to.contain('line 3')
  })
})
