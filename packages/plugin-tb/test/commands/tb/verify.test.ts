import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb verify', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  let receipt: string
  before(async () => {
    receipt = `${books.home.path}/r.json`
    const {code} = await books.run(
      `tb create-transfers --from 1 --to 2 --amount 3 --ledger 700 --code 1 --id 77 --receipt ${receipt}`,
    )
    expect(code).to.equal(0)
  })
  const verify = (words: string) => books.run(`tb verify ${words}`)
  /** The receipt with something else in it. */
  const changed = (change: (receipt: {rows: object[]}) => void) => {
    const copy = JSON.parse(books.home.read('r.json'))
    change(copy)
    return books.home.write('changed.json', copy)
  }

  it('a receipt that the ledger agrees with ends with 0, in words and as JSON', async () => {
    expect((await verify(receipt)).stdout).to.equal(`books has the row of ${receipt}, unchanged.\n`)
    expect((await verify(`${receipt} --json`)).json()).to.deep.include({receipt, rows: 1, refused: 0, differences: []})
  })

  it('every field that differs is named, by what each says, and the exit code is 6', async () => {
    const path = changed((copy) => Object.assign(copy.rows[0]!, {amount: '4', code: 2}))
    const {code, stderr} = await verify(path)
    expect(code).to.equal(6)
    expect(stderr)
      .to.contain('2 differences')
      .and.contain('id 77: amount is 3 in the ledger, 4 in the receipt')
      .and.contain('id 77: code is 1 in the ledger, 2 in the receipt')
    const {error} = (await verify(`${path} --json`)).json()
    expect(error).to.deep.include({code: 'receipt_differs', ids: ['77']})
  })

  it('a row that the ledger does not have, and a refused one that it has, are differences', async () => {
    const missing = changed((copy) => Object.assign(copy.rows[0]!, {id: '78'}))
    expect((await verify(missing)).stderr).to.contain('id 78: not in the ledger')
    const refused = changed((copy) => Object.assign(copy, {rows: [], refused: [{id: '77', result: 'exceeds_credits'}]}))
    expect((await verify(refused)).stderr).to.contain(
      'id 77: refused: exceeds_credits by the receipt, and in the ledger',
    )
  })

  it('a copy of the database can be named; the receipt of another service is not compared with this one', async () => {
    expect((await verify(`${receipt} books`)).code).to.equal(0)
    expect((await verify(`${receipt} nosuch`)).code).to.equal(3)
    const other = changed((copy) => Object.assign(copy, {service: 'https://parix.example'}))
    const {code, stderr} = await verify(other)
    expect(code).to.equal(2)
    expect(stderr).to.contain('--base-url https://parix.example')
    expect((await verify(`${other} books`)).code, 'unless the database is named').to.equal(0)
  })

  for (const [title, change] of [
    ['of another format', {format: 'parix-receipt/2'}],
    ['without a database', {database: {id: '1'}}],
    ['of an address that is not valid', {service: 'books'}],
    ['of another operation', {operation: 'lookup_transfers'}],
    ['without rows', {rows: [], refused: []}],
    ['whose rows are not a list', {rows: {}}],
    ['whose rows have no ids', {rows: [{}]}],
    ['that does not say why something was refused', {refused: [{id: '5'}]}],
  ] as const) {
    it(`what is ${title} is not a receipt`, async () => {
      const {code, stderr} = await verify(changed((copy) => Object.assign(copy, change)))
      expect(code).to.equal(2)
      expect(stderr).to.contain('is not a receipt that this version reads')
    })
  }

  it('a file that is not there, or is no JSON, is refused', async () => {
    expect((await verify('nothere.json')).code).to.equal(2)
    expect((await verify(books.home.write('text', 'hello'))).stderr).to.contain('it is not JSON')
  })
})
