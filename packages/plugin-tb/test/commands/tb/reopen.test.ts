import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb reopen', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  async function closed(): Promise<number> {
    const id = books.id()
    await books.ledger.operate('create_accounts', [{id, ledger: 700, code: 10}])
    expect((await books.run(`tb close ${id} --into 2 --code 9`)).code).to.equal(0)
    return id
  }
  const flags = async (id: number) => Number((await books.ledger.operate('lookup_accounts', [id]))[0]!.flags)

  it('voids what closed the account, and transfers go through again', async () => {
    const id = await closed()
    const {code, stdout} = await books.run(`tb reopen ${id}`)
    expect(code).to.equal(0)
    expect(stdout).to.match(/^result +voided, created$/m)
    expect(await flags(id)).to.equal(0)
    expect(await books.pay(1, id, 5)).to.be.greaterThan(0)
  })

  it('an account that is open stays as it is: no rows, and 0', async () => {
    const {code, json} = await books.run('tb reopen 6 --json')
    expect([code, json().responsePayload]).to.deep.equal([0, []])
  })

  it('one that was closed twice is opened by the newest', async () => {
    const id = await closed()
    await books.run(`tb reopen ${id}`)
    expect((await books.run(`tb close ${id} --into 2 --code 8`)).code).to.equal(0)
    expect((await books.run(`tb reopen ${id}`)).code).to.equal(0)
    expect(await flags(id)).to.equal(0)
  })

  it('--dry-run names the transfer that would be voided, and sends nothing', async () => {
    const id = await closed()
    const {json} = await books.run(`tb reopen ${id} --dry-run --json`)
    expect(json().requests[0][0]).to.include({flags: 8})
    expect((await flags(id)) & 32).to.equal(32)
  })

  it('an unknown account is not found', async () => {
    const {code, stderr} = await books.run('tb reopen 77')
    expect(code).to.equal(3)
    expect(stderr).to.contain('there is no account 77 in books')
  })
})
