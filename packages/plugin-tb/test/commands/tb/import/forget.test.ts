import {expect} from 'chai'
import {type ImportedBooks, startImported} from '../../../support/left-behind.js'

describe('parix tb import forget', () => {
  let books: ImportedBooks
  before(async () => {
    books = await startImported()
  })
  after(() => books.stop())

  it('forgets the progress, and nothing of the ledger: the same file then finds every row there', async () => {
    const {code, json} = await books.run(`tb import forget ${books.job} --json`)
    expect(code).to.equal(0)
    expect(json()).to.deep.equal({id: books.job, forgotten: true})
    expect((await books.run('tb import list --json')).json().imports).to.deep.equal([])
    expect((await books.run(`tb import transfers ${books.path} --json`)).json()).to.include({created: 0, existed: 2})
  })

  it('an unknown import is not found', async () => {
    const {code, stderr} = await books.run('tb import forget x')
    expect(code).to.equal(3)
    expect(stderr).to.contain('Next: parix tb import list')
  })
})
