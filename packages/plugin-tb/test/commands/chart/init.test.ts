import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix chart init', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const init = (words: string) => books.run(`chart init ${words}`)

  it('writes an example that is a chart, and never over a file', async () => {
    const file = `${books.home.path}/new/parix.chart.yaml`
    books.home.write('new/.keep', '')
    expect((await init(`-o ${file}`)).code).to.equal(0)
    expect((await books.run('chart show', {cwd: `${books.home.path}/new`})).code).to.equal(0)
    const before = books.home.read('new/parix.chart.yaml')
    const {code, stderr} = await init(`-o ${file}`)
    expect(code).to.equal(2)
    expect(stderr).to.contain('exists already; it was not changed')
    expect(books.home.read('new/parix.chart.yaml')).to.equal(before)
  })

  it('says so where PARIX_CHART goes before the chart that was written, and only there', async () => {
    const write = async (name: string, PARIX_CHART: string) => {
      books.home.write(`${name}/.keep`, '')
      return (await books.run('chart init', {cwd: `${books.home.path}/${name}`, env: {PARIX_CHART}})).stderr
    }
    expect(await write('beside', '/elsewhere/parix.chart.yaml')).to.contain(
      'Here /elsewhere/parix.chart.yaml is used all the same: PARIX_CHART goes before it.',
    )
    expect(await write('without', '')).to.contain('Here no chart is used all the same: PARIX_CHART is empty.')
    expect(await write('this', 'parix.chart.yaml')).not.to.contain('PARIX_CHART')
  })

  it('--from begins with what a database has: every account, and the check finds no difference', async () => {
    books.home.write('from/.keep', '')
    const file = `${books.home.path}/from/parix.chart.yaml`
    const {stdout, stderr} = await init(`--from books -o ${file}`)
    expect(stdout).to.contain('2 ledgers, 6 accounts of books')
    expect(stderr).to.contain('parix chart check books')
    expect((await books.run('chart check', {cwd: `${books.home.path}/from`})).code).to.equal(0)
  })

  it('--names gives the accounts names', async () => {
    const names = books.home.write('names.csv', 'id,name\n1,bank\n2,alice\n')
    const {stdout} = await init(`--from books --names ${names} -o -`)
    expect(stdout)
      .to.match(/^ {2}bank: \{id: 1, ledger: L700, code: c10, flags: \[history\]\}$/m)
      .and.match(/^ {2}alice: \{id: 2,/m)
  })

  it('to stdout it writes no file; --json has the text and its counts', async () => {
    const {json} = await init('--from books -o - --json')
    expect(json()).to.include({path: '-', accounts: 6, ledgers: 2})
    expect(json().text).to.contain('version: 1')
  })

  it('an unknown database is not found; names without a database are refused', async () => {
    expect((await init('--from nosuch -o -')).code).to.equal(3)
    expect((await init('--names x.csv -o -')).code).to.equal(2)
  })
})
