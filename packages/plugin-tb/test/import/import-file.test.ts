import {readFileSync} from 'node:fs'
import {expect} from 'chai'
import {type Books, startBooks} from '../support/books.js'
import {startLossyProxy} from '../support/lossy-proxy.js'

describe('an import, from its flags to its report', () => {
  let books: Books
  let nextId = 20_000
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const run = (words: string | string[], more = {}) =>
    books.run(['tb', 'import', 'transfers', ...(typeof words === 'string' ? words.split(' ') : words)], more)
  const HEADER = 'id,from,to,amount,ledger,code'
  /** A CSV of payments of 1 each. */
  function csv(name: string, rows: readonly string[], header = HEADER): string {
    return books.home.write(name, `${[header, ...rows].join('\n')}\n`)
  }
  const pay = (from = 1, to: number | string = 2) => `${nextId++},${from},${to},1,700,1`
  const refusedRows = (path: string) =>
    readFileSync(`${path}.refused.ndjson`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as {line: number; result: string; row: {id: string}})

  describe('flags that contradict', () => {
    it('a mapping is for the columns of a CSV', async () => {
      const path = books.home.write('a.ndjson', '{"id":1}\n')
      const {code, stderr} = await run(['--map', 'id=ref', path])
      expect(code).to.equal(2)
      expect(stderr).to.contain('--map is for the columns of a CSV; NDJSON has the names of fields.')
    })

    it('--retry-refused makes new ids, so the ids must be made', async () => {
      const {code, stderr} = await run(`${csv('retry.csv', [pay()])} --retry-refused 1`)
      expect(code).to.equal(2)
      expect(stderr).to.contain('it goes with --id-from')
    })

    it('columns that are missing, and unknown fields, are named before anything is read', async () => {
      const path = csv('columns.csv', [pay()])
      for (const [words, message] of [
        [['--map', 'amount=betrag', path], 'There is no column "betrag"'],
        [['--map', 'amuont=amount', path], 'Did you mean amount?'],
        [['--id-from', 'no', path], 'There is no column "no"'],
        [['--mapping', 'bank', path], 'There is no mapping "bank"'],
        [['--map', 'amount=amount|euro:2', path], 'is not one of money:LEDGER'],
        [[path, '--retry-for', 'soon'], '--retry-for'],
        [[path, '--batch-size', '0'], 'batch-size'],
        [[path, '--unordered', '17'], 'unordered'],
      ] as const) {
        const {code, stderr} = await run([...words])
        expect([code, words.join(' ')]).to.deep.equal([2, words.join(' ')])
        expect(stderr).to.contain(message)
      }
      const {imports} = (await books.run('tb import list --json')).json()
      expect(imports.filter(({file}: {file: string}) => file === path)).to.deep.equal([])
    })
  })

  it('a file in which rows that were sent have changed is refused, and nothing more is sent', async () => {
    const rows = [pay(), pay()]
    const path = csv('changed.csv', [...rows, pay(1, 99)])
    expect((await run(path)).code).to.equal(6)
    csv('changed.csv', [...rows.slice(0, 1), rows[1]!.replace(',1,700', ',9,700')])
    const {code, stderr} = await run(path)
    expect(code).to.equal(2)
    expect(stderr).to.contain('changed.csv has changed since it was imported')
  })

  it('refused rows with ids that are used up get others, and only those; the attempts are counted', async () => {
    const row = (to: number) => `${nextId++},1,${to},1,700,1`
    const path = csv('burnt.csv', [row(2), row(98), row(2)], `no,${HEADER.slice(3)}`)
    const words = `${path} --id-from no --refused collect`
    const first = await run(words)
    expect(first.code).to.equal(6)
    expect(first.stderr)
      .to.contain('Imported with refusals: 3 transfers')
      .and.contain('2 created, 0 there before, 1 refused')
    const [burnt] = refusedRows(path)
    expect(burnt).to.include({line: 3, result: 'credit_account_not_found'})
    expect((await run(`${words} --restart`)).code, 'its id is used up').to.equal(6)
    expect(refusedRows(path).map(({row: {id}}) => id)).to.deep.equal([burnt!.row.id])
    expect((await run(`${words} --retry-refused 2`)).stderr).to.contain('--retry-refused must be 1')
    await books.ledger.operate('create_accounts', [{id: 98, ledger: 700, code: 10}])
    const second = await run(`${words} --retry-refused 1 --json`)
    expect(second.code, second.stderr).to.equal(0)
    expect(second.json()).to.include({rows: 3, created: 1, existed: 2, refused: 0})
    const [payment] = await books.ledger.operate('query_transfers', {limit: 1, flags: 1})
    expect(payment!.id).to.not.equal(burnt!.row.id)
    expect((await run(`${words} --retry-refused 1 --json`)).json(), 'again').to.include({unchanged: true})
    const verified = await books.run(`tb import verify ${second.json().job} --json`)
    expect(verified.json(), 'with the ids that they have by now').to.include({rows: 3})
    expect((await run(`${words} --retry-refused 2`)).stderr).to.contain('No refused row needs another id')
  })

  it('--unordered is for a file that --check has seen as it is, and in which the order does not matter', async () => {
    const path = csv(
      'unordered.csv',
      Array.from({length: 9}, () => pay()),
    )
    const words = `${path} --unordered 3 --batch-size 2`
    expect((await run(words)).stderr).to.contain('--unordered is for files that --check has seen')
    const checked = await run(`${path} --check --json`)
    expect(checked.json()).to.deep.include({rows: 9, existing: 0, ordered: null, findings: []})
    expect(checked.json().ledgers).to.deep.equal({700: {debits: '9', credits: '9'}})
    const sent = await run(`${words} --json`)
    expect(sent.code, sent.stderr).to.equal(0)
    expect(sent.json()).to.include({rows: 9, created: 9})
    const linked = csv('linked.csv', [`${pay()},linked`, `${pay()},`], `${HEADER},flags`)
    expect((await run(`${linked} --check --json`)).json().ordered).to.equal('line 2 has linked')
    expect((await run(`${linked} --unordered 2`)).stderr).to.contain('must be sent in order: line 2 has linked')
  })

  it('--check says what is wrong with exit code 6, by line and column, and that nothing was sent', async () => {
    const path = csv('check.csv', [pay(), pay(1, 97), pay().replace(',1,700', ',x,700'), pay(4)])
    const {code, stdout} = await run(`${path} --check --json`)
    expect(code).to.equal(6)
    const {error} = JSON.parse(stdout)
    expect(error).to.include({code: 'check_failed', findingsCount: 3})
    expect(error.message).to.match(/^3 things are wrong with .*check\.csv\. Nothing was sent\.$/)
    expect(
      error.findings.map(({line, column, code: why}: Record<string, unknown>) => [line, column, why]),
    ).to.deep.equal([
      [3, 9, 'credit_account_not_found'],
      [4, 11, 'bad_row'],
      [5, 7, 'exceeds_credits'],
    ])
    const one = await run(`${csv('one.csv', [pay(1, 97)])} --check`)
    expect(one.stderr).to.contain('One thing is wrong with')
    const nothing = await run(`${path} --check --no-chart`)
    expect(nothing.stderr).to.contain('Nothing was sent.')
  })

  it('--check of rows that are all there says that no money would move', async () => {
    const path = csv('there.csv', [pay(), pay()])
    await run(path)
    const {code, stdout, stderr} = await run(`${path} --check`)
    expect(code).to.equal(0)
    expect(stdout + stderr)
      .to.contain('No money would move.')
      .and.contain('2 rows are right; 2 of them are in books already')
  })

  it('without responses it ends with 75, and the same command goes on where it ended', async () => {
    const proxy = await startLossyProxy(books.ledger.port)
    try {
      let requests = 0
      proxy.choose = (path) => (path.endsWith('create_transfers') && ++requests > 2 ? 'lose-answer' : 'pass')
      const path = csv(
        'lossy.csv',
        Array.from({length: 7}, () => pay()),
      )
      const words = `${path} --batch-size 2 --retry-for 0 --json`
      const env = {PARIX_BASE_URL: proxy.baseUrl}
      const lost = await run(words, {env})
      expect(lost.code).to.equal(75)
      expect(lost.json().error).to.include({code: 'outcome_unknown', retryable: true})
      const {imports} = (await books.run('tb import list --json')).json()
      expect(imports.find(({file}: {file: string}) => file === path)).to.include({state: 'unanswered', rows: 4})
      proxy.choose = () => 'pass'
      const again = await run(words, {env})
      expect(again.code, again.stderr).to.equal(0)
      expect(again.json()).to.include({rows: 7, complete: true, refused: 0})
      const [line] = (await books.run('history --json')).json().entries
      expect(line.command).to.contain('import')
    } finally {
      await proxy.stop()
    }
  })

  it('a result that could not be written is reported as imported, and the same command says it again', async () => {
    const path = csv('unshown.csv', [pay()])
    const lost = await run(path, {stdout: 'ENOSPC'})
    expect(lost.code).to.equal(75)
    expect(lost.stderr).to.contain('Imported: 1 transfer of').and.contain('1 created')
    expect((await run(path)).stdout).to.contain('was imported before: 1 transfer in books. Nothing was sent.')
  })

  it('--restart sends all of it again: what is there counts as imported', async () => {
    const path = csv('restart.csv', [pay(), pay()])
    await run(path)
    expect((await run(`${path} --restart --json`)).json()).to.include({created: 0, existed: 2, unchanged: false})
  })

  it('a mapping from a file says where each field is, and a second import of the same payments finds them', async () => {
    const text = 'Ref;Von;An;Betrag\nx1;1;2;12.50\ny1;1;2;3\n'
    const path = books.home.write('bank.csv', text)
    const map = 'debit_account_id: Von\ncredit_account_id: An\namount: Betrag|money:2\nledger: "=700"\ncode: "=1"\n'
    const words = `--id-from Ref --mapping ${books.home.write('map.yaml', map)} --json`
    const before = await books.balance(2)
    expect((await run(`${path} ${words}`)).json()).to.include({rows: 2, created: 2})
    expect((await books.balance(2)).credits - before.credits).to.equal(1550)
    const copy = books.home.write('copy.csv', text)
    expect((await run(`${copy} ${words}`)).json()).to.include({created: 0, existed: 2})
    expect((await run(`${copy} ${words} --namespace other`)).json(), 'of another source').to.include({created: 2})
  })

  it('names and money of the chart are read where there is one, and are refused without it', async () => {
    const header = 'id,from,to,amountText,code'
    const path = books.home.write('named/money.csv', `${header}\n${nextId++},@bank,@alice,12.50 USD,payment\n`)
    const named = (words: string) => books.named(`tb import transfers ${path} ${words}`)
    const {code, stderr} = await named('')
    expect(code, stderr).to.equal(0)
    const [row] = await books.ledger.operate('query_transfers', {limit: 1, flags: 1})
    expect(row).to.include({amount: '1250', ledger: 700, code: 1})
    const checked = await named('--check --json')
    expect(checked.json()).to.include({rows: 1, existing: 1})
    const other = books.home.write('named/other.csv', `${header}\n${nextId++},@bank,@alice,12.50 USD,payment\n`)
    const without = await books.named(`tb import transfers ${other} --no-chart`)
    expect(without.code).to.equal(2)
    expect(without.stderr).to.contain('line 2').and.contain('chart')
  })
})
