import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, parix, type RunResult, residentParix, startParix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {startLossyProxy} from '../support/lossy-proxy.js'

describe('tb import, against the local service', function () {
  this.timeout(120_000)
  let dataDir: string
  let service: RunningService
  let home: TestHome
  let env: Record<string, string>
  let databases = 0

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-import-'))
    service = await startService({port: 0, dataDir, provisionDelayMs: 1})
    env = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey}
  })
  after(async () => {
    await service?.close()
    rmSync(dataDir, {recursive: true, force: true})
  })
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const run = (words: string | string[], stdin?: string) =>
    residentParix(words, {home, env, cwd: home.path, ...(stdin !== undefined && {stdin})})

  async function ok(words: string | string[], stdin?: string): Promise<RunResult> {
    const result = await run(words, stdin)
    expect(result.code, result.stdout + result.stderr).to.equal(0)
    return result
  }

  const file = (name: string, lines: string[]) => {
    writeFileSync(join(home.path, name), `${lines.join('\n')}\n`)
    return name
  }

  /** A database with accounts 1 (no limit), 2 and 3 (may not be debited beyond their credits). */
  async function database(): Promise<string> {
    const name = `db${databases++}`
    await ok(`database create ${name} --wait`)
    await ok(
      `tb import accounts ${file('accounts.csv', ['id,ledger,code,flags', '1,700,10,', '2,700,20,debits_must_not_exceed_credits', '3,700,20,debits_must_not_exceed_credits'])} ${name}`,
    )
    return name
  }

  const transfers = (count: number) => [
    'ref,from,to,amount,ledger,code',
    ...Array.from({length: count}, (_, i) => `r${i},1,${2 + (i % 2)},${1 + (i % 7)},700,1`),
  ]
  const json = (result: RunResult) => JSON.parse(result.stdout)
  const count = async (name: string) =>
    (await ok(`tb query-transfers ${name} --all --json`)).stdout.trimEnd().split('\n').length

  it('says with --json what is wrong as a list: line, column, field and message', async () => {
    const name = await database()
    file('bad.csv', ['id,from,to,amount,ledger,code', '5,1,2,x,700,1', '6,1,2,5,700,1', '6,1,2,5,700,1', '8,1,2,5'])
    const {code, stdout} = await run(`tb import transfers bad.csv ${name} --json`)
    expect(code).to.equal(2)
    const {error} = JSON.parse(stdout)
    expect(error).to.include({code: 'bad_rows', findingsCount: 3})
    expect(error.findings).to.deep.equal([
      {line: 2, column: 7, field: 'amount', message: error.findings[0].message},
      {line: 5, column: 8, message: 'has 4 cells, the header has 6'},
      {line: 4, column: 1, field: 'id', message: 'id 6 is that of line 3 as well'},
    ])
    file('bad.ndjson', ['{"id": 5, "from": 1, "to": "1", "amount": 3, "ledger": 700, "code": 1}', '{"id": 5,}'])
    const checked = await run(`tb import transfers bad.ndjson ${name} --check --json`)
    expect(checked.code).to.equal(6)
    const {findings} = JSON.parse(checked.stdout).error
    expect(findings.map(({line, column}: {line: number; column: number}) => [line, column])).to.deep.equal([
      [1, 28],
      [2, 10],
    ])
  })

  it('--check finds what the ledger would refuse, and nothing is sent', async () => {
    const name = await database()
    const rows = transfers(300).map((line, index) =>
      index === 200
        ? 'r199,2,1,100000,700,1'
        : index === 250
          ? 'r249,1,99,1,700,1'
          : index === 260
            ? 'r9,1,2,3,700,1'
            : line,
    )
    file('t.csv', rows)
    const result = await run(`tb import transfers t.csv ${name} --id-from ref --map amount=amount --check`)
    expect(result.code).to.equal(6)
    expect(
      [...result.stderr.matchAll(/line (\d+): (\w+)/g)].map(([, line, code]) => `${line} ${code}`),
    ).to.include.members(['201 exceeds_credits', '251 credit_account_not_found', '261 id'])
    file('t.csv', transfers(300))
    const checked = json(await ok(`tb import transfers t.csv ${name} --id-from ref --map amount=amount --check --json`))
    expect(checked).to.deep.include({check: true, rows: 300, existing: 0, findings: []})
    const sum = Array.from({length: 300}, (_, i) => 1 + (i % 7)).reduce((a, b) => a + b)
    expect(checked.ledgers).to.deep.equal({700: {debits: String(sum), credits: String(sum)}})
    expect((await ok(`tb query-transfers ${name} --json`)).stdout).not.to.contain('"id"')
  })

  it('--check names a chain that no request takes, and finds what is wrong after it', async () => {
    const name = await database()
    const rows = Array.from({length: 8300}, (_, i) => `${i + 1},1,2,5,700,1,${i >= 50 && i < 8240 ? 'linked' : ''}`)
    rows[8290] = '8291,1,99,5,700,1,'
    file('chain.csv', ['id,from,to,amount,ledger,code,flags', ...rows])
    const {code, stdout} = await run(`tb import transfers chain.csv ${name} --check --json`)
    expect(code).to.equal(6)
    const {findings} = JSON.parse(stdout).error
    expect(findings.map(({line, code}: {line: number; code: string}) => [line, code])).to.deep.equal([
      [52, 'chain_too_long'],
      [8292, 'credit_account_not_found'],
    ])
  })

  it('--check shows money for ledgers and accounts that the chart has, and integers for others', async () => {
    const name = await database()
    file('parix.chart.yaml', [
      'version: 1',
      'ledgers: {USD: {id: 700, scale: 2}}',
      'codes: {account: {bank: 10}, transfer: {}}',
      'accounts: {bank: {id: 1, ledger: USD, code: bank}}',
    ])
    file('t.csv', ['id,from,to,amount,ledger,code', '501,1,2,1250,700,1'])
    const {stdout} = await ok(`tb import transfers t.csv ${name} --check`)
    const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/))
    expect(rows).to.deep.include.members([
      ['ledger USD', '12.50 USD', '12.50 USD'],
      ['@bank', '12.50 USD', '0.00 USD'],
      ['2', '0', '1250'],
    ])
  })

  it('goes on after kill -9 at any moment, creating each transfer once', async () => {
    const name = await database()
    file('t.csv', transfers(4000))
    const words = `tb import transfers t.csv ${name} --id-from ref --map amount=amount --batch-size 50`
    const proxy = await startLossyProxy(service.port)
    for (const [request, fate] of [
      [1, 'hold-request'],
      [8, 'hold-answer'],
      [30, 'hold-answer'],
      [20, 'hold-request'],
    ] as const) {
      let requests = 0
      proxy.choose = (path) => (path.endsWith('/create_transfers') && ++requests === request ? fate : 'pass')
      const held = proxy.held()
      const running = startParix(words, {home, env: {...env, PARIX_BASE_URL: proxy.baseUrl}, cwd: home.path})
      await held
      running.child.kill('SIGKILL')
      await running.result
    }
    proxy.choose = () => 'pass'
    env = {...env, PARIX_BASE_URL: proxy.baseUrl}
    expect(json(await ok(`${words} --json`))).to.include({rows: 4000, refused: 0, complete: true})
    expect(await count(name)).to.equal(4000)
    const [imported] = json(await ok('tb import list --json')).imports.filter(
      (job: {kind: string}) => job.kind === 'transfer',
    )
    expect(imported).to.include({state: 'complete', rows: 4000})
    expect(json(await ok(`tb import verify ${imported.id} --json`))).to.deep.equal({
      id: imported.id,
      rows: 4000,
      findings: [],
    })
    env = {...env, PARIX_BASE_URL: service.baseUrl}
    await proxy.stop()
  })

  it('stops when lines that were sent have changed in the file, and continues with --restart', async () => {
    const name = await database()
    file('t.csv', transfers(30))
    const words = `tb import transfers t.csv ${name} --id-from ref --map amount=amount`
    await ok(words)
    file('t.csv', [...transfers(30), 'r30,1,2,5,700,1'])
    expect(json(await ok(`${words} --json`))).to.include({rows: 31, created: 31, unchanged: false})
    file(
      't.csv',
      transfers(31).map((line) => line.replace('r7,1,3,1,', 'r7,1,3,2,')),
    )
    const {code, stderr} = await run(words)
    expect(code).to.equal(2)
    expect(stderr).to.match(/t\.csv has changed since it was imported: lines 2 to 31/)
    const restarted = await run(`${words} --restart`)
    expect(restarted.code).to.equal(6)
    expect(readFileSync(join(home.path, 't.csv.refused.ndjson'), 'utf8')).to.match(
      /"line":9,"result":"exists_with_different_amount"/,
    )
  })

  it('verify names a row that differs and one that is missing', async () => {
    const name = await database()
    file('t.csv', transfers(10))
    const words = `tb import transfers t.csv ${name} --id-from ref --map amount=amount --json`
    const {job} = json(await ok(words))
    file('t.csv', [...transfers(10).map((line) => line.replace('r3,1,3,4,', 'r3,1,3,5,')), 'r99,1,2,1,700,1'])
    const {code, stderr} = await run(`tb import verify ${job}`)
    expect(code).to.equal(6)
    expect(stderr)
      .to.match(/line 5: id \d+: amount is 5 in the file and 4 in the ledger/)
      .and.to.match(/line 12: id \d+ is missing/)
  })

  it('reads NDJSON, JSON and stdin; a chain is never cut', async () => {
    const name = await database()
    const row = (id: number, flags = '') =>
      JSON.stringify({id, from: 1, to: '2', amount: '5', ledger: 700, code: 1, ...(flags && {flags})})
    file('t.ndjson', [row(20, 'linked'), row(21, 'linked'), row(22), row(23)])
    expect(json(await ok(`tb import transfers t.ndjson ${name} --batch-size 3 --json`))).to.include({created: 4})
    file('t.json', [`[${row(30)},\n${row(31)}]`])
    expect(json(await ok(`tb import transfers t.json ${name} --json`))).to.include({created: 2})
    expect(json(await ok(['tb', 'import', 'transfers', '-', name, '--json'], `${row(40)}\n${row(30)}\n`))).to.include({
      created: 1,
      existed: 1,
    })
    file('chain.ndjson', [row(50, 'linked'), row(51, 'linked'), row(52)])
    expect((await run(`tb import transfers chain.ndjson ${name} --batch-size 2`)).code).to.equal(2)
    file('open.ndjson', [row(60, 'linked')])
    expect((await run(`tb import transfers open.ndjson ${name}`)).code).to.equal(2)
  })

  it('two processes never work on one import, and one of them says so', async () => {
    const name = await database()
    file('t.csv', transfers(3000))
    const words = `tb import transfers t.csv ${name} --id-from ref --map amount=amount --batch-size 20`
    const results = await Promise.all([0, 1, 2].map(() => parix(words, {home, env, cwd: home.path})))
    expect(results.map(({code}) => code).filter((code) => code !== 0 && code !== 6)).to.deep.equal([])
    expect(results.some(({code}) => code === 0)).to.equal(true)
    expect(await count(name)).to.equal(3000)
  })
})
