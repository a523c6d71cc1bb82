import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb close', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  /** A new account that holds this much. */
  async function account(holding: number): Promise<number> {
    const id = books.id()
    await books.ledger.operate('create_accounts', [{id, ledger: 700, code: 10}])
    if (holding !== 0) await books.pay(1, id, holding)
    return id
  }
  const close = (words: string) => books.run(`tb close ${words}`)
  const isClosed = async (id: number) => {
    const [row] = await books.ledger.operate('lookup_accounts', [id])
    return (Number(row!.flags) & 32) !== 0
  }

  it('moves all of the balance, and the account takes no further transfers', async () => {
    const id = await account(70)
    const before = await books.balance(2)
    const {code, stdout, stderr} = await close(`${id} --into 2 --code 9`)
    expect(code).to.equal(0)
    expect(stdout).to.match(/ 70 {2}.*created/)
    expect(stderr).to.contain(
      `${id} is closed: it takes no further transfers. Open it again: parix tb reopen books ${id}`,
    )
    expect((await books.balance(2)).credits).to.equal(before.credits + 70)
    expect(await isClosed(id)).to.equal(true)
    const refused = await books.run(`tb create-transfers --from 1 --to ${id} --amount 1 --ledger 700 --code 1 --json`)
    expect([refused.code, refused.json().error.code]).to.deep.equal([6, 'credit_account_already_closed'])
  })

  it('an account that is closed stays as it is: no rows, and 0', async () => {
    const id = await account(0)
    expect((await close(`${id} --into 2 --code 9`)).code).to.equal(0)
    const again = await close(`${id} --into 2 --code 9 --json`)
    expect([again.code, again.json().responsePayload]).to.deep.equal([0, []])
  })

  it('--dry-run shows both transfers and sends nothing', async () => {
    const id = await account(5)
    const {json, stderr} = await close(`${id} --into 2 --code 9 --dry-run --json`)
    expect(json().requests[0]).to.have.length(2)
    expect(stderr).to.contain('Nothing was sent.')
    expect(await isClosed(id)).to.equal(false)
  })

  it('an unknown account is not found; without a code or a target nothing is sent', async () => {
    expect((await close('77 --into 1 --code 9')).code).to.equal(3)
    expect((await close(`${await account(0)} --into 77 --code 9`)).code).to.equal(3)
    expect((await close('6 --into 1')).stderr).to.contain('Which code?')
    expect((await close('6 --code 9')).code).to.equal(2)
    expect((await close('6 --into 3 --code 9')).code, 'another ledger').to.equal(2)
    expect((await close('6 --into 6 --code 9')).stderr).to.contain('--into must be a different account')
    expect(await isClosed(6)).to.equal(false)
  })

  it('names of the chart are accounts and codes', async () => {
    const {json, code} = await books.named('tb close @alice --into @bank --code payment --dry-run --json')
    expect(code).to.equal(0)
    expect(json().requests[0][1]).to.include({code: 1})
  })
})
