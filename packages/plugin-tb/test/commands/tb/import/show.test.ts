import {expect} from 'chai'
import {type Books, startBooks} from '../../../support/books.js'

describe('parix tb import show', () => {
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

  it('shows one import: its file, how it was read, how many requests it took, where its progress is', async () => {
    const shown = (await books.run(`tb import show ${job} --json`)).json()
    expect(shown).to.deep.include({
      id: job,
      file: path,
      rows: 2,
      created: 2,
      existed: 0,
      refused: 0,
      state: 'complete',
      requests: 1,
      mapping: {},
    })
    expect(shown.path).to.contain(`/import/${job}`)
    expect((await books.run(`tb import show ${job}`)).stdout).to.match(/^state +complete$/m)
  })

  it('an unknown one is not found, with the command that lists them', async () => {
    const {code, stderr} = await books.run('tb import show 0f7c440a01ca49e9')
    expect(code).to.equal(3)
    expect(stderr).to.contain('There is no import "0f7c440a01ca49e9"').and.contain('Next: parix tb import list')
    expect((await books.run('tb import show')).code).to.equal(2)
  })
})
