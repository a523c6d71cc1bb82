import {existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {
  makeHome,
  parix,
  program,
  type RunResult,
  residentParix,
  startAround,
  startOnTerminal,
  startParix,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'
import {startLossyProxy} from '../../support/lossy-proxy.js'

/** More than 1 MB, and more than one request. */
const ROWS = 9000

describe('tb create-transfers --file with a large file, against the local service', function () {
  this.timeout(120_000)
  let dataDir: string
  let service: RunningService
  let home: TestHome
  let env: Record<string, string>
  let databases = 0

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-large-'))
    service = await startService({port: 0, dataDir, provisionDelayMs: 1})
  })
  after(async () => {
    await service?.close()
    rmSync(dataDir, {recursive: true, force: true})
  })
  beforeEach(() => {
    home = makeHome()
    env = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey}
  })
  afterEach(() => home.remove())

  const run = (words: string) => residentParix(words, {home, env, cwd: home.path})

  async function ok(words: string): Promise<RunResult> {
    const result = await run(words)
    expect(result.code, result.stdout.slice(0, 2000) + result.stderr).to.equal(0)
    return result
  }

  async function database(): Promise<string> {
    const name = `large${databases++}`
    await ok(`database create ${name} --wait`)
    writeFileSync(
      join(home.path, 'accounts.ndjson'),
      '{"id":1,"ledger":700,"code":1}\n{"id":2,"ledger":700,"code":1,"flags":"debits_must_not_exceed_credits"}\n',
    )
    await ok(`tb create-accounts ${name} --file accounts.ndjson`)
    return name
  }

  const row = (index: number) =>
    `{"id":"${2n ** 100n + BigInt(index)}","debit_account_id":"1","credit_account_id":"2","amount":"${1 + (index % 9)}","ledger":700,"code":1}`
  const write = (name: string, lines: string[], [open, between, close] = ['', '\n', '\n']) => {
    writeFileSync(join(home.path, name), `${open}${lines.join(between)}${close}`)
    return name
  }
  const rows = (change: (line: string, index: number) => string = (line) => line) =>
    Array.from({length: ROWS}, (_, index) => change(row(index), index))
  const json = ({stdout}: RunResult) => JSON.parse(stdout)
  const inOutbox = async () => json(await ok('tb outbox list --json')).entries.length

  /** Directories that stdin was kept in. */
  const leftOver = () => {
    const directory = join(home.path, '.local/state/parix/import')
    return existsSync(directory) ? readdirSync(directory).filter((name) => name.startsWith('.input')) : []
  }

  /** What differs from one database and moment to another. */
  const comparable = (text: string, name: string) =>
    text.replaceAll(name, 'DB').replace(/("timestamp": "|"ledgerId": "|"databaseId": "|created in )[^"]*/g, '$1')

  it('prints what a small file does: the same document, table and notices', async () => {
    const [one, other] = [await database(), await database()]
    const streamed = write('t.ndjson', rows())
    // One after the other on a line, as jq writes them with -j: those are read whole.
    const whole = write('t.json', rows(), ['', ' ', '\n'])
    const first = await ok(`tb create-transfers ${one} --file ${streamed} --json`)
    const second = await ok(`tb create-transfers ${other} --file ${whole} --json`)
    expect(json(first).responsePayload).to.have.length(ROWS)
    expect(comparable(first.stdout, one)).to.equal(comparable(second.stdout, other))
    expect(first.stderr.split('\n')[0]).to.match(/^Reading t\.ndjson \(\d MB\)$/)
    expect(await inOutbox()).to.equal(0)
    const again = await ok(`tb create-transfers ${one} --file ${streamed}`)
    const againWhole = await ok(`tb create-transfers ${other} --file ${whole}`)
    expect(again.stdout).to.match(/already there +9,000 transfers/)
    expect(again.stdout).to.equal(againWhole.stdout)
  })

  it('names refused transfers by line, as of a small file', async () => {
    const name = await database()
    const refused = (line: string, index: number) =>
      index === 8500 ? line.replace('"1","credit_account_id":"2"', '"2","credit_account_id":"99"') : line
    const streamed = await run(`tb create-transfers ${name} --file ${write('t.ndjson', rows(refused))} --json`)
    expect(streamed.code).to.equal(6)
    const {error} = json(streamed)
    expect(error.code).to.equal('credit_account_not_found')
    expect(error.tbResults).to.deep.equal([
      {index: 8500, result: 'credit_account_not_found', code: error.tbResults[0].code, id: String(2n ** 100n + 8500n)},
    ])
    expect(error.errors[0]).to.match(/^t\.ndjson line 8501, id \d+, \d from 2 to 99: credit_account_not_found\./)
    expect(error.message).to.equal(`1 of ${ROWS} transfers was refused. The other ${ROWS - 1} are in the ledger.`)
    expect(await inOutbox()).to.equal(0)
  })

  it('needs no more memory for more rows: 25,000 pass through a heap that can not hold them', async () => {
    const name = await database()
    const many = Array.from({length: 25_000}, (_, index) => row(index))
    const file = write('t.ndjson', many)
    const list = write('t.json', many, ['[\n', ',\n', '\n]'])
    env = {...env, NODE_OPTIONS: '--max-old-space-size=32'}
    const {stderr} = await ok(`tb create-transfers ${name} --file ${file}`)
    expect(stderr).to.contain('25,000 transfers are in')
    expect((await ok(`tb create-transfers ${name} --file ${list}`)).stdout).to.match(/already there +25,000/)
    const stdin = many.join('\n')
    const piped = await parix(`tb create-transfers ${name} --file -`, {home, env, cwd: home.path, stdin})
    expect(piped.code, piped.stderr).to.equal(0)
    expect(piped.stdout).to.match(/already there +25,000/)
    // Another pipe, as <(…) of a shell is one.
    const words = ['tb', 'create-transfers', name]
    const piping = ['bash', '-c', `exec "$0" "$@" --file <(cat ${file})`, process.execPath, ...program(), ...words]
    const other = await startAround(piping, words, {home, cwd: home.path, env}).result
    expect(other.code, other.stderr).to.equal(0)
    expect(other.stdout).to.match(/already there +25,000/)
    expect(leftOver(), 'what stdin was kept in').to.deep.equal([])
  })

  it('needs no more memory for rows with names and without ids, and says which ids it gave them', async () => {
    const name = await database()
    const chart = {
      version: 1,
      ledgers: {EUR: {id: 700, scale: 2}},
      codes: {account: {cash: 1}},
      accounts: {paid: {id: 1, ledger: 'EUR', code: 'cash'}, kept: {id: 2, ledger: 'EUR', code: 'cash'}},
    }
    write('parix-chart.json', [JSON.stringify(chart)])
    const named = (index: number) =>
      `{"from":"@paid","to":"@kept","amountText":"${index % 7}.25","code":"0x1","flags":["pending"],"timeout":3600}`
    const file = write(
      'n.ndjson',
      Array.from({length: 24_000}, (_, index) => named(index)),
    )
    env = {...env, NODE_OPTIONS: '--max-old-space-size=36'}
    const {stderr} = await ok(`tb create-transfers ${name} --file ${file} --chart parix-chart.json`)
    const [, first, last] = /24,000 transfers with generated ids, from (\d+) to (\d+)/.exec(stderr)!
    expect(BigInt(last!) > BigInt(first!)).to.equal(true)
    expect(stderr).to.contain('24,000 transfers are in')
    const {stdout} = await ok(`tb lookup-transfers ${name} --id ${first} --id ${last} --json`)
    const [one, other] = json({stdout} as RunResult).responsePayload
    expect([one.amount, other.amount, one.debit_account_id]).to.deep.equal(['25', String(100 * (23_999 % 7) + 25), '1'])
    const account = json(await ok(`tb lookup-accounts ${name} --id 1 --json`)).responsePayload[0]
    const sum = Array.from({length: 24_000}, (_, index) => 100 * (index % 7) + 25).reduce((a, b) => a + b)
    expect(account.debits_pending).to.equal(String(sum))
  })

  it('says of posts and balancing transfers what they moved, as of a small file', async () => {
    const name = await database()
    const pending = rows((line) => line.replace('"code":1', '"code":1,"flags":"pending"'))
    await ok(`tb create-transfers ${name} --file ${write('p.ndjson', pending)}`)
    const posts = Array.from({length: ROWS}, (_, index) => {
      const id = `{"id":"${2n ** 101n + BigInt(index)}","pending_id":"${2n ** 100n + BigInt(index)}","user_data_64":"7"`
      return `${id},"amount":${index === 1 ? '0' : '"max"'},"flags":"post_pending_transfer"}`
    })
    const file = write('posts.ndjson', posts)
    const streamed = json(await ok(`tb create-transfers ${name} --file ${file} --json`)).responsePayload
    // Where a form is chosen, all of it is in memory.
    const {stdout} = await ok(`tb create-transfers ${name} --file ${file} --format ndjson`)
    const whole = stdout
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one))
    expect(streamed.map((one: object) => ({...one, result: 'exists'}))).to.deep.equal(whole)
    expect(streamed[1]).to.include({amount: '0', pending_amount: '2', given_back: '2'})
    expect(streamed[ROWS - 1]).to.include({index: ROWS - 1, pending_id: String(2n ** 100n + BigInt(ROWS - 1))})
  })

  it('reads a JSON array and stdin to their end before anything is sent, and names what is wrong by item and field', async () => {
    const name = await database()
    const wrong = rows((line, index) => (index % 4000 === 11 ? line.replace('"amount":"', '"amount":"-') : line))
    const list = await run(`tb create-transfers ${name} --file ${write('t.json', wrong, ['[', ',', ']'])}`)
    expect(list.code).to.equal(2)
    for (const item of [12, 4012, 8012])
      expect(list.stderr).to.match(new RegExp(`t\\.json item ${item}: amount can't be negative`))
    const words = `tb create-transfers ${name} --file -`
    const piped = await parix(words, {home, env, stdin: wrong.join('\n')})
    expect(piped.code).to.equal(2)
    for (const line of [12, 4012, 8012])
      expect(piped.stderr).to.match(new RegExp(`stdin line ${line}: amount can't be negative`))
    expect((await ok(`tb query-transfers ${name} --json`)).stdout).not.to.contain('"id"')
    const refused = rows((line, index) =>
      index === 8500 ? line.replace('"credit_account_id":"2"', '"credit_account_id":"99"') : line,
    )
    const sent = await parix(words, {home, env, stdin: `[${refused.join(',')}]`})
    expect(sent.code).to.equal(6)
    expect(sent.stderr).to.match(/stdin item 8501, id \d+, \d from 1 to 99: credit_account_not_found/)
    expect(leftOver()).to.deep.equal([])
  })

  it('says at once what it reads: before a large file, or stdin, is at its end', async () => {
    const large = join(home.path, 'large.ndjson')
    // A hole: it takes no room, and seconds to read.
    writeFileSync(large, '')
    truncateSync(large, 4e9)
    // The path is longer than a narrow terminal has room for.
    const onTerminal = startOnTerminal(['tb', 'create-transfers', 'books', '--file', large], {home, env, columns: 200})
    await onTerminal.saw(/Reading \S+large\.ndjson \(4000 MB\)/)
    onTerminal.child.kill('SIGKILL')
    await onTerminal.result
    const name = await database()
    const stdin = `${rows().join('\n')}\n`
    const running = startParix(`tb create-transfers ${name} --file -`, {home, env, stdin, keepStdinOpen: true})
    await running.saw(/Reading stdin: \d+ bytes/, 'stderr')
    const [directory] = leftOver()
    const kept = join(home.path, '.local/state/parix/import', directory!)
    expect([statSync(kept).mode & 0o777, statSync(join(kept, 'input')).mode & 0o777]).to.deep.equal([0o700, 0o600])
    running.child.stdin!.end()
    expect((await running.result).code).to.equal(0)
    expect(leftOver()).to.deep.equal([])
  })

  it('a disk too full for what comes by stdin: says so, sends nothing, and leaves nothing behind', async () => {
    const name = await database()
    const options = {home, env, cwd: home.path, stdin: rows().join('\n')}
    const words = ['tb', 'create-transfers', name, '--file', '-', '--json']
    // No file of this process may be larger than 512 KiB.
    const limit = ['bash', '-c', 'trap "" XFSZ; ulimit -f 512; exec "$@"', 'bash']
    const {code, stdout} = await startAround([...limit, process.execPath, ...program(), ...words], words, options)
      .result
    expect(code).to.equal(1)
    const {error} = JSON.parse(stdout)
    expect(error.code).to.equal('spool_unwritable')
    expect(error.message).to.match(/^stdin can't be kept in .*Nothing was sent\.$/)
    expect(leftOver()).to.deep.equal([])
    expect((await ok(`tb query-transfers ${name} --json`)).stdout).not.to.contain('"id"')
  })

  it('sends nothing where one row is wrong, and says what', async () => {
    const name = await database()
    const wrong = write(
      't.ndjson',
      rows((line, index) => (index === 8600 ? line.replace('"amount":"', '"amount":"-') : line)),
    )
    const {code, stderr} = await run(`tb create-transfers ${name} --file ${wrong}`)
    expect(code).to.equal(2)
    expect(stderr).to.match(/t\.ndjson line 8601: amount can't be negative/)
    const double = write(
      'd.ndjson',
      rows((line, index) => (index === 8600 ? row(3) : line)),
    )
    expect((await run(`tb create-transfers ${name} --file ${double}`)).stderr).to.match(
      /line 8601: id is .* the same as d\.ndjson line 4: id/,
    )
    expect((await ok(`tb query-transfers ${name} --json`)).stdout).not.to.contain('"id"')
  })

  it('is created once, whenever the command dies: the same command resumes it, and so does the outbox', async () => {
    const name = await database()
    const words = `tb create-transfers ${name} --file ${write('t.ndjson', rows())} --batch-size 2000`
    const proxy = await startLossyProxy(service.port)
    env = {...env, PARIX_BASE_URL: proxy.baseUrl}
    for (const [request, fate] of [
      [1, 'hold-answer'],
      [3, 'hold-request'],
      [2, 'hold-answer'],
    ] as const) {
      let requests = 0
      proxy.choose = (path) => (path.endsWith('/create_transfers') && ++requests === request ? fate : 'pass')
      const held = proxy.held()
      const running = startParix(words, {home, env, cwd: home.path})
      await held
      running.child.kill('SIGKILL')
      await running.result
      expect(await inOutbox()).to.equal(1)
    }
    proxy.choose = () => 'pass'
    const [{id}] = json(await ok('tb outbox list --json')).entries
    const resumed = json(await ok(`tb outbox resume ${id} --json`)).resumed[0].answer
    expect(resumed.responsePayload).to.have.length(ROWS)
    expect(resumed.responsePayload[ROWS - 1]).to.include({index: ROWS - 1, id: String(2n ** 100n + BigInt(ROWS - 1))})
    expect(await inOutbox()).to.equal(0)
    expect(
      json(await ok(`${words} --json`)).responsePayload.every(({result}: {result: string}) => result === 'exists'),
    ).to.equal(true)
    const count = (await ok(`tb query-transfers ${name} --all --json`)).stdout.trimEnd().split('\n').length
    expect(count).to.equal(ROWS)
    await proxy.stop()
  })

  it('stays in the outbox until its result was written', async () => {
    const name = await database()
    const words = `tb create-transfers ${name} --file ${write('t.ndjson', rows())} --json`
    const running = startParix(words, {home, env, cwd: home.path})
    running.child.stdout!.destroy()
    const {code, stderr} = await running.result
    expect(code).to.equal(75)
    expect(stderr).to.match(/9000 transfers \(id \d+ to \d+\) are in/)
    expect(await inOutbox()).to.equal(1)
    expect(json(await ok(words)).responsePayload).to.have.length(ROWS)
    expect(await inOutbox()).to.equal(0)
  })
})
