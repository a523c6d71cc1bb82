import {expect} from 'chai'
import {type Books, startBooks} from '../support/books.js'

describe('parix open', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const open = (words: string, directory = '') =>
    books.run(`open ${words}`, {env: {BROWSER: 'none'}, cwd: `${books.home.path}${directory}`})

  it('--print prints the page of the database at the local service, and opens nothing', async () => {
    const {code, stdout, stderr} = await open('books --print')
    expect([code, stdout, stderr]).to.deep.equal([0, `${books.ledger.baseUrl}/console/books\n`, ''])
  })

  it('--json has the address, the service, and whether this command serves it', async () => {
    expect((await open('books --print --json')).json()).to.deep.equal({
      url: `${books.ledger.baseUrl}/console/books`,
      service: books.ledger.baseUrl,
      served: false,
    })
  })

  it('the database is the one that is used where none is given', async () => {
    expect((await open('--print')).stdout).to.equal(`${books.ledger.baseUrl}/console/books\n`)
  })

  it('where no browser can be opened the address is printed all the same, and that is said', async () => {
    const {code, stdout, stderr} = await open('books')
    expect(code).to.equal(0)
    expect(stdout).to.equal(`${books.ledger.baseUrl}/console/books\n`)
    expect(stderr).to.match(/No browser is opened: .*Open the address yourself\./)
  })

  it('the chart beside it goes to the local service; one with an error opens nothing', async () => {
    expect((await open('books --print', '/named')).code).to.equal(0)
    books.home.write('bad/parix.chart.yaml', 'version: 1\nledgers: {USD: {id: 700}}\n')
    const {code, stderr} = await open('books --print', '/bad')
    expect(code).to.equal(2)
    expect(stderr).to.contain('parix.chart.yaml')
    expect((await open('books --print --no-chart', '/bad')).code).to.equal(0)
  })
})
