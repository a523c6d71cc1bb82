import {expect} from 'chai'
import {type ImportedBooks, startImported} from '../../../support/left-behind.js'

describe('parix tb import show', () => {
  let books: ImportedBooks
  before(async () => {
    books = await startImported()
  })
  after(() => books.stop())

  it('shows one import: its file, how it was read, how many requests it took, where its progress is', async () => {
    const shown = (await books.run(`tb import show ${books.job} --json`)).json()
    expect(shown).to.deep.include({
      id: books.job,
      file: books.path,
      rows: 2,
      created: 2,
      existed: 0,
      refused: 0,
      state: 'complete',
      requests: 1,
      mapping: {},
    })
    expect(shown.path).to.contain(`/import/${books.job}`)
    expect((await books.run(`tb import show ${books.job}`)).stdout).to.match(/^state +complete$/m)
  })

  it('an unknown one is not found, with the command that lists them', async () => {
    const {code, stderr} = await books.run('tb import show 0f7c440a01ca49e9')
    expect(code).to.equal(3)
    expect(stderr).to.contain('There is no import "0f7c440a01ca49e9"').and.contain('Next: parix tb import list')
    expect((await books.run('tb import show')).code).to.equal(2)
  })
})
