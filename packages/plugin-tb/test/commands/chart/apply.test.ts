import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix chart apply', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const CHART = `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes: {account: {bank: 10}}
accounts:
  bank: {id: 1, ledger: USD, code: bank, flags: [history]}
  till: {id: 71, ledger: USD, code: bank, flags: [debits_must_not_exceed_credits]}
  safe: {id: 72, ledger: USD, code: bank}
`
  const apply = (words = '') => books.run(`chart apply ${words}`, {cwd: `${books.home.path}/apply`})
  before(() => books.home.write('apply/parix.chart.yaml', CHART))

  it('--dry-run shows what is missing, and creates nothing', async () => {
    const {json} = await apply('--dry-run --json')
    expect(json().planned.map(({name}: {name: string}) => name)).to.deep.equal(['till', 'safe'])
    expect(json().planned[0]).to.include({id: '71', ledger: 'USD', code: 'bank'})
    expect(await books.ledger.operate('lookup_accounts', [71, 72])).to.deep.equal([])
  })

  it('creates what is missing as the chart has it, and a second run changes nothing', async () => {
    const {code, json} = await apply('--json')
    expect(code).to.equal(0)
    expect(json().created.map(({name}: {name: string}) => name)).to.deep.equal(['till', 'safe'])
    const rows = await books.ledger.operate('lookup_accounts', [71, 72])
    expect(rows.map(({flags, ledger}) => [flags, ledger])).to.deep.equal([
      [2, 700],
      [0, 700],
    ])
    const again = await apply()
    expect([again.code, again.stdout]).to.deep.equal([0, 'books has every account of the chart. Nothing was sent.\n'])
    expect((await apply('--json')).json().created).to.deep.equal([])
  })

  it('an account that exists with other contents is never changed', async () => {
    books.home.write('clash/parix.chart.yaml', CHART.replace('id: 72,', 'id: 2,').replace('bank: 10', 'bank: 12'))
    const before = await books.ledger.operate('lookup_accounts', [1, 2, 71])
    await books.run('chart apply', {cwd: `${books.home.path}/clash`})
    expect(await books.ledger.operate('lookup_accounts', [1, 2, 71])).to.deep.equal(before)
  })

  it('without a chart, and with an unknown database, nothing is created', async () => {
    expect((await books.run('chart apply')).code).to.equal(2)
    expect((await apply('nosuch')).code).to.equal(3)
  })
})
