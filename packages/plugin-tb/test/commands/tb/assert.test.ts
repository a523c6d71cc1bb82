import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb assert', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const assert = (...words: string[]) => books.run(['tb', 'assert', ...words])

  it('what is met ends with 0, what is not with 6, and each is listed with what was found', async () => {
    await books.pay(1, 2, 600)
    const met = await assert('ledgers balanced', '1 debits = 600')
    expect([met.code, met.stdout]).to.satisfy(
      ([code, text]: [number, string]) => code === 0 && /^ok +1 debits = 600/m.test(text),
    )
    const {code, stdout} = await assert('1 debits = 600', '1 debits = 601', '2 credits < 1')
    expect(code).to.equal(6)
    expect(stdout)
      .to.match(/^ok +1 debits = 600 /m)
      .and.match(/^no +1 debits = 601 +1: debits is 600$/m)
      .and.match(/^no +2 credits < 1 +2: credits is /m)
  })

  it('--json counts them, with the same exit code', async () => {
    const {code, json} = await assert('1 debits >= 0', '1 debits < 0', '--json')
    expect(code).to.equal(6)
    expect(json()).to.deep.include({passed: 1, failed: 1, database: {id: books.ledger.database, name: 'books'}})
    expect(json().expectations.map(({ok}: {ok: boolean}) => ok)).to.deep.equal([true, false])
  })

  it('expectations come from a file too, one per line, with comments', async () => {
    const file = books.home.write('month-end.txt', '# of the month\nledgers balanced\n\n1 debits >= 0 # any\n')
    const {code, json} = await assert('--file', file, '--json')
    expect([code, json().passed]).to.deep.equal([0, 2])
  })

  it('names and money of a chart stand for ids and integers', async () => {
    const before = (await books.balance(2)).credits
    await books.pay(1, 2, 1250)
    const money = ((before + 1250) / 100).toFixed(2)
    expect((await books.named(['tb', 'assert', `@alice credits = ${money}`])).code).to.equal(0)
  })

  it('no expectation, and one that is not valid, are refused with the place; an unknown database is not found', async () => {
    expect((await assert()).code).to.equal(2)
    expect((await assert(' ')).code).to.equal(2)
    expect((await assert('--file', 'nowhere.txt')).code).to.equal(2)
    const {code, stderr} = await assert('x y z w')
    expect([code, stderr]).to.satisfy(
      ([two, text]: [number, string]) => two === 2 && text.includes('"x y z w", column 1'),
    )
    expect((await assert('nosuch', 'ledgers balanced')).code).to.equal(3)
  })
})
