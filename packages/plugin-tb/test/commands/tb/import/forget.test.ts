import {expect} from 'chai'
import {type Books, startBooks} from '../../../support/books.js'

describe('parix tb import forget', () => {
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

  it('forgets the progress, and nothing of the ledger: the same file then finds every row there', async () => {
    const {code, json} = await books.run(`tb import forget ${job} --json`)
    expect(code).to.equal(0)
    expect(json()).to.deep.equal({id: job, forgotten: true})
    expect((await books.run('tb import list --json')).json().imports).to.deep.equal([])
    expect((await books.run(`tb import transfers ${path} --json`)).json()).to.include({created: 0, existed: 2})
  })

  it('an unknown import is not found', async () => {
    const {code, stderr} = await books.run('tb import forget x')
    expect(code).to.equal(3)
    expect(stderr).to.contain('Next: parix tb import list')
  })
})
