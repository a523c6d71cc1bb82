import {expect} from 'chai'
import {type Books, startBooks} from '../../../support/books.js'

describe('parix tb import verify', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  let job: string
  let path: string
  before(async () => {
    path = books.home.write(
      'good.ndjson',
      [5001, 5002].map((id) => `{"id":${id},"from":1,"to":2,"amount":7,"ledger":700,"code":1}\n`).join(''),
    )
    job = (await books.run(`tb import transfers ${path} --json`)).json().job
  })

  it('every row of the file is in the ledger as it is in the file', async () => {
    const {code, stdout} = await books.run(`tb import verify ${job}`)
    expect([code, stdout]).to.deep.equal([0, `All 2 transfers of ${path} are in books as they are in the file.\n`])
    expect((await books.run(`tb import verify ${job} --json`)).json()).to.deep.equal({id: job, rows: 2, findings: []})
  })

  it('a file that was changed since is not taken for the one that was imported', async () => {
    const other = books.home.write('other.ndjson', '{"id":5008,"from":1,"to":2,"amount":7,"ledger":700,"code":1}\n')
    const {job: changed} = (await books.run(`tb import transfers ${other} --json`)).json()
    books.home.write('other.ndjson', '{"id":5008,"from":1,"to":2,"amount":9,"ledger":700,"code":1}\n')
    const {code} = await books.run(`tb import verify ${changed}`)
    expect(code).not.to.equal(0)
  })

  it('an unknown import is not found', async () => {
    expect((await books.run('tb import verify x')).code).to.equal(3)
  })
})
