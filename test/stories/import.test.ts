import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, type RunResult, residentParix, startParix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type EditingProxy, startEditingProxy} from '../../packages/plugin-tb/test/support/editing-proxy.js'
import {type LossyProxy, startLossyProxy} from '../../packages/plugin-tb/test/support/lossy-proxy.js'

/** PARIX_TEST_IMPORT=all: 250,000 rows and 20 kills. */
const LARGE = process.env.PARIX_TEST_IMPORT === 'all'
const ROWS = LARGE ? 250_000 : 2500
const KILLS = LARGE ? 20 : 5
const BATCH = LARGE ? 2000 : 100
const HEADER = 'id,from,to,amount,ledger,code,flags,timeout,user_data_64'
const FIRST_ID = 10n ** 20n

/** The row of line 2 is row 0. */
const cells = (row: number): string[] => [
  String(FIRST_ID + BigInt(row)),
  String(1 + (row % 40)),
  String(50 + (row % 30)),
  String(1 + (row % 900)),
  '700',
  '1',
  row % 10 === 0 ? 'pending' : '',
  row % 10 === 0 ? '86400' : '',
  String(row),
]

/** What is wrong in a row, and where: one of each kind. `at` is the place of the cell, `code` what `--check` calls it. */
interface Planted {
  name: string
  change: (row: string[], index: number) => string[]
  at: number | undefined
  code: string
}

const set = (place: number, text: string) => (row: string[]) =>
  row.map((cell, index) => (index === place ? text : cell))
const bad = (name: string, at: number | undefined, change: Planted['change']): Planted => ({
  name,
  at,
  change,
  code: 'bad_row',
})

const PLANTED: Planted[] = [
  bad('an amount that is a word', 3, set(3, 'ten')),
  bad('an amount below 0', 3, set(3, '-5')),
  bad('an amount with decimal places', 3, set(3, '12.50')),
  bad('an amount beyond 128 bits', 3, set(3, String(2n ** 128n))),
  bad('no id', undefined, set(0, '')),
  bad('id 0', 0, set(0, '0')),
  bad('no account to debit', 1, set(1, '')),
  bad('account 0', 2, set(2, '0')),
  bad('both accounts the same', 2, (row) => set(2, row[1]!)(row)),
  bad('ledger 0', 4, set(4, '0')),
  bad('a ledger beyond 32 bits', 4, set(4, '4294967296')),
  bad('code 0', 5, set(5, '0')),
  bad('a code beyond 16 bits', 5, set(5, '65536')),
  bad('a flag that does not exist', 6, set(6, 'pendin')),
  bad('a timeout without the flag pending', 7, (row) => set(6, '')(set(7, '60')(row))),
  bad('user data beyond 64 bits', 8, set(8, String(2n ** 64n))),
  bad('too few cells', undefined, (row) => row.slice(0, 4)),
  bad('too many cells', undefined, (row) => [...row, 'x']),
  bad('a quotation mark in the middle', undefined, set(8, '1"2"3')),
  bad('a NUL character', undefined, set(8, '1\0')),
  bad('bytes that are not UTF-8', undefined, set(8, '\xff')),
  {name: 'an id that comes twice', at: 0, code: 'duplicate_id', change: (row) => set(0, String(FIRST_ID + 1n))(row)},
  {name: 'an id that the database has otherwise', at: 0, code: 'exists_differently', change: set(0, '7')},
  {
    name: 'more than the account has',
    at: 1,
    code: 'exceeds_credits',
    change: (row) => set(1, '90')(set(3, '999999999')(row)),
  },
  {name: 'an account that does not exist', at: 2, code: 'credit_account_not_found', change: set(2, '99999')},
]

const lineOf = (kind: number) => 100 + kind * (LARGE ? 9000 : 90)

