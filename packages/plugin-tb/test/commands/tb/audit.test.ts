import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb audit', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const audit = (words = '') => books.run(`tb audit ${words}`)

  before(async () => {
    await books.pay(1, 2, 500)
    await books.pay(2, 1, 200, {flags: 2})
  })

  it('says how deep it looked: at accounts, at all transfers, or by executing history again', async () => {
    expect((await audit()).stdout).to.match(
      /^Every ledger is balanced and every limit is kept: 6 accounts of books, as of /,
    )
    expect((await audit('--deep')).stdout).to.match(
      /^Every account is what its transfers make it: 6 accounts, 2 transfers of books/,
    )
    expect((await audit('--replay')).stdout).to.match(
      /^Executed again, history gives the same books: 6 accounts, 2 transfers/,
    )
  })

  it('--json has what was compared, until when, and no findings', async () => {
    const {json, code} = await audit('--deep --json')
    expect(code).to.equal(0)
    expect(json()).to.deep.include({depth: 'deep', accounts: 6, transfers: 2, findings: []})
    expect(json().until).to.match(/^20\d\d-.*Z$/)
  })

  it('a seal is found again; where the database has less than it, that is a finding', async () => {
    const file = `${books.home.path}/november.seal.json`
    expect((await audit(`--seal ${file}`)).stdout).to.contain(`Sealed in ${file}`)
    await books.pay(1, 2, 1)
    expect((await audit(`--against ${file}`)).stdout).to.match(
      /has every row of the seal .* as it was: 6 accounts, 2 transfers/,
    )
    // As a database that lost or changed a row has it: other digests.
    const text = books.home.read('november.seal.json')
    const changed = books.home.write('changed.json', text.replace(/[0-9a-f]{64}/g, '0'.repeat(64)))
    const {code, stderr} = await audit(`--against ${changed}`)
    expect(code).to.equal(6)
    expect(stderr).to.contain('books is not what was sealed in').and.contain('the first difference is in rows 1 to')
  })

  it('a moment at which nothing was, a seal that is not there, and flags that exclude each other are refused', async () => {
    expect((await audit('--at 0')).stderr).to.contain('--at must not be 0')
    expect((await audit('--against nothere.json')).code).to.equal(2)
    expect((await audit('--previous x.json')).code).to.equal(2)
    expect((await audit('--deep --replay')).code).to.equal(2)
  })

  it('--at is of a moment in the past: what came later is not in it', async () => {
    const {json} = await audit(`--at 1 --json`)
    expect(json()).to.include({transfers: 0})
  })
})
