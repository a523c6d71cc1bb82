import {appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, residentParix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from './support/local-ledger.js'
import {type LossyProxy, startLossyProxy} from './support/lossy-proxy.js'

describe('the history of this machine', function () {
  this.timeout(60_000)
  let ledger: LocalLedger
  let proxy: LossyProxy
  let home: TestHome
  before(async () => {
    ledger = await startLocalLedger()
    proxy = await startLossyProxy(ledger.port)
    await ledger.operate('create_accounts', [
      {id: 1, ledger: 1, code: 1},
      {id: 2, ledger: 1, code: 1, flags: 2},
    ])
  })
  after(async () => {
    await proxy.stop()
    await ledger.stop()
  })
  beforeEach(() => {
    home = makeHome()
    proxy.choose = () => 'pass'
  })
  afterEach(() => home.remove())

  const run = (words: string, more: Record<string, string> = {}, stdin?: string) =>
    residentParix(words, {
      home,
      env: {PARIX_API_KEY: ledger.apiKey, PARIX_BASE_URL: proxy.baseUrl, PARIX_RETRY_DELAY: '1ms', ...more},
      cwd: home.path,
      ...(stdin !== undefined && {stdin}),
    })
  const json = async (words: string) => JSON.parse((await run(`${words} --json`)).stdout)
  const directory = () => join(home.path, '.local/state/parix/history')
  const move = (amount: number, more = '') =>
    `tb create-transfers books --from 2 --to 1 --amount ${amount} --ledger 1 --code 1 ${more}`

  it('has what was created and what was refused, with ids and the numbers behind the refusal; it is private', async () => {
    const deposit = 'tb create-transfers books --from 1 --to 2 --amount 100 --ledger 1 --code 1 --id 10'
    expect((await run(deposit)).code).to.equal(0)
    expect((await run(move(500, '--id 11'))).code).to.equal(6)
    const {entries, path, recording} = await json('history')
    expect([path, recording]).to.deep.equal([directory(), true])
    expect(entries).to.have.length(2)
    const [refused, created] = entries
    expect(created).to.include({
      command: 'tb create-transfers',
      outcome: 'created',
      count: 1,
      refused: 0,
      firstId: '10',
    })
    expect(created.events[0]).to.deep.include({id: '10', result: 'created'})
    expect(created.events[0].sent).to.include({debit_account_id: '1', amount: '100'})
    expect(created.database).to.deep.equal({id: ledger.database, name: 'books'})
    expect(refused).to.include({outcome: 'refused', refused: 1})
    expect(refused.error.code).to.equal('exceeds_credits')
    expect(refused.error.details[0]).to.contain('100 is left, 500 was asked for')
    // Last week's question, by the id of the transfer: the ledger itself knows nothing of it.
    const shown = await run('history show 11')
    expect(shown.stdout).to.contain('exceeds_credits').and.to.contain('100 is left, 500 was asked for')
    expect(statSync(directory()).mode & 0o777).to.equal(0o700)
    for (const name of readdirSync(directory())) expect(statSync(join(directory(), name)).mode & 0o777).to.equal(0o600)
    expect((await run('history')).stdout).to.match(/tb create-transfers +books +1 +refused: exceeds_credits +11\n/)
  })

  it('filters by database, id, time and refusal; an id that was never written is not found', async () => {
    await run(move(1, '--id 21'))
    await run(move(500, '--id 22'))
    const ids = async (flags: string) =>
      (await json(`history ${flags}`)).entries.map(({firstId}: {firstId: string}) => firstId)
    expect(await ids('--id 21')).to.deep.equal(['21'])
    expect(await ids('--refused')).to.deep.equal(['22'])
    expect(await ids('--database books --limit 1')).to.deep.equal(['22'])
    expect(await ids(`--database ${ledger.database} --since 1h`)).to.deep.equal(['22', '21'])
    expect(await ids('--database other')).to.deep.equal([])
    expect(await ids('--since 2100-01-01')).to.deep.equal([])
    expect((await run('history show 99')).code).to.equal(3)
  })

  it('a lost response is unknown, and settled by the command that resumes it; reading leaves no line', async () => {
    proxy.choose = (path) => (path.endsWith('create_transfers') ? 'lose-answer' : 'pass')
    expect((await run(move(1, '--user-data-64 5'), {PARIX_RETRY_FOR: '1ms'})).code).to.equal(75)
    proxy.choose = () => 'pass'
    const [unknown] = (await json('history')).entries
    expect(unknown).to.include({outcome: 'unknown'})
    expect((await run('tb outbox resume')).code).to.equal(0)
    await run('tb balance books 1')
    const [settled, ...others] = (await json('history')).entries
    expect(others).to.deep.equal([])
    expect(settled).to.include({id: unknown.id, outcome: 'created', command: 'tb outbox resume', begun: unknown.at})
  })

  it('every kind of write is there: accounts, chains, posts, imports, the accounts of a chart', async () => {
    home.write('t.csv', 'id,debit_account_id,credit_account_id,amount,ledger,code\n41,1,2,5,1,1\n42,2,1,500000,1,1\n')
    home.write(
      'parix.chart.yaml',
      'version: 1\nledgers: {L: {id: 1, scale: 0}}\ncodes: {account: {c: 1}}\naccounts: {a: {id: 400, ledger: L, code: c}}\n',
    )
    for (const words of [
      'tb create-accounts books --id 401 --ledger 1 --code 1',
      'tb entry books --debit 1=5 --credit 401=3 --credit 400=2 --code 1',
      'tb reserve books --from 1 --to 2 --amount 5 --code 1 --key K41',
      'tb import transfers t.csv books --refused collect --no-chart',
      'chart apply books',
    ])
      await run(words)
    const {entries} = await json('history')
    expect(
      entries.map(({command, outcome, count}: Record<string, unknown>) => [command, outcome, count]).reverse(),
    ).to.deep.equal([
      ['tb create-accounts', 'created', 1],
      ['tb entry', 'refused', 2],
      ['tb reserve', 'created', 1],
      ['tb import transfers', 'refused', 2],
      ['chart apply', 'created', 1],
    ])
    expect(entries[1]).to.include({file: 't.csv', refused: 1})
  })

  it('off by PARIX_HISTORY or by the settings: nothing is written', async () => {
    for (const off of ['off', '0', 'no']) expect((await run(move(1), {PARIX_HISTORY: off})).code).to.equal(0)
    home.write('.config/parix/config.json', '{"history": false}')
    chmodSync(join(home.path, '.config/parix/config.json'), 0o600)
    expect((await run(move(1))).code).to.equal(0)
    expect(await json('history')).to.deep.include({entries: [], recording: false})
    expect((await run(move(1), {PARIX_HISTORY: 'on'})).code).to.equal(0)
    expect((await json('history')).entries).to.have.length(1)
  })

  it('that it can not be written does not make a payment fail: one sentence on stderr, the same exit code and output', async () => {
    mkdirSync(join(home.path, '.local/state/parix'), {recursive: true})
    writeFileSync(directory(), 'a file where the directory would be')
    const paid = await run(`${move(1)} --json`)
    expect(paid.code, paid.stderr).to.equal(0)
    expect(JSON.parse(paid.stdout).responsePayload[0].result).to.equal('created')
    expect(paid.stderr).to.contain('This is not in the history of this machine')
    const refused = await run(move(500_000))
    expect([refused.code, refused.stderr.match(/not in the history/g)?.length]).to.deep.equal([6, 1])
    expect((await run('tb outbox list --json')).stdout).to.contain('"entries": []')
  })

  it('a line that a crash cut off is passed over, and hides no other', async () => {
    await run(move(1, '--id 61'))
    const [file] = readdirSync(directory())
    appendFileSync(join(directory(), file!), '{"version":1,"id":"cut')
    await run(move(1, '--id 62'))
    const ids = (await json('history')).entries.map(({firstId}: {firstId: string}) => firstId)
    expect(ids).to.deep.equal(['62', '61'])
  })

  it('a damaged line is passed over, and one of a newer version is said, left as it is', async () => {
    await run(move(1, '--id 63'))
    const path = join(directory(), readdirSync(directory())[0]!)
    const [line] = readFileSync(path, 'utf8').split('\n')
    const whole = JSON.parse(line!)
    const damages = [{events: [null]}, {database: null}, {at: 5}, {outcome: 'paid'}, {error: 5}, {count: null}]
    for (const damage of damages) appendFileSync(path, `${JSON.stringify({...whole, id: 'damaged', ...damage})}\n`)
    for (const words of ['history', 'history --database books', 'history show 63']) {
      const shown = await run(words)
      expect(shown.code, shown.stderr).to.equal(0)
      expect(shown.stdout).to.contain(whole.id).and.not.to.contain('damaged')
    }
    appendFileSync(path, '{"version":2}\n')
    const before = readFileSync(path, 'utf8')
    const newer = await run('history')
    expect([newer.code, newer.stdout]).to.deep.equal([1, ''])
    expect(newer.stderr).to.contain('was written by a newer version of parix')
    expect(readFileSync(path, 'utf8')).to.equal(before)
  })

  it('a directory in the place of a day, or a file in that of the history, is said in words and stops no payment', async () => {
    const raw = /\bE[A-Z]{3,}:|, (open|read|rm)\b|^ {4}at /m
    const day = `${new Date().toISOString().slice(0, 10)}.ndjson`
    mkdirSync(join(directory(), day), {recursive: true, mode: 0o700})
    const blocked = await run(move(1, '--id 66'))
    expect(blocked.code, blocked.stderr).to.equal(0)
    expect(blocked.stderr)
      .to.match(/not in the history of this machine: it is a directory/)
      .and.not.match(raw)
    for (const words of ['history', 'history show 66', 'history prune --all --confirm all']) {
      const {code, stderr} = await run(words)
      expect(code, stderr).to.equal(1)
      expect(stderr)
        .to.match(/is a directory, not a file/)
        .and.not.match(raw)
    }
    rmSync(directory(), {recursive: true})
    writeFileSync(directory(), '')
    const [paid, shown] = [await run(move(1, '--id 67')), await run('history')]
    expect([paid.code, shown.code]).to.deep.equal([0, 1])
    expect(paid.stderr + shown.stderr)
      .to.match(/not a directory/)
      .and.not.match(raw)
  })

  it('prune removes whole days, and all of it only when that is confirmed', async () => {
    await run(move(1, '--id 71'))
    const [today] = readdirSync(directory())
    const line = readFileSync(join(directory(), today!), 'utf8')
    for (const day of ['2026-01-01', '2026-01-02'])
      writeFileSync(join(directory(), `${day}.ndjson`), line, {mode: 0o600})
    writeFileSync(join(directory(), 'notes.txt'), 'not ours')
    expect((await json('history prune --older-than 2026-01-02')).removed).to.deep.equal(['2026-01-01'])
    expect((await run('history prune')).code).to.equal(2)
    expect((await run('history prune --all')).code).to.equal(2)
    expect((await run('history prune --all --confirm yes')).code).to.equal(2)
    expect(readdirSync(directory())).to.have.members(['2026-01-02.ndjson', today!, 'notes.txt'])
    expect((await json('history prune --all --confirm all')).removed).to.have.length(2)
    expect(readdirSync(directory())).to.deep.equal(['notes.txt'])
  })
})
