import {expect} from 'chai'
import type {Books} from '../../../support/books.js'
import {expectExported, expectInFile, startPaidBooks} from '../../../support/left-behind.js'

describe('parix tb export accounts', () => {
  let books: Books
  before(async () => {
    books = await startPaidBooks()
  })
  after(() => books.stop())

  const run = (words = '') => books.run(`tb export accounts ${words}`)

  it('every row is one line, as the ledger has it, and the digest on stderr is that of the bytes', () =>
    expectExported(books, 'accounts', 6))

  it('as CSV it begins with the names of the fields, and has every digit', async () => {
    const {stdout} = await run('--format csv')
    expect(stdout).to.match(/^id,debits_pending,debits_posted,credits_pending,credits_posted,/)
    expect(stdout).to.contain(',340282366920938463463374607432268,')
    expect(stdout.trim().split('\n')).to.have.length(7)
  })

  it('-o writes the same to a file, and says so; again it replaces it by the same', () =>
    expectInFile(books, 'accounts'))

  it('an unknown database is not found, and an unknown form is refused', async () => {
    expect((await run('nosuch')).code).to.equal(3)
    expect((await run('--format xml')).code).to.equal(2)
  })
})
