import {readFileSync, writeFileSync} from 'node:fs'
import {compareWithChart} from '@parix/books/chart/plan'
import type {Account} from '@parix/ledger'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {draftFrom, exampleChart, writeChart} from '../../src/chart/init-chart.js'
import {limitedTo, type MemoryBooks, memoryBooks} from '../support/memory-books.js'
import {refusalOf, refused} from '../support/refusal.js'
import {testTerminal} from '../support/terminal.js'
import {accountsOf, chartOf, TYPED_ACCOUNTS, TYPED_CHART} from '../support/typed-chart.js'

const {terminal} = testTerminal()

describe('a first chart', () => {
  let home: TestHome
  before(() => {
    home = makeHome()
  })
  after(() => home.remove())

  const path = (name: string) => `${home.path}/${name}`
  const draft = (books: MemoryBooks, names?: string) =>
    draftFrom(books.reader, names === undefined ? undefined : home.write('names.csv', names), terminal)
  const existing = async ({ledger}: MemoryBooks) => {
    const rows: Account[] = await ledger.queryAccounts({
      ...{user_data_128: 0n, user_data_64: 0n, user_data_32: 0, ledger: 0, code: 0},
      ...{timestamp_min: 0n, timestamp_max: 0n, limit: 8189, flags: 0},
    })
    return new Map(rows.map((row) => [row.id, row]))
  }

  it('as an example is a chart, of as many accounts as it says', () => {
    const {text, accounts, ledgers} = exampleChart()
    const {compiled} = chartOf(text)
    expect([compiled.accounts.length + compiled.patterns.length, compiled.ledgers.length]).to.deep.equal([
      accounts,
      ledgers,
    ])
  })

  it('of a database has its ledgers, codes and accounts, and is that database', async () => {
    const books = await memoryBooks(...TYPED_ACCOUNTS)
    await books.pay(1n, 6n, 1n, {code: 65_535})
    await books.pay(1n, 6n, 1n, {code: 3})
    books.before = limitedTo(1)
    const {text, accounts, ledgers} = await draft(books)
    expect([accounts, ledgers]).to.deep.equal([10, 3])
    const chart = chartOf(text)
    expect(compareWithChart(chart, await existing(books))).to.deep.equal([])
    expect(chart.codeName('transfer', 65_535)).to.equal('t65535')
    expect(Object.keys(chart.compiled.codes.transfer)).to.deep.equal(['t3', 't65535'])
    expect(chart.ledgerOf(700)).to.include({name: 'L700', scale: 0})
    await books.close()
  })

  it('of an empty database is a chart as well', async () => {
    const books = await memoryBooks()
    const {text, accounts, ledgers} = await draft(books)
    expect([accounts, ledgers]).to.deep.equal([0, 0])
    expect(chartOf(text).listed()).to.deep.equal([])
    await books.close()
  })

  it('of any accounts compiles, and does not differ from them', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.record({
            id: fc.oneof(fc.bigInt({min: 1n, max: 50n}), fc.bigInt({min: 2n ** 127n, max: 2n ** 128n - 2n})),
            ledger: fc.integer({min: 1, max: 2 ** 32 - 1}),
            code: fc.integer({min: 1, max: 65_535}),
            flags: fc.constantFrom(0, 2, 4, 8, 10, 12),
          }),
          {selector: ({id}) => id, maxLength: 8},
        ),
        async (accounts) => {
          const books = await memoryBooks(...accounts)
          const {text} = await draft(books)
          expect(compareWithChart(chartOf(text), await existing(books))).to.deep.equal([])
          await books.close()
        },
      ),
      {numRuns: 12},
    ))

  it('of more than a thousand accounts names the first thousand, and counts the others by kind', async () => {
    const books = await memoryBooks(
      ...Array.from({length: 1200}, (_, index) => ({id: BigInt(index + 1), code: index < 1100 ? 10 : 20})),
    )
    const {text, accounts} = await draft(books)
    expect([accounts, chartOf(text).listed().length]).to.deep.equal([1200, 1000])
    expect(text).to.contain('# and 100 more: ledger 700, code 10.').and.contain('# and 100 more: ledger 700, code 20.')
    await books.close()
  })

  describe('with names from a file', () => {
    let books: MemoryBooks
    before(async () => {
      books = await memoryBooks(...accountsOf(TYPED_CHART))
    })
    after(() => books.close())

    it('has them for the accounts that they are of, in whatever order the columns are', async () => {
      const chart = chartOf((await draft(books, 'note,name,id\nx,bank/main,1\ny, till ,0x2\nz,nobody,777\n')).text)
      expect([1n, 2n, 3n].map((id) => chart.nameOf(id))).to.deep.equal(['bank/main', 'till', 'a3'])
    })

    it('takes quoted cells, a byte order mark and lines of Windows', async () => {
      const chart = chartOf((await draft(books, '\ufeff"id","name"\r\n"1","bank/main"\r\n')).text)
      expect(chart.nameOf(1n)).to.equal('bank/main')
    })

    it('refuses what is not a name, with its line and without printing it raw', async () => {
      for (const name of [
        '',
        'Bank',
        '7up',
        'bank/',
        '/bank',
        '@bank',
        'b nk',
        '\u001b[2J',
        `x${'y'.repeat(10_000)}`,
        'x/*',
      ]) {
        const error = await refusalOf(() => draft(books, `id,name\n1,ok\n2,"${name}"\n`))
        expect(error, name).to.include({kind: 'BAD_INPUT', code: 'bad_names'})
        expect(error.message).to.match(/names\.csv line 3: /)
        expect(error.message).not.to.match(/\u001b/)
        expect(error.message.length).to.be.below(250)
      }
    })

    it('refuses an id that is not valid, a line that is damaged, and a file without its columns', async () => {
      for (const text of [
        'id,name\nx,bank\n',
        'id,name\n-1,bank\n',
        `id,name\n${2n ** 128n},bank\n`,
        'id,name\n1,"bank\n',
        'id\n1\n',
        'name\nbank\n',
        '',
      ])
        expect(await refusalOf(() => draft(books, text)), JSON.stringify(text)).to.include({kind: 'BAD_INPUT'})
      expect((await refusalOf(() => draft(books, 'id,label\n1,bank\n'))).message).to.contain(
        'needs the columns id and name',
      )
    })

    it('refuses a name that two accounts have, and an account with two names: the chart could not be read', async () => {
      const twice = await refusalOf(() => draft(books, 'id,name\n1,bank\n2,bank\n'))
      expect(twice).to.include({kind: 'BAD_INPUT', code: 'bad_names'})
      expect(twice.message).to.match(/line 3: bank is the name of account 1 already/)
      expect((await refusalOf(() => draft(books, 'id,name\n1,bank\n1,till\n'))).message).to.match(
        /line 3: account 1 is bank already/,
      )
      expect(
        chartOf((await draft(books, 'id,name\n1,bank\n1,bank\n')).text).nameOf(1n),
        'the same twice is harmless',
      ).to.equal('bank')
      // What accounts without a name are called is taken, too.
      expect((await refusalOf(() => draft(books, 'id,name\n1,a2\n'))).code).to.equal('bad_names')
    })
  })

  it('is written where there is no file, and never over another', () => {
    writeChart(path('chart.yaml'), 'version: 1\n')
    expect(readFileSync(path('chart.yaml'), 'utf8')).to.equal('version: 1\n')
    writeFileSync(path('mine.yaml'), 'mine')
    expect(refused(() => writeChart(path('mine.yaml'), 'version: 1\n'))).to.include({
      kind: 'BAD_INPUT',
      code: 'chart_exists',
    })
    expect(readFileSync(path('mine.yaml'), 'utf8')).to.equal('mine')
    const nowhere = refused(() => writeChart(path('no/such/chart.yaml'), 'version: 1\n'))
    expect(nowhere.kind).to.equal('FAILED')
    expect(nowhere.message).to.match(/chart\.yaml can't be written: /)
  })
})
