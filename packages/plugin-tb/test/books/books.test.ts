import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, parix, type RunResult, type TestHome} from '@parix/testkit'
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

  const run = (words: string | string[]) => parix(words, {home, env, cwd: home.path})
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

  it('a statement is written for hledger and as a page', async () => {
    await ok('tb statement @bank --as hledger -o bank.journal')
    await ok('tb statement @bank --as html -o bank.html')
    expect(readFileSync(join(home.path, 'bank.html'), 'utf8')).to.match(/^<!doctype html>/)
    if (spawnSync('hledger', ['--version']).status !== 0) return
    const checked = spawnSync('hledger', ['-f', join(home.path, 'bank.journal'), 'check', '-s'], {encoding: 'utf8'})
    expect(checked.status, checked.stderr).to.equal(0)
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
    expect(await json('tb audit --replay')).to.include({transfers: 124, accounts: 6})
  })

  it('a seal proves later that no row has changed, and names the first that has', async () => {
    await ok('tb audit --seal november.json')
    await ok('tb create-transfers --from 1 --to 2 --amount 0.05 --ledger 700 --code 1 --id 9000')
    await ok('tb audit --against november.json')
    const rows = readFileSync(join(home.path, 'november.json.rows'))
    rows[8 * 7] = rows[8 * 7]! ^ 1
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
    expect(drafted).to.include({accounts: 6, ledgers: 1})
    await ok('chart check --chart drafts/draft.yaml --json')
    expect((await run('chart init -o drafts/draft.yaml')).code).to.equal(2)
  })
})
