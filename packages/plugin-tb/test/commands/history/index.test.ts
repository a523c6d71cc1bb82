import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix history', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  before(async () => {
    const pay = (id: number, from: number) =>
      books.run(`tb create-transfers --from ${from} --to 2 --amount 3 --ledger 700 --code 1 --id ${id}`)
    await pay(77, 1)
    await pay(78, 4)
  })
  const history = (words = '') => books.run(`history ${words}`)
  const ids = async (words: string) =>
    (await history(`${words} --json`)).json().entries.map(({firstId}: {firstId: string}) => Number(firstId))

  it('every call, newest first: what it was, what became of it', async () => {
    const {stdout} = await history()
    const [, refused, created] = stdout.trim().split('\n')
    expect(refused).to.match(/tb create-transfers +books +1 +refused: exceeds_credits +78$/)
    expect(created).to.match(/tb create-transfers +books +1 +in the ledger +77$/)
  })

  it('--json has each with its events as they were sent, and where the history is', async () => {
    const {path, recording, entries} = (await history('--json')).json()
    expect([recording, path]).to.satisfy(
      ([on, directory]: [boolean, string]) => on && directory.endsWith('/parix/history'),
    )
    expect(entries[0]).to.deep.include({
      outcome: 'refused',
      count: 1,
      refused: 1,
      database: {id: books.ledger.database, name: 'books'},
    })
    expect(entries[0].events[0]).to.deep.equal({
      id: '78',
      result: 'exceeds_credits',
      sent: {debit_account_id: '4', credit_account_id: '2', amount: '3', ledger: '700', code: '1'},
    })
  })

  it('only what was refused, of one database, since a time, with an id, so many', async () => {
    expect(await ids('--refused')).to.deep.equal([78])
    expect(await ids('--database books')).to.deep.equal([78, 77])
    expect(await ids('--database other')).to.deep.equal([])
    expect(await ids('--since 1h')).to.deep.equal([78, 77])
    expect(await ids('--since 2100-01-01')).to.deep.equal([])
    expect(await ids('--id 77')).to.deep.equal([77])
    expect(await ids('--limit 1')).to.deep.equal([78])
  })

  it('no match is not an error; a time that can’t be read is one', async () => {
    const {code, stderr} = await history('--database other')
    expect([code, stderr]).to.deep.equal([0, 'There is nothing in the history of this machine that fits.\n'])
    expect((await history('--since nonsense')).code).to.equal(2)
    expect((await history('--limit 0')).code).to.equal(2)
  })

  it('where it is off that is said, and nothing more is recorded', async () => {
    const off = {env: {PARIX_HISTORY: 'off'}}
    await books.run('tb create-transfers --from 1 --to 2 --amount 3 --ledger 700 --code 1 --id 79', off)
    expect(await ids('')).not.to.include(79)
    expect((await books.run('history', off)).stderr).to.contain('The history is off: nothing more is recorded.')
  })
})
