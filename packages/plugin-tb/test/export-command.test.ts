import {existsSync, readFileSync} from 'node:fs'
import {expect} from 'chai'
import {type Books, startBooks} from './support/books.js'
import {startLossyProxy} from './support/lossy-proxy.js'

describe('commands that export', () => {
  let books: Books
  let ids: number[]
  before(async () => {
    books = await startBooks()
    ids = []
    for (let amount = 1; amount <= 5; amount++) ids.push(await books.pay(amount % 2 === 0 ? 2 : 1, 6, amount))
  })
  after(() => books.stop())

  let files = 0
  const newFile = () => `${books.home.path}/out${++files}`
  const run = (words: string, more = {}) => books.run(`tb export transfers ${words}`, more)

  describe('flags that contradict', () => {
    it('what went to stdout can not be continued, and without timestamps nothing can', async () => {
      expect((await run('--resume')).stderr).to.contain('--resume needs -o FILE')
      expect((await run(`--resume -o ${newFile()} --fields id,amount`)).stderr).to.contain('needs the field timestamp')
      expect((await run('--fields id,amuont')).stderr).to.contain('Did you mean amount?')
      for (const words of ['--resume', '--fields x', '--format xml', '--since 2026-01-02 --until 2026-01-01'])
        expect((await run(words)).code, words).to.equal(2)
    })
  })

  it('--json is the summary of a file, and not the form of its rows', async () => {
    const file = newFile()
    const {code, json} = await run(`-o ${file} --format csv --json`)
    expect(code).to.equal(0)
    const last = (await books.ledger.operate('query_transfers', {limit: 1, flags: 1}))[0]!
    expect(json()).to.deep.include({
      ...{databaseName: 'books', file, format: 'csv', rows: 5, resumed: false},
      ...{sums: [{ledger: 700, amount: '15'}], last_timestamp: last.timestamp},
    })
    expect(readFileSync(file, 'utf8').split('\r\n')[0]).to.match(/^id,debit_account_id,/)
    expect(json().bytes).to.equal(readFileSync(file).length)
  })

  it('fields are written in the order that was asked for, in both forms', async () => {
    expect((await run('--fields amount,id --format csv')).stdout.trim().split('\r\n')).to.deep.equal([
      'amount,id',
      ...ids.map((id, index) => `${index + 1},${id}`),
    ])
    expect((await run('--fields amount,code')).stdout.split('\n')[0]).to.equal('{"amount":"1","code":1}')
  })

  it('of an account has its rows; of one that is not there it is exit code 3, and of one without rows none', async () => {
    const rows = (await run('--account 2')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.map(({amount}) => amount)).to.deep.equal(['2', '4'])
    const missing = await run('--account 99')
    expect(missing.code).to.equal(3)
    expect(missing.stderr).to.contain('There is no account 99 in books.')
    const empty = await run('--account 4')
    expect([empty.code, empty.stdout]).to.deep.equal([0, ''])
    expect(empty.stderr).to.contain('Exported 0 transfers of books')
  })

  it('an empty export is a file without rows: of CSV its names, and no last row', async () => {
    const file = newFile()
    const {json} = await run(`-o ${file} --format csv --ledger 978 --json`)
    expect(json()).to.include({rows: 0, last_timestamp: null, last_time: null})
    expect(readFileSync(file, 'utf8')).to.match(/^id,.*timestamp\r\n$/)
  })

  it('where nobody reads any longer it ends in silence, and says nothing of a whole export', async () => {
    for (const format of ['csv', 'ndjson']) {
      const {stderr} = await run(`--format ${format}`, {stdout: 'EPIPE'})
      expect(stderr, format).to.not.contain('Exported')
    }
    const full = await run('', {stdout: 'ENOSPC'})
    expect(full.code).to.not.equal(0)
    expect(full.stderr).to.contain('The output could not be written')
  })

  it('accounts have sums of each balance that is not 0, and say where there are none', async () => {
    const {stderr} = await books.run('tb export accounts')
    expect(stderr)
      .to.contain('Exported 6 accounts of books')
      .and.contain('ledger 700: debits_posted 15, credits_posted 15')
    expect(stderr).to.contain('ledger 978: no balances')
  })

  it('broken off it says how it goes on, with the same words, and goes on to the same bytes', async () => {
    const proxy = await startLossyProxy(books.ledger.port)
    const whole = newFile()
    await run(`-o ${whole}`)
    try {
      const file = newFile()
      proxy.choose = (path) => (path.endsWith('query_transfers') ? 'lose-request' : 'pass')
      const env = {PARIX_BASE_URL: proxy.baseUrl}
      const broken = await run(`-o ${file} --since 2020-01-01`, {env})
      expect(broken.code).to.equal(75)
      expect(existsSync(file)).to.equal(false)
      expect(existsSync(`${file}.part`)).to.equal(true)
      const again = await run(`-o ${file} --since 2020-01-01`, {env})
      expect(again.stderr).to.contain('is left from an export that did not finish. Add --resume')
      proxy.choose = () => 'pass'
      const other = await run(`-o ${file} --resume`, {env})
      expect(other.stderr).to.contain('The export was begun with other words')
      const resumed = await run(`-o ${file} --since 2020-01-01 --resume`, {env})
      expect(resumed.code, resumed.stderr).to.equal(0)
      expect(readFileSync(file, 'utf8')).to.equal(readFileSync(whole, 'utf8'))
    } finally {
      await proxy.stop()
    }
  })

  it('numbers of rows are written for people', async () => {
    expect((await run('--account 2')).stderr).to.contain('Exported 2 transfers of books; sha256 ')
    expect((await run(`--account 2 --until ${1n}`)).stderr).to.contain('Exported 0 transfers')
  })
})
