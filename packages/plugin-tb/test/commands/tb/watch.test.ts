import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb watch', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  let ids: number[]
  before(async () => {
    ids = [await books.pay(1, 2, 500), await books.pay(1, 4, 100), await books.pay(1, 2, 30, {flags: 2})]
  })
  const watch = (words: string, more = {}) => books.run(`tb watch ${words} --until-idle`, more)
  const events = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  const seen = async (words: string) => events((await watch(words)).stdout).map(({transfer}) => Number(transfer.id))

  it('every transfer is one line, in the form of change events, in order', async () => {
    const {stdout} = await watch('--from 0')
    const found = events(stdout)
    expect(found.map(({transfer}) => Number(transfer.id))).to.deep.equal(ids)
    expect(found.map(({type}) => type)).to.deep.equal(['single_phase', 'single_phase', 'two_phase_pending'])
    expect(found[0]).to.deep.include({ledger: 700, debit_account: {id: '1'}, credit_account: {id: '2'}})
    expect(found[0].transfer).to.include({amount: '500', code: 1})
  })

  it('only those of an account, a ledger or a code', async () => {
    expect(await seen('--from 0 --account 4')).to.deep.equal([ids[1]])
    expect(await seen('--from 0 --ledger 978')).to.deep.equal([])
    expect(await seen('--from 0 --ledger 700 --code 1')).to.deep.equal(ids)
    expect(await seen('--from 0 --code 9')).to.deep.equal([])
  })

  it('without --from it begins now; --limit ends it', async () => {
    expect(await seen('')).to.deep.equal([])
    expect(await seen('--from 0 --limit 2')).to.deep.equal(ids.slice(0, 2))
  })

  it('--accounts has both with their balances as of the event', async () => {
    const [first, second] = events((await watch('--from 0 --accounts')).stdout)
    expect([first.debit_account.debits_posted, second.debit_account.debits_posted]).to.deep.equal(['500', '600'])
  })

  it('--cursor continues where the last run ended: nothing twice, nothing left out', async () => {
    const cursor = `--cursor ${books.home.path}/c.json`
    expect(await seen(`--from 0 ${cursor}`)).to.deep.equal(ids)
    expect(await seen(cursor)).to.deep.equal([])
    const id = await books.pay(1, 2, 5)
    ids.push(id)
    expect(await seen(cursor)).to.deep.equal([id])
  })

  it('--exec takes a batch by exit code 0; one that is not taken is given again', async () => {
    const cursor = `${books.home.path}/exec.json`
    const taken = await books.run([
      'tb',
      'watch',
      '--from',
      '0',
      '--cursor',
      cursor,
      '--exec',
      `cat > ${books.home.path}/taken`,
      '--until-idle',
      '--json',
    ])
    expect(taken.json()).to.include({databaseName: 'books', events: ids.length})
    expect(events(books.home.read('taken'))).to.have.length(ids.length)
    const id = await books.pay(1, 2, 6)
    ids.push(id)
    const words = ['tb', 'watch', '--cursor', cursor, '--exec', 'exit 3', '--retry-for', '0', '--until-idle', '--json']
    expect((await books.run(words)).code).to.equal(75)
    expect(await seen(`--cursor ${cursor}`), 'it is still to come').to.deep.equal([id])
  })

  it('a URL over the network without TLS, flags that exclude each other, an unknown database and an unknown account are refused', async () => {
    expect((await watch('--forward-to http://example.org/x')).stderr).to.contain('--forward-to must be an https URL')
    expect((await watch('--account 1 --ledger 2')).code).to.equal(2)
    expect((await watch('--batch-size 0')).code).to.equal(2)
    expect((await watch('nosuch --from 0')).code).to.equal(3)
    const mistyped = await watch('--account 424242 --from 0')
    expect([mistyped.code, mistyped.stderr]).to.deep.equal([3, mistyped.stderr])
    expect(mistyped.stderr).to.contain('There is no account 424242.')
  })
})
