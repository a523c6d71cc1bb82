import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, type RunResult, residentParix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'

const CHART = `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes:
  account: {bank: 10, customer: 20, revenue: 30}
  transfer: {deposit: 1, payment: 2}
types: {bank: asset, customer: liability, revenue: income}
accounts:
  bank: {id: 1, ledger: USD, code: bank, flags: [history]}
  sales: {id: 2, ledger: USD, code: revenue}
  customer/*: {id: {base: 0x1000000000000, plus: n}, ledger: USD, code: customer}
`
const CUSTOMER = 2 ** 48

describe('the books of a database', function () {
  this.timeout(180_000)
  let dataDir: string
  let service: RunningService
  let home: TestHome
  let env: Record<string, string>

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-books-'))
    service = await startService({port: 0, dataDir, provisionDelayMs: 1})
    env = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey, PARIX_DATABASE: 'books'}
    home = makeHome()
    await ok('database create books --wait')
    home.write('parix.chart.yaml', CHART)
    await ok('chart apply')
    const rows = ['id,from,to,amount,ledger,code,flags']
    const row = (id: number, from: number, to: number, cents: number, code: number, flags = '') =>
      rows.push(`${id},${from},${to},${cents},700,${code},${flags}`)
    await ok(
      `tb import accounts ${file('customers.csv', ['id,ledger,code', ...[1, 2, 3].map((n) => `${CUSTOMER + n},700,20`)])}`,
    )
    for (let i = 0; i < 60; i++) {
      row(1000 + 2 * i, 1, CUSTOMER + 1 + (i % 3), 1000 + i, 1, i % 5 === 0 ? 'linked' : '')
      row(1001 + 2 * i, CUSTOMER + 1 + (i % 3), 2, 300 + i, 2)
    }
    row(5000, 1, CUSTOMER + 1, 10_000, 1, 'pending')
    row(5001, 1, CUSTOMER + 2, 700, 1, 'pending')
    await ok(`tb import transfers ${file('transfers.csv', rows)}`)
    await ok('tb post 5000 --amount 60.00')
    // Accounts come between transfers in time: an audit that executes history again has to keep that order.
    await ok('tb create-accounts --id @customer/4')
    await ok('tb create-transfers --from @bank --to @customer/4 --amount 1.00 --code deposit --id 6000')
  })
  after(async () => {
    await service?.close()
    home?.remove()
    rmSync(dataDir, {recursive: true, force: true})
  })

  const run = (words: string | string[]) => residentParix(words, {home, env, cwd: home.path})
  async function ok(words: string | string[]): Promise<RunResult> {
    const result = await run(words)
    expect(result.code, result.stdout + result.stderr).to.equal(0)
    return result
  }
  const json = async (words: string) => JSON.parse((await ok(`${words} --json`)).stdout)
  const file = (name: string, lines: string[]) => {
    writeFileSync(join(home.path, name), `${lines.join('\n')}\n`)
    return name
  }

  it('a statement adds up to the balance, and shows names, money and what became of a hold', async () => {
    const statement = await json('tb statement @bank')
    const moved = statement.rows.reduce(
      (sum: bigint, {debit, credit}: {debit: string; credit: string}) => sum + BigInt(debit) - BigInt(credit),
      0n,
    )
    expect(String(moved)).to.equal(statement.closing)
    expect(statement.closing).to.equal(String((await json('tb balance 1')).debits_posted))
    const posted = statement.rows.find(({state}: {state: string}) => state === 'hold_posted')
    expect(posted).to.include({
      state: 'hold_posted',
      debit: '6000',
      heldAmount: '10000',
      counterpart_name: 'customer/1',
    })
    expect(statement.open.map(({id}: {id: string}) => id)).to.deep.equal(['5001'])
    const {stdout} = await ok('tb statement @bank')
    expect(stdout).to.match(/@customer\/1 .*60\.00 .*posted 60\.00 of 100\.00/)
  })

  it('a statement of a later part begins with the balance of the earlier part, with and without history', async () => {
    for (const account of ['@bank', '@customer/1']) {
      const whole = await json(`tb statement ${account}`)
      const cut = whole.rows[10].timestamp
      const early = await json(`tb statement ${account} --to ${BigInt(cut) - 1n}`)
      const late = await json(`tb statement ${account} --from ${cut}`)
      expect(early.rows).to.have.length(10)
      expect(late.opening).to.equal(early.closing)
      expect(late.closing).to.equal(whole.closing)
      expect(late.folded > 0).to.equal(account !== '@bank')
    }
  })

  it('a statement is written for hledger and beancount, which agree on every balance, and as a page', async () => {
    for (const account of ['@bank', '@customer/1', '@sales']) {
      await ok(`tb statement ${account} --format hledger -o s.journal`)
      await ok(`tb statement ${account} --as beancount -o s.beancount`)
      const programs = {hledger: ['-f', 's.journal', 'check', '-s'], 'bean-check': ['s.beancount']}
      for (const [program, args] of Object.entries(programs)) {
        if (spawnSync(program, ['--version']).status !== 0) continue
        const checked = spawnSync(program, args, {encoding: 'utf8', cwd: home.path})
        expect(checked.status, checked.stdout + checked.stderr).to.equal(0)
      }
    }
    const {stderr} = await ok('tb statement @bank --format html -o bank.html')
    expect(stderr).to.match(/Written to bank\.html: 62 rows, closing balance \d+\.\d\d USD\./)
    expect(readFileSync(join(home.path, 'bank.html'), 'utf8')).to.match(/^<!doctype html>/)
  })

  it('the forms of every command are those of a statement, too: rows by line, fields, jq, files', async () => {
    const lines = (await ok('tb statement @bank --format ndjson')).stdout.trimEnd().split('\n')
    const {rows, closing} = await json('tb statement @bank')
    expect(lines.map((line) => JSON.parse(line))).to.deep.equal(rows)
    expect(JSON.parse(lines.at(-1)!).balance).to.equal(closing)
    const picked = (await ok('tb statement @bank --format csv --fields id,debit')).stdout.trimEnd().split('\r\n')
    expect(picked.slice(0, 2)).to.deep.equal(['id,debit', `${rows[0].id},${rows[0].debit}`])
    const csv = (await ok('tb statement @bank --format csv')).stdout.trimEnd().split('\r\n')
    expect([csv[0], csv.length]).to.deep.equal([
      'time,transfer,counterpart,code,debit,credit,balance,note',
      rows.length + 1,
    ])
    expect((await ok(['tb', 'statement', '@bank', '--jq', '.rows | length'])).stdout.trim()).to.equal(
      String(rows.length),
    )
    expect((await ok('tb statement @bank --json -o s.json')).stdout).to.equal('')
    expect(JSON.parse(readFileSync(join(home.path, 's.json'), 'utf8')).closing).to.equal(closing)
    await ok('tb statement @bank -o s.txt')
    expect(readFileSync(join(home.path, 's.txt'), 'utf8')).to.match(/^TIME .*\n.* opening balance/)
    expect((await run('tb statement @bank --json --format html')).code).to.equal(2)
    expect((await run('tb statement @bank --format html --fields id')).code).to.equal(2)
  })

  it('a statement by when things happened cuts its period by user_data_64', async () => {
    const time = (text: string) => String(BigInt(Date.parse(text)) * 1_000_000n)
    await ok(`tb create-accounts --id @customer/9`)
    for (const [day, amount] of [
      ['2026-10-30', '5.00'],
      ['2026-10-31', '7.00'],
      ['2026-11-01', '9.00'],
    ])
      await ok(
        `tb create-transfers --from @sales --to @customer/9 --amount ${amount} --code payment --user-data-64 ${time(`${day}T12:00:00Z`)}`,
      )
    const october = await json('tb statement @customer/9 --by occurred --from 2026-10-31 --to 2026-10-31')
    expect(october).to.include({opening: '500', closing: '1200'})
    expect(october.rows.map(({occurred}: {occurred: string}) => occurred)).to.deep.equal([
      '2026-10-31T12:00:00.000000000Z',
    ])
  })

  it('reports are balanced, and the balance sheet has the result of the income statement', async () => {
    const [trial] = (await json('tb report trial-balance')).ledgers
    expect(trial).to.include({name: 'USD', balanced: true})
    expect(trial.debits).to.equal(trial.credits)
    const [sheet] = (await json('tb report balance-sheet')).ledgers
    const [income] = (await json('tb report income-statement')).ledgers
    expect(sheet.result).to.equal(income.result)
    const flows = (await json('tb report flows')).ledgers
    expect(flows).to.deep.include({
      ledger: 700,
      debitCode: 20,
      creditCode: 30,
      amount: String(60 * 300 + (59 * 60) / 2),
      transfers: 60,
    })
    expect((await run('tb report balance-sheet --no-chart')).code).to.equal(2)
  })

  it('an audit proves the books: by accounts, by all transfers, and by executing history again', async () => {
    for (const flags of ['', ' --deep', ' --replay'])
      expect(await json(`tb audit${flags}`), flags).to.deep.include({findings: []})
    expect(await json('tb audit --replay')).to.include({transfers: 127, accounts: 7})
  })

  it('a seal proves later that no row has changed, and names the first that has', async () => {
    await ok('tb audit --seal november.json')
    await ok('tb create-transfers --from 1 --to 2 --amount 0.05 --ledger 700 --code 1 --id 9000')
    await ok('tb audit --against november.json')
    const rows = readFileSync(join(home.path, 'november.json.rows'))
    rows[8 * 8] = rows[8 * 8]! ^ 1
    writeFileSync(join(home.path, 'november.json.rows'), rows)
    const seal = JSON.parse(readFileSync(join(home.path, 'november.json'), 'utf8'))
    writeFileSync(join(home.path, 'november.json'), JSON.stringify({...seal, sha256: '0'.repeat(64)}))
    const {code, stderr} = await run('tb audit --against november.json')
    expect(code).to.equal(6)
    expect(stderr).to.match(/the first difference is transfer 2 in the order of creation/)
  })

  it('a trace shows the chain, and a hold with what became of it', async () => {
    const chain = await json('tb trace 1000')
    expect(chain.chain.map(({id}: {id: string}) => id)).to.deep.equal(['1000', '1001'])
    expect((await json('tb trace 5000')).outcome).to.include({state: 'posted'})
    expect((await json('tb trace 5001')).outcome).to.include({state: 'open'})
    expect((await ok('tb trace 5000 --mermaid')).stdout).to.match(/^flowchart LR/)
    expect((await run('tb trace 77')).code).to.equal(3)
  })

  it('a chart is checked against the database, and names are shown', async () => {
    expect(await json('chart check')).to.include({accounts: 2})
    expect(JSON.parse(readFileSync(join(home.path, 'parix.chart.lock.json'), 'utf8')).ledgers.USD).to.include({
      id: 700,
      scale: 2,
    })
    expect(await json('chart show @customer/17')).to.include({id: String(CUSTOMER + 17)})
    expect((await json('chart schema')).title).to.equal('parix chart of accounts')
    expect((await json('chart apply')).created).to.deep.equal([])
    home.write('other.yaml', CHART.replace('scale: 2', 'scale: 0'))
    const changed = await run('chart check --chart other.yaml')
    expect(changed.code).to.equal(2)
    expect(changed.stderr).to.match(/every amount would be read 100 times too large/)
    home.write('wrong.yaml', CHART.replace('code: revenue', 'code: bank'))
    expect((await run('chart check --chart wrong.yaml')).code).to.equal(6)
    mkdirSync(join(home.path, 'drafts'))
    const drafted = await json('chart init --from books -o drafts/draft.yaml')
    expect(drafted).to.include({accounts: 7, ledgers: 1})
    await ok('chart check --chart drafts/draft.yaml --json')
    expect((await run('chart init -o drafts/draft.yaml')).code).to.equal(2)
  })
})
