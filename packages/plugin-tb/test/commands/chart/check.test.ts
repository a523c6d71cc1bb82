import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix chart check', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const OTHER = `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes: {account: {bank: 11}}
accounts:
  bank: {id: 1, ledger: USD, code: bank}
  gone: {id: 55, ledger: USD, code: bank}
`

  it('a database that is as the chart says ends with 0, and the scales are recorded once', async () => {
    const first = await books.named('chart check')
    expect([first.code, first.stdout]).to.deep.equal([0, 'All 3 accounts of the chart are in books as it says.\n'])
    expect(first.stderr).to.contain('Commit it with the chart.')
    expect(books.home.read('named/parix.chart.lock.json')).to.contain('USD')
    expect((await books.named('chart check')).stderr).to.equal('')
    expect((await books.named('chart check --json')).json()).to.deep.include({accounts: 3, differences: []})
  })

  it('every difference is named by what each says, with 6 and the command that creates what is missing', async () => {
    books.home.write('other/parix.chart.yaml', OTHER)
    const {code, stderr} = await books.run('chart check', {cwd: `${books.home.path}/other`})
    expect(code).to.equal(6)
    expect(stderr).to.contain('differ in 3 places')
    expect(stderr).to.contain('@bank (1): the chart says code bank, the database 10')
    expect(stderr).to.contain('@bank (1): the chart says flags none, the database history')
    expect(stderr).to.contain('@gone (55) does not exist: USD, bank').and.contain('Next: parix chart apply books')
    const {error} = (await books.run('chart check --json', {cwd: `${books.home.path}/other`})).json()
    expect(error).to.deep.include({code: 'chart_differs', exitCode: 6})
  })

  it('a scale that changed since it was recorded is refused', async () => {
    await books.named('chart check')
    const changed = books.home
      .read('named/parix.chart.yaml')
      .replace('USD: {id: 700, scale: 2}', 'USD: {id: 700, scale: 3}')
    books.home.write('changed/parix.chart.yaml', changed)
    books.home.write('changed/parix.chart.lock.json', books.home.read('named/parix.chart.lock.json'))
    const {code, stderr} = await books.run('chart check', {cwd: `${books.home.path}/changed`})
    expect(code).to.equal(2)
    expect(stderr).to.contain('USD')
  })

  it('without a chart, and with an unknown database, nothing is compared', async () => {
    expect((await books.run('chart check')).stderr)
      .to.contain('There is no chart of accounts')
      .and.contain('Next: parix chart init')
    expect((await books.named('chart check nosuch')).code).to.equal(3)
  })
})
