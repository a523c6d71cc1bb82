import {expect} from 'chai'
import {Parties} from '../../src/chains/parties.js'
import {CHAIN_CHART, chainBooks} from '../support/chains.js'
import type {MemoryBooks} from '../support/memory-books.js'
import {refusalOf, refused} from '../support/refusal.js'

const MAX = 2n ** 128n - 1n

describe('the accounts of a chain', () => {
  let books: MemoryBooks
  before(async () => {
    books = await chainBooks()
  })
  after(() => books.close())
  beforeEach(() => {
    books.seen.length = 0
  })

  const parties = (ledger?: string, chart = CHAIN_CHART) => new Parties(chart, books.reading, ledger)
  const without = (ledger?: string) => new Parties(undefined, books.reading, ledger)

  it('are named by ids in any form, and by names, with what the chart knows of either', () => {
    const all = parties()
    for (const text of ['@bank/usd', ' 1 ', '0x1', '00000000-0000-0000-0000-000000000001'])
      expect(all.party('--from', text), text).to.deep.include({label: '--from', text: text.trim(), id: 1n})
    expect(all.party('--from', '1').named!.name).to.equal('bank/usd')
    expect(all.party('--from', '@customer/7')).to.deep.include({id: 1007n})
    expect(all.party('--from', '1007').named!.name).to.equal('customer/7')
    expect(all.party('--from', '99').named).to.equal(undefined)
    expect(without().party('--from', '1')).to.deep.equal({label: '--from', text: '1', id: 1n, named: undefined})
  })

  it('are refused where the text is a name that nobody has, a reserved id, or not an id', () => {
    for (const text of [
      '@bnk',
      '@',
      '0',
      String(MAX),
      String(MAX + 1n),
      '-1',
      '1.5',
      '',
      'bank/usd',
      '@customer/100',
      '@Bank/usd',
    ])
      expect(
        refused(() => parties().party('--to', text)),
        text,
      ).to.include({kind: 'BAD_INPUT'})
    expect(refused(() => parties().party('--to', '@bank/us')).message).to.contain('Did you mean @bank/usd')
    expect(refused(() => without().party('--to', '@bank/usd')).code).to.equal('no_chart')
  })

  it('with an amount are ACCOUNT=AMOUNT, and the amount is read later', () => {
    expect(parties().withAmount('--debit', '@bank/usd = 12.50 USD ')).to.deep.include({amountText: '12.50 USD'})
    expect(parties().withAmount('--debit', '1=2=3').amountText).to.equal('2=3')
    for (const text of ['@bank/usd', '=5', '@bank/usd=', '@bank/usd=  ', '', '='])
      expect(refused(() => parties().withAmount('--debit', text)).message, text).to.match(
        /^--debit must be ACCOUNT=AMOUNT, such as @cash=12\.50, not "/,
      )
    expect(refused(() => parties().withAmount('--debit', 'x'.repeat(5000))).message.length).to.be.below(150)
  })

  it('are on the ledger of the chart, without asking anybody', async () => {
    const all = parties()
    const of = ['@bank/usd', '@bank/jpy', '@customer/50'].map((text) => all.party('--from', text))
    expect([...(await all.ledgersOf(of)).values()]).to.deep.equal([700, 392, 700])
    expect(books.seen).to.deep.equal([])
  })

  it('that have no name are looked up together, once', async () => {
    await books.accounts({id: 501n, ledger: 978}, {id: 502n, ledger: 979})
    const all = without()
    const of = ['501', '502', '1'].map((text) => all.party('--from', text))
    expect(await all.ledgersOf(of)).to.deep.equal(
      new Map([
        [501n, 978],
        [502n, 979],
        [1n, 700],
      ]),
    )
    await all.ledgersOf(of)
    expect((await all.row(of[0]!)).ledger).to.equal(978)
    expect(books.seen.map(({body}) => body)).to.deep.equal([['501', '502', '1']])
  })

  it('are on the ledger that --ledger says, which is not looked up; by name or number', async () => {
    for (const ledger of ['978', '0x3d2']) {
      const all = without(ledger)
      expect([...(await all.ledgersOf([all.party('--from', '77')])).values()]).to.deep.equal([978])
    }
    const all = parties('JPY')
    expect(await all.ledgerOf(all.party('--from', '77'))).to.equal(392)
    expect(books.seen).to.deep.equal([])
  })

  it('by a name of a ledger other than --ledger are refused', async () => {
    const all = parties('JPY')
    const error = await refusalOf(() => all.ledgerOf(all.party('--debit', '@bank/usd')))
    expect(error).to.include({
      kind: 'BAD_INPUT',
      message: '--debit: @bank/usd is on ledger USD, --ledger is another one.',
    })
    expect(await all.ledgerOf(all.party('--debit', '@bank/jpy'))).to.equal(392)
  })

  it('take no ledger that is 0, too large, or not known by name', () => {
    for (const ledger of ['0', '4294967296', 'EUR', '', '1.5'])
      expect(
        refused(() => parties(ledger)),
        ledger,
      ).to.include({kind: 'BAD_INPUT'})
    expect(refused(() => without('USD')).code).to.equal('no_chart')
  })

  it('that do not exist are named as they were written, and nothing is sent', async () => {
    const all = parties()
    const [known, missing] = [all.party('--from', '@bank/usd'), all.party('--to', '@customer/50')]
    const error = await refusalOf(() => all.lookUp([known, missing]))
    expect(error).to.include({
      kind: 'NOT_FOUND',
      exitCode: 3,
      code: 'account_not_found',
      message: '--to: there is no account @customer/50 in books. Nothing was sent.',
    })
    expect(error.details.ids).to.deep.equal(['1050'])
    expect(await refusalOf(() => all.row(missing))).to.include({kind: 'NOT_FOUND'})
  })

  it('have amounts in the money of their ledger, exact to the last bit and never rounded', () => {
    const all = parties()
    expect(all.amount('--amount', '12.50', 700)).to.equal(1250n)
    expect(all.amount('--amount', '3.40282366920938463463374607431768211455', 38)).to.equal(MAX)
    expect(all.amount('--amount', String(MAX), 392)).to.equal(MAX)
    expect(all.amount('--amount', '7', 978), 'a ledger that the chart does not have').to.equal(7n)
    expect(without().amount('--amount', '7', 700)).to.equal(7n)
    for (const [text, ledger] of [
      ['12', 700],
      ['12.505', 700],
      ['12.50 EUR', 700],
      ['-1.00', 700],
      ['1.5', 392],
      ['1.5', 978],
      [String(MAX + 1n), 392],
      ['3.40282366920938463463374607431768211456', 38],
    ] as const)
      expect(
        refused(() => all.amount('--amount', text, ledger)),
        text,
      ).to.include({kind: 'BAD_INPUT'})
    expect(all.integer('--amount-raw', '7')).to.equal(7n)
    refused(() => all.integer('--amount-raw', '7.00'))
    expect(all.amountText(1250n, 700)).to.equal('12.50 USD')
    expect(all.amountText(1250n, 978)).to.equal('1250')
    expect([all.unitOf(38)?.scale, all.unitOf(978)]).to.deep.equal([38, undefined])
  })
})
