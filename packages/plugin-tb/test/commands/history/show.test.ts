import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix history show', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  let call: string
  before(async () => {
    await books.run('tb create-transfers --from 4 --to 2 --amount 3 --ledger 700 --code 1 --id 78')
    call = (await books.run('history --json')).json().entries[0].id
  })
  const show = (words: string) => books.run(`history show ${words}`)

  it('by the id of the call or of an event: what was sent, why it was refused, with the numbers of that moment', async () => {
    await books.pay(1, 4, 100)
    for (const id of [call, '78']) {
      const {code, stdout} = await show(id)
      expect(code).to.equal(0)
      expect(stdout)
        .to.match(/^outcome +refused: exceeds_credits$/m)
        .and.match(/^ *78 +4 +2 +3 +700 +1 +exceeds_credits$/m)
      expect(stdout).to.contain('Account 4 has credits of 0 and debits of 0: 0 is left, 3 was asked for.')
    }
  })

  it('a transfer that was in several calls shows each, newest first', async () => {
    await books.run('tb create-transfers --from 4 --to 2 --amount 3 --ledger 700 --code 1 --id 78')
    const {entries} = (await show('78 --json')).json()
    expect(entries.map(({error}: {error: {code: string}}) => error.code)).to.deep.equal([
      'id_already_failed',
      'exceeds_credits',
    ])
  })

  it('what was never written here is not found; nothing is asked of the service', async () => {
    const {code, stderr} = await books.run('history show 5', {env: {PARIX_BASE_URL: 'http://localhost:1'}})
    expect(code).to.equal(3)
    expect(stderr).to.contain('There is no "5" in the history of this machine.').and.contain('Next: parix history')
  })
})
