import {expect} from 'chai'
import {type Books, startBooks} from './support/books.js'

/** Rows of NDJSON. */
const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('commands that read', () => {
  let books: Books
  let ids: number[]
  before(async () => {
    books = await startBooks()
    ids = []
    for (let amount = 1; amount <= 7; amount++) ids.push(await books.pay(1, 2, amount * 100))
  })
  after(() => books.stop())

  describe('with --all', () => {
    const all = 'tb query-transfers --all'

    it('print each row on a line of its own, as the ledger has it, whatever the page', async () => {
      const {code, stdout} = await books.run(all)
      expect(code).to.equal(0)
      expect(lines(stdout)).to.deep.equal(await books.ledger.operate('query_transfers', {limit: 100}))
      const backwards = await books.run(`${all} --flag reversed`)
      expect(lines(backwards.stdout).map(({id}) => Number(id))).to.deep.equal(ids.toReversed())
    })

    it('in another form the rows are the same: CSV, YAML, some of the fields, or what jq makes of them', async () => {
      const csv = await books.run(`${all} --format csv --fields id,amount`)
      expect(csv.stdout.trim().split(/\r?\n/)).to.deep.equal([
        'id,amount',
        ...ids.map((id, index) => `${id},${(index + 1) * 100}`),
      ])
      const some = await books.run(`${all} --fields id`)
      expect(some.code).to.equal(0)
      for (const id of ids) expect(some.stdout).to.contain(String(id))
      const made = await books.run(['tb', 'query-transfers', '--all', '--jq', '.[].amount'])
      expect(
        made.stdout
          .trim()
          .split('\n')
          .map((text) => text.replaceAll('"', '')),
      ).to.deep.equal(ids.map((_, index) => String((index + 1) * 100)))
      const table = await books.run(`${all} --format table --fields id,amount`)
      expect(table.code).to.equal(0)
    })

    it('of an account without transfers say why there is none, and of one that is not there that it is not', async () => {
      const empty = await books.run('tb get-account-transfers --account-id 6 --all')
      expect([empty.code, empty.stdout]).to.deep.equal([0, ''])
      const missing = await books.run('tb get-account-transfers --account-id 99 --all')
      expect(missing.stdout).to.equal('')
      expect(missing.stderr).to.contain('99')
      const none = await books.run('tb query-transfers --all --ledger 978')
      expect([none.code, none.stdout, none.stderr]).to.deep.equal([0, '', ''])
    })

    it('end in silence where nobody reads any longer, and with an error where the disk is full', async () => {
      const closed = await books.run(all, {stdout: 'EPIPE'})
      expect(closed.stderr).to.not.match(/EPIPE|Error/)
      const full = await books.run(all, {stdout: 'ENOSPC'})
      expect(full.code).to.not.equal(0)
      expect(full.stderr).to.contain('The output could not be written')
    })

    it('an error before the first row is on one line, and --limit contradicts it', async () => {
      const wrong = await books.run(`${all} --ledger x --json`)
      expect(wrong.code).to.equal(2)
      expect((await books.run(`${all} --limit 5`)).code).to.equal(2)
    })
  })

  describe('a page at a time', () => {
    it('say where the next one begins, by a flag that gives it: no row twice, and none left out', async () => {
      const seen: number[] = []
      let next = ''
      for (let page = 0; page < 10; page++) {
        const {stdout, stderr} = await books.run(`tb query-transfers --limit 3 --json ${next}`)
        const rows = JSON.parse(stdout).responsePayload as {id: string}[]
        seen.push(...rows.map(({id}) => Number(id)))
        const flag = /Next page: (--timestamp-min \S+)/.exec(stderr)?.[1]?.replace(/;$/, '')
        if (flag === undefined) break
        next = flag
      }
      expect(seen).to.deep.equal(ids)
    })

    it('tell one row from several, and a limit that was given from the one that is meant', async () => {
      expect((await books.run('tb query-transfers --limit 1')).stderr).to.contain('1 row, the limit: there may be more')
      expect((await books.run('tb query-transfers --limit 2')).stderr).to.contain(
        '2 rows, the limit: there may be more',
      )
      expect((await books.run('tb query-transfers')).stderr).to.not.contain('there may be more')
    })

    it('backwards the next page is before the last row', async () => {
      const {stderr} = await books.run('tb query-transfers --limit 3 --flag reversed')
      expect(stderr).to.contain('Next page: --timestamp-max ')
    })
  })

  describe('with a chart', () => {
    it('show names and money; --no-chart shows ids and integers', async () => {
      const named = await books.named('tb query-transfers --limit 1')
      expect(named.stdout).to.contain('@bank').and.contain('@alice').and.contain('1.00')
      const plain = await books.named('tb query-transfers --limit 1 --no-chart')
      expect(plain.stdout).to.not.contain('@bank')
      expect((await books.named('tb lookup-accounts --id @bank --json')).json().responsePayload[0]).to.include({
        id: '1',
        codeName: 'bank',
      })
      expect((await books.named('tb lookup-accounts --id @bnak')).code).to.equal(2)
    })

    it('balances are money of the ledger of their account', async () => {
      const {code, stdout} = await books.named('tb get-account-balances --account-id @bank')
      expect(code).to.equal(0)
      expect(stdout).to.contain('28.00')
      const plain = await books.run('tb get-account-balances --account-id 1')
      expect(plain.stdout).to.contain('2800').and.not.contain('28.00')
    })

    it('ids without a name have the form that was asked for, without a chart as well', async () => {
      const hex = await books.run(`tb lookup-transfers --id ${ids[0]} --id-form hex`)
      expect(hex.stdout).to.contain(`0x${ids[0]!.toString(16)}`)
      const json = await books.run(`tb lookup-transfers --id ${ids[0]} --id-form hex --json`)
      expect(json.json().responsePayload[0].id).to.equal(String(ids[0]))
      expect((await books.run(`tb lookup-transfers --id ${ids[0]} --id-form octal`)).code).to.equal(2)
    })

    it('that is for another database is not used with this one', async () => {
      books.home.write('other/parix.chart.yaml', `for: [other]\n${books.home.read('named/parix.chart.yaml')}`)
      const {code, stderr} = await books.run('tb query-transfers', {cwd: `${books.home.path}/other`})
      expect(code).to.equal(2)
      expect(stderr).to.contain('for other')
      expect((await books.run('tb query-transfers --no-chart', {cwd: `${books.home.path}/other`})).code).to.equal(0)
    })
  })

  describe('which database', () => {
    it('is the argument, else the environment, and that is said with PARIX_DEBUG', async () => {
      expect((await books.run('tb query-transfers nosuch')).code).to.equal(3)
      const {code, stderr} = await books.run('tb query-transfers books', {env: {PARIX_DATABASE: 'nosuch'}})
      expect([code, stderr]).to.deep.equal([0, ''])
      const none = await books.run('tb query-transfers', {env: {PARIX_DATABASE: undefined}})
      expect(none.code).to.equal(2)
      expect(none.stderr).to.contain('Which database?')
    })
  })

  it('of ids some of which are not there show the others, and name those', async () => {
    const some = await books.run(`tb lookup-transfers --id ${ids[0]} --id 99 --ids 98,${ids[1]} --json`)
    expect(some.json().responsePayload.map(({id}: {id: string}) => Number(id))).to.deep.equal([ids[0], ids[1]])
    expect(some.json().missing).to.deep.equal(['99', '98'])
    expect(some.stderr).to.contain('Not in books: 99, 98')
    const none = await books.run('tb lookup-accounts --id 98 --id 99')
    expect(none.code).to.equal(3)
    expect(none.stderr).to.contain('There are no accounts 98, 99 in books.')
  })
})
