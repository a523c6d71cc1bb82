import {createHash} from 'node:crypto'
import {expect} from 'chai'
import {type Books, startBooks} from '../../../support/books.js'

describe('parix tb export accounts', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  before(async () => {
    await books.pay(1, 2, 500)
    await books.pay(1, 2, '340282366920938463463374607431768')
    await books.pay(2, 1, 30, {flags: 2})
  })
  const run = (words = '') => books.run(`tb export accounts ${words}`)

  it('every row is one line, as the ledger has it, and the digest on stderr is that of the bytes', async () => {
    const {code, stdout, stderr} = await run()
    expect(code).to.equal(0)
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows).to.have.length(6)
    expect(rows).to.deep.equal(await books.ledger.operate('query_accounts', {limit: 100}))
    expect(stderr).to.contain(
      `Exported 6 accounts of books; sha256 ${createHash('sha256').update(stdout).digest('hex')}`,
    )
  })

  it('as CSV it begins with the names of the fields, and has every digit', async () => {
    const {stdout} = await run('--format csv')
    expect(stdout).to.match(/^id,debits_pending,debits_posted,credits_pending,credits_posted,/)
    expect(stdout).to.contain(',340282366920938463463374607432268,')
    expect(stdout.trim().split('\n')).to.have.length(7)
  })

  it('-o writes the same to a file, and says so; again it replaces it by the same', async () => {
    const file = `${books.home.path}/out.ndjson`
    const {stdout} = await run()
    for (const _ of [1, 2]) {
      const {stdout: empty, stderr} = await run(`-o ${file}`)
      expect(empty).to.equal('')
      expect(stderr).to.contain(`to ${file}; sha256 `)
      expect(books.home.read('out.ndjson')).to.equal(stdout)
    }
  })

  it('an unknown database is not found, and a form that is none is refused', async () => {
    expect((await run('nosuch')).code).to.equal(3)
    expect((await run('--format xml')).code).to.equal(2)
  })
})
