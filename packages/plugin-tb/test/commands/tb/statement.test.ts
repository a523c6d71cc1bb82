import {expect} from 'chai'
import {type Books, startBooks} from '../../support/books.js'

describe('parix tb statement', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  let first: number
  const statement = (words: string) => books.run(`tb statement ${words}`)

  before(async () => {
    first = await books.pay(1, 2, 500)
    await books.pay(2, 1, 120)
    await books.pay(1, 2, 30, {flags: 2})
  })

  it('leads row by row from the opening balance to the closing one; a hold moves nothing', async () => {
    const {stdout} = await statement('1')
    const balances = stdout
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(/ {2,}/)[5]))
    expect(balances).to.deep.equal([0, 500, 380, 380, 380])
    expect(stdout)
      .to.match(/opening balance/)
      .and.match(/closing balance/)
      .and.match(/30 held/)
  })

  it('--json has the rows, the balance after each, and what is still open', async () => {
    const {json} = await statement('1 --json')
    expect(
      json().rows.map(({debit, credit, balance}: Record<string, string>) => [debit, credit, balance]),
    ).to.deep.equal([
      ['500', '0', '500'],
      ['0', '120', '380'],
    ])
    expect(json().rows[0]).to.include({id: String(first), counterpart: '2', state: 'posted'})
    expect(json().open).to.have.length(1)
    expect(json()).to.include({account: '1', opening: '0', side: 'debit'})
  })

  it('of an account without history the opening balance is added up, and is the same', async () => {
    const {json} = await statement('2 --json')
    expect(json().rows.map(({balance}: {balance: string}) => balance)).to.deep.equal(['-500', '-380'])
  })

  it('--holds shows a hold as a row of its own, or not at all', async () => {
    const rows = async (holds: string) =>
      (await statement(`1 --holds ${holds} --format csv`)).stdout.trim().split('\n').length - 1
    expect(await rows('hide')).to.equal(2)
    expect(await rows('show')).to.be.greaterThan(2)
  })

  it('a period before anything moved is empty, and opens and closes with 0', async () => {
    const {json} = await statement('1 --from 2020-01-01 --to 2020-01-31 --json')
    expect(json()).to.deep.include({rows: [], opening: '0'})
  })

  it('with a chart has names and money', async () => {
    const {stdout} = await books.named('tb statement @bank')
    expect(stdout)
      .to.contain('BALANCE (USD)')
      .and.match(/@alice +payment +5\.00 +- +5\.00/)
  })

  for (const [format, begins] of [
    ['csv', /^time,transfer,counterpart,code,debit,credit,balance,note\r?\n/],
    ['ndjson', /^\{"timestamp":"\d{19}"/],
    ['hledger', /20\d\d-\d\d-\d\d/],
    ['beancount', /20\d\d-\d\d-\d\d/],
    ['html', /^<!doctype html>/i],
  ] as const) {
    it(`--format ${format} is written, to a file as to stdout`, async () => {
      const {stdout} = await statement(`1 --format ${format}`)
      expect(stdout).to.match(begins)
      const file = `${books.home.path}/statement.${format}`
      const {stderr, code} = await statement(`1 --format ${format} -o ${file}`)
      expect(code).to.equal(0)
      expect(stderr).to.contain(`Written to ${file}`)
      expect(books.home.read(`statement.${format}`)).to.match(begins)
    })
  }

  it('an unknown account is not found; an unknown time zone, and JSON of a text, are refused', async () => {
    expect((await statement('77')).code).to.equal(3)
    expect((await statement('1 --tz Nowhere')).stderr).to.contain('--tz is not a time zone: "Nowhere"')
    expect((await statement('1 --format html --json')).code).to.equal(2)
    expect((await statement('1 --format html --fields id')).code).to.equal(2)
    expect((await statement('@bank')).stderr).to.contain('chart')
  })
})
