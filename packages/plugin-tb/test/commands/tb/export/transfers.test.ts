import {expect} from 'chai'
import type {Books} from '../../../support/books.js'
import {expectExported, expectInFile, startPaidBooks} from '../../../support/left-behind.js'

describe('parix tb export transfers', () => {
  let books: Books
  before(async () => {
    books = await startPaidBooks()
  })
  after(() => books.stop())

  const run = (words = '') => books.run(`tb export transfers ${words}`)

  it('every row is one line, as the ledger has it, and the digest on stderr is that of the bytes', () =>
    expectExported(books, 'transfers', 3))

  it('as CSV it begins with the names of the fields, and has every digit', async () => {
    const {stdout} = await run('--format csv')
    expect(stdout).to.match(/^id,debit_account_id,credit_account_id,amount,/)
    expect(stdout).to.contain('340282366920938463463374607431768')
    expect(stdout.trim().split('\n')).to.have.length(4)
  })

  it('-o writes the same to a file, and says so; again it replaces it by the same', () =>
    expectInFile(books, 'transfers'))

  it('only those of a ledger; that there are none is not an error', async () => {
    const {code, stdout, stderr} = await run('--ledger 978')
    expect([code, stdout]).to.deep.equal([0, ''])
    expect(stderr).to.contain('Exported 0 transfers of books')
  })

  it('what was exported can be imported into another database, and is the same there', async () => {
    await books.ledger.call('POST', '/databases', {name: 'copy'})
    for (const kind of ['accounts', 'transfers']) {
      const file = `${books.home.path}/${kind}.ndjson`
      expect((await books.run(`tb export ${kind} -o ${file}`)).code).to.equal(0)
      const imported = await books.run(`tb import ${kind} ${file} copy --keep-timestamps`)
      expect(imported.code, imported.stderr).to.equal(0)
    }
    expect((await books.run('tb diff books copy')).code).to.equal(0)
  })

  it('an unknown database is not found, and an unknown form is refused', async () => {
    expect((await run('nosuch')).code).to.equal(3)
    expect((await run('--format xml')).code).to.equal(2)
  })
})
