import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb report', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const report = (words: string) => books.run(`tb report ${words}`)

  before(async () => {
    await books.pay(1, 2, 500)
    await books.pay(1, 4, 100)
    await books.pay(2, 1, 9, {flags: 2})
  })

  it('a trial balance has each ledger in its groups and in all, and says that it is balanced', async () => {
    const {stdout, stderr} = await report('trial-balance')
    expect(stdout)
      .to.match(/^700 +10 +4 +600 +600 +- +-$/m)
      .and.match(/^700 +total +4 +600 +600/m)
      .and.match(/^978 +total +2 +0 +0/m)
    expect(stderr).to.contain('Every ledger is balanced.')
  })

  it('--by account has a row for each, with its balance on the side that it is on', async () => {
    const {stdout} = await books.named('tb report trial-balance --by account')
    expect(stdout)
      .to.match(/^USD +bank +1 +6\.00 +0\.00 +6\.00 +-$/m)
      .and.match(/^USD +alice +1 +0\.00 +5\.00 +- +5\.00$/m)
  })

  it('--json has integers as text, and the period', async () => {
    const {json} = await report('trial-balance --json')
    expect(json().ledgers[0]).to.deep.include({ledger: 700, debits: '600', credits: '600', balanced: true})
    expect(json()).to.include({report: 'trial-balance', from: '1970-01-01T00:00:00.000000000Z'})
  })

  it('of a moment before anything moved every amount is 0', async () => {
    const {json} = await report('trial-balance --to 2020-01-01 --json')
    expect(json().ledgers.every(({debits}: {debits: string}) => debits === '0')).to.equal(true)
  })

  it('flows say what moved between which groups; a hold moves nothing', async () => {
    expect((await report('flows --by account')).stdout).to.match(/^700 +10 +10 +2 +600$/m)
  })

  it('what needs a chart, an unknown group, and a period of a balance sheet are refused', async () => {
    const {code, stderr} = await report('balance-sheet')
    expect(code).to.equal(2)
    expect(stderr).to.contain('needs a chart of accounts').and.contain('Next: parix chart init')
    expect((await report('trial-balance --by nope')).stderr).to.contain(
      '--by is account, code, ledger or prefix:N, but is "nope"',
    )
    expect((await report('balance-sheet --from 7d')).stderr).to.contain('leave --from out')
    expect((await report('profit')).code).to.equal(2)
  })

  it('an unknown database is not found', async () => {
    expect((await report('trial-balance nosuch')).code).to.equal(3)
  })
})
