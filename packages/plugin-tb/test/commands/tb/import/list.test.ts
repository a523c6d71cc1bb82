import {expect} from 'chai'
import {type ImportedBooks, startImported} from '../../../support/left-behind.js'

describe('parix tb import list', () => {
  let books: ImportedBooks
  before(async () => {
    books = await startImported()
  })
  after(() => books.stop())

  it('every import of this machine, newest first, with how far it came', async () => {
    books.home.write('refused.ndjson', '{"id":5009,"from":1,"to":99,"amount":7,"ledger":700,"code":1}\n')
    await books.run(`tb import transfers ${books.home.path}/refused.ndjson`)
    const {json, stdout} = await books.run('tb import list --json')
    expect(
      json().imports.map(({state, rows, created, refused}: Record<string, unknown>) => [state, rows, created, refused]),
    ).to.deep.equal([
      ['interrupted', 1, 0, 1],
      ['complete', 2, 2, 0],
    ])
    expect(json().imports[1], stdout).to.deep.include({
      id: books.job,
      kind: 'transfer',
      file: books.path,
      database: {id: books.ledger.database, name: 'books'},
    })
    expect((await books.run('tb import list')).stdout).to.match(
      new RegExp(`^${books.job} +transfers +${books.path} +2 +2 +0 +books .* complete$`, 'm'),
    )
  })

  it('where there are none it says so, and that is not an error', async () => {
    const {code, stdout, stderr} = await books.run('tb import list', {
      env: {XDG_STATE_HOME: `${books.home.path}/empty`},
    })
    expect([code, stdout, stderr]).to.deep.equal([0, '', 'No imports yet.\n'])
  })

  it('nothing is asked of the service', async () => {
    expect((await books.run('tb import list', {env: {PARIX_BASE_URL: 'http://localhost:1'}})).code).to.equal(0)
  })
})