describe('a large CSV, from its errors to the last row', function () {
  this.timeout(LARGE ? 1_800_000 : 180_000)
  let dataDir: string
  let service: RunningService
  let home: TestHome
  let env: Record<string, string>
  let lossy: LossyProxy
  let editing: EditingProxy

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-story-import-'))
    service = await startService({port: 0, dataDir, provisionDelayMs: 1})
    lossy = await startLossyProxy(service.port)
    editing = await startEditingProxy(service.baseUrl)
    home = makeHome()
    env = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey}
    for (const name of ['whole', 'broken']) {
      await ok(`database create ${name} --wait`)
      const accounts = Array.from(
        {length: 90},
        (_, index) => `${index + 1},700,1,${index === 89 ? 'debits_must_not_exceed_credits' : ''}`,
      )
      write('accounts.csv', ['id,ledger,code,flags', ...accounts])
      await ok(`tb import accounts accounts.csv ${name}`)
      await ok(`tb create-transfers ${name} --id 7 --from 1 --to 2 --amount 1 --ledger 700 --code 9`)
    }
  })
  after(async () => {
    await Promise.all([lossy?.stop(), editing?.stop()])
    await service?.close()
    home?.remove()
    rmSync(dataDir, {recursive: true, force: true})
  })

  const through = (baseUrl: string) => ({
    home,
    env: {...env, PARIX_BASE_URL: baseUrl},
    cwd: home.path,
    timeoutMs: 900_000,
  })
  const run = (words: string, baseUrl = service.baseUrl) => residentParix(words, through(baseUrl))

  async function ok(words: string, baseUrl?: string): Promise<RunResult> {
    const result = await run(words, baseUrl)
    expect(result.code, result.stdout.slice(0, 3000) + result.stderr).to.equal(0)
    return result
  }

  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(home.path, name), Buffer.from(`${lines.join('\n')}\n`, 'latin1'))
  const rows = (change = (row: string[], _line: number): string[] => row) => [
    HEADER,
    ...Array.from({length: ROWS}, (_, row) => change(cells(row), row + 2).join(',')),
  ]
  const json = ({stdout}: RunResult) => JSON.parse(stdout)

  /** Without what differs between two databases: timestamps. In the order of the file, which is that of the ids. */
  async function exported(name: string): Promise<string[]> {
    await ok(`tb export transfers ${name} -o ${name}.ndjson`)
    const text = readFileSync(join(home.path, `${name}.ndjson`), 'utf8')
    rmSync(join(home.path, `${name}.ndjson`))
    return text
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/,"timestamp":"\d+"/, ''))
  }

  it('--check finds exactly the 25 errors of 25 kinds, each with its line and column', async () => {
    expect(PLANTED).to.have.length(25)
    const planted = new Map(PLANTED.map((one, kind) => [lineOf(kind), one]))
    const broken = rows((row, line) => planted.get(line)?.change(row, line) ?? row)
    write('transfers.csv', broken)
    const {code, stdout} = await run('tb import transfers transfers.csv broken --check --json')
    expect(code).to.equal(6)
    const {findings, findingsCount} = JSON.parse(stdout).error
    expect(findings.map(({line, code: kind}: {line: number; code: string}) => [line, kind])).to.deep.equal(
      PLANTED.map((one, kind) => [lineOf(kind), one.code]),
    )
    expect(findingsCount).to.equal(25)
    for (const [kind, {at, name}] of PLANTED.entries()) {
      if (at === undefined) continue
      const line = broken[lineOf(kind) - 1]!
      const column = line.split(',').slice(0, at).join(',').length + (at === 0 ? 1 : 2)
      expect(findings[kind].column, name).to.equal(column)
    }
    expect((await exported('broken')).length, 'nothing was sent').to.equal(1)
  })

  it('the corrected file is imported, through any number of kills, as if nothing had happened', async () => {
    write('transfers.csv', rows())
    write('same.csv', rows())
    await ok('tb import transfers transfers.csv broken --check')
    expect(json(await ok('tb import transfers same.csv whole --json'))).to.include({created: ROWS, refused: 0})
    const words = `tb import transfers transfers.csv broken --batch-size ${BATCH}`
    const requests = Math.ceil(ROWS / BATCH)
    for (let kill = 0; kill < KILLS; kill++) {
      let seen = 0
      const at = 1 + Math.floor((Math.random() * requests) / KILLS)
      const fate = Math.random() < 0.5 ? 'hold-request' : 'hold-answer'
      lossy.choose = (path) => (path.endsWith('/create_transfers') && ++seen === at ? fate : 'pass')
      const held = lossy.held()
      const running = startParix(words, through(lossy.baseUrl))
      await held
      running.child.kill('SIGKILL')
      await running.result
    }
    lossy.choose = () => 'pass'
    expect(json(await ok(`${words} --json`, lossy.baseUrl))).to.include({rows: ROWS, refused: 0, complete: true})
    expect(await exported('broken')).to.deep.equal(await exported('whole'))
  })

  it('a large NDJSON, which two threads read at once, has the line of what is wrong at its end', async () => {
    const rows = Array.from({length: 160_000}, (_, index) =>
      JSON.stringify({
        ...{id: String(FIRST_ID + BigInt(index)), debit_account_id: '1', credit_account_id: '2'},
        ...{amount: index === 159_998 ? '0x' : '1', ledger: 700, code: 1},
      }),
    )
    write('large.ndjson', rows)
    const wrong = await run('tb import transfers large.ndjson whole')
    expect(wrong.code).to.equal(2)
    expect(wrong.stderr).to.match(/line 159999: amount must be a whole number .* \(column \d+\)/)
    expect(wrong.stderr).to.contain('Nothing was sent.')
  })

  it('a third run sends nothing, and verify finds every row, or the one amount that is another', async () => {
    let creates = 0
    lossy.choose = (path) => {
      if (path.endsWith('/create_transfers')) creates++
      return 'pass'
    }
    const {job, unchanged} = json(
      await ok(`tb import transfers transfers.csv broken --batch-size ${BATCH} --json`, lossy.baseUrl),
    )
    expect(unchanged).to.equal(true)
    expect(creates).to.equal(0)
    expect(json(await ok(`tb import verify ${job} --json`, lossy.baseUrl))).to.deep.include({rows: ROWS, findings: []})
    const other = json(await ok('tb import list --json')).imports.find(({file}: {file: string}) =>
      file.endsWith('same.csv'),
    )
    expect(other.state).to.equal('complete')
  })

  it('verify names one amount that the ledger has otherwise', async () => {
    write('few.csv', rows().slice(0, 200))
    const {job} = json(await ok('tb import transfers few.csv whole --json', editing.baseUrl))
    editing.edit = (operation, found) =>
      operation !== 'lookup_transfers'
        ? found
        : found.map((row) =>
            row.id === String(FIRST_ID + 77n) ? {...row, amount: String(Number(row.amount) + 1)} : row,
          )
    const verified = await run(`tb import verify ${job}`, editing.baseUrl)
    editing.edit = (_, found) => found
    expect(verified.code).to.equal(6)
    expect(verified.stderr)
      .to.match(/1 of 199 rows/)
      .and.to.match(/line 79: id \d+: amount is 78 in the file and 79 in the ledger/)
  })

  for (const [what, edit] of [
    ['dropped', (found: object[]) => found.slice(1)],
    ['doubled', (found: object[]) => [...found, found[0]!]],
    ['swapped', (found: object[]) => [found[1]!, found[0]!, ...found.slice(2)]],
  ] as const) {
    it(`rows of a response that are ${what} make no row count that is not there, and none is created twice`, async () => {
      await ok(`database create ${what} --wait`)
      await ok(`tb import accounts accounts.csv ${what}`)
      write(`${what}.csv`, rows().slice(0, 301))
      let first = true
      editing.edit = (operation, found) => {
        if (operation !== 'create_transfers' || !first) return found
        first = false
        return edit(found) as typeof found
      }
      const words = `tb import transfers ${what}.csv ${what} --batch-size 100 --json`
      let result = await run(words, editing.baseUrl)
      if (result.code === 75) result = await run(words, editing.baseUrl)
      editing.edit = (_, found) => found
      expect(result.code, result.stdout + result.stderr).to.equal(0)
      expect(json(result)).to.include({rows: 300, refused: 0, complete: true})
      expect(await exported(what)).to.have.length(300)
    })
  }
})
