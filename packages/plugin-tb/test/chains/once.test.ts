import {makeHome, parix, startParix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'
import {type LossyProxy, seededRandom, startLossyProxy} from '../support/lossy-proxy.js'
import {tb} from '../support/tb.js'

const KILLS = 3
const SEED = Number(process.env.EXACTLY_ONCE_SEED ?? 20261127)
const LIMITED = 2

describe('a chain happens once, and as a whole', function () {
  this.timeout(60_000)
  let ledger: LocalLedger
  let proxy: LossyProxy
  let home: TestHome
  before(async () => {
    ledger = await startLocalLedger()
    proxy = await startLossyProxy(ledger.port)
    await ledger.operate(
      'create_accounts',
      [1, 2, 3, 4, 5, 6].map((id) => ({id, ledger: 1, code: 1, ...(id === 6 && {flags: LIMITED})})),
    )
    await move({id: 60, debit_account_id: 1, credit_account_id: 6, amount: 1000})
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

  const env = (more: Record<string, string> = {}) => ({
    PARIX_API_KEY: ledger.apiKey,
    PARIX_BASE_URL: proxy.baseUrl,
    PARIX_DATABASE: ledger.database,
    PARIX_RETRY_DELAY: '1ms',
    ...more,
  })
  const run = (words: string, more: Record<string, string> = {}) => tb(`${words} --json`, {home, env: env(more)})
  const move = (event: object) => ledger.operate('create_transfers', [{ledger: 1, code: 1, ...event}])
  const coded = (code: number) => ledger.operate('query_transfers', {code, limit: 8189, flags: 0})
  const entries = async () => (await tb('outbox list --json', {home})).json().entries

  /** Responses to create calls are lost until `proxy.choose` says something else. */
  const loseAnswers = () => {
    proxy.choose = (path) => (path.endsWith('create_transfers') ? 'lose-answer' : 'pass')
  }

  it('20 processes that reverse one transfer at once create one reversal, and all of them succeed', async () => {
    await move({id: 100, debit_account_id: 1, credit_account_id: 2, amount: 70, code: 31})
    const all = await Promise.all(
      Array.from({length: 20}, () => parix('tb reverse 100 --code 32 --json', {home, env: env()})),
    )
    for (const {code, stdout, stderr} of all) expect(code, stdout + stderr).to.equal(0)
    const ids = all.map(({stdout}) => JSON.parse(stdout).responsePayload[0].id)
    expect(new Set(ids).size).to.equal(1)
    const rows = await coded(32)
    expect(rows.map(({id, amount, debit_account_id}) => [id, amount, debit_account_id])).to.deep.equal([
      [ids[0], '70', '2'],
    ])
    expect(await entries()).to.deep.equal([])
  })

  it('a key means what it meant the first time, whichever side the balances are on since', async () => {
    // Neither has a limit: one owes 5 and has 7 afterwards, the other the other way round.
    await ledger.operate(
      'create_accounts',
      [41, 42, 43].map((id) => ({id, ledger: 1, code: 1})),
    )
    await move({id: 9130, debit_account_id: 41, credit_account_id: 42, amount: 5})
    const commands = ['41', '42', '41,42'].map(
      (from, index) => `sweep --from ${from} --to 43 --amount max --code 94${index} --key kept-${index}`,
    )
    for (const words of commands) expect((await run(words)).code).to.equal(0)
    await move({id: 9131, debit_account_id: 42, credit_account_id: 41, amount: 7})
    const rows = await coded(942)
    for (const words of commands) {
      const {code, stdout, stderr} = await run(words)
      expect(code, `${words}\n${stdout}${stderr}`).to.equal(0)
    }
    expect(await coded(942)).to.deep.equal(rows)
    expect([(await coded(940)).length, (await coded(941)).length, rows.length]).to.deep.equal([1, 1, 2])
  })

  it('parts that are reversed at once never add up to more than the transfer', async () => {
    await move({id: 110, debit_account_id: 1, credit_account_id: 2, amount: 100})
    const amounts = [20, 30, 40, 60]
    const all = await Promise.all(
      amounts.map((amount) => parix(`tb reverse 110 --amount ${amount} --code 33`, {home, env: env()})),
    )
    const done = amounts.filter((_, index) => all[index]!.code === 0)
    for (const {code, stderr} of all.filter((result) => result.code !== 0)) {
      expect([code, stderr]).to.deep.equal([2, stderr])
      expect(stderr).to.match(/is left, \d+ was asked for/)
      expect(stderr).not.to.contain('ALARM')
    }
    const rows = await coded(33)
    expect(rows.map(({amount}) => Number(amount)).toSorted((a, b) => a - b)).to.deep.equal(done)
    expect(done.reduce((sum, amount) => sum + amount, 0)).to.be.at.most(100)
    expect(done.length).to.be.at.least(2)
    expect(await entries()).to.deep.equal([])
  })

  it('a reversal that the ledger refused is made later, although its id is used up', async () => {
    // What account 6 has was spent: it can't give 600 back.
    await move({id: 120, debit_account_id: 1, credit_account_id: 6, amount: 600, code: 34})
    await move({id: 121, debit_account_id: 6, credit_account_id: 1, amount: 1500})
    for (let times = 0; times < 2; times++)
      expect((await run('reverse 120 --code 35')).json().error).to.include({code: 'exceeds_credits', exitCode: 6})
    await move({id: 122, debit_account_id: 1, credit_account_id: 6, amount: 1500})
    const reversed = await run('reverse 120 --code 35')
    expect(reversed.code, reversed.stdout).to.equal(0)
    const again = await run('reverse 120 --code 35')
    expect(again.json().responsePayload).to.have.length(1)
    const {id} = reversed.json().responsePayload[0]
    expect(again.json().responsePayload[0].id).to.equal(id)
    expect(await coded(35)).to.have.length(1)
    const rows = (await run('statement 6')).json().rows as {id: string; reversedBy?: string}[]
    expect(
      rows.find((row) => row.id === '120')?.reversedBy,
      'the statement finds it after the id that is used up',
    ).to.equal(id)
    expect(await entries()).to.deep.equal([])
  })

  it('a reversal whose response was lost is settled by the same command, and not made a second time', async () => {
    await move({id: 130, debit_account_id: 1, credit_account_id: 2, amount: 100})
    for (const part of ['--amount 30 --code 36', '--code 37']) {
      loseAnswers()
      expect((await run(`reverse 130 ${part}`, {PARIX_RETRY_FOR: '1ms'})).code).to.equal(75)
      proxy.choose = () => 'pass'
      const settled = await run(`reverse 130 ${part}`)
      expect(settled.json().responsePayload[0].result, settled.stderr).to.equal('exists')
      expect(settled.stderr).to.contain('resumed with its own ids')
    }
    expect((await coded(36)).map(({amount}) => amount)).to.deep.equal(['30'])
    expect((await coded(37)).map(({amount}) => amount)).to.deep.equal(['70'])
  })

  it('the same command after a lost response resumes the chain, also where it voids what it created itself', async () => {
    const words = 'entry --debit 6=5 --credit 2=4 --credit 3=1 --code 38 --if-available 10 --control 4'
    loseAnswers()
    const lost = await run(words, {PARIX_RETRY_FOR: '1ms'})
    expect(lost.code, lost.stdout).to.equal(75)
    proxy.choose = () => 'pass'
    const settled = await run(words)
    expect(settled.json().responsePayload.map(({id}: {id: string}) => id)).to.deep.equal(lost.json().error.ids)
    expect(await coded(38)).to.have.length(4)
    expect(await entries()).to.deep.equal([])
  })

  it('what is announced on stderr is the chain that is sent, with its ids', async () => {
    const {stderr, stdout, code} = await tb('entry --debit 1=5 --credit 2=4 --credit 3=1 --code 39', {home, env: env()})
    expect(code, stderr).to.equal(0)
    const announced = [...stderr.matchAll(/^ *\d +(\d{30,}) +1 +\d /gm)].map(([, id]) => id)
    expect((await coded(39)).map(({id}) => id)).to.deep.equal(announced)
    for (const id of announced) expect(stdout).to.contain(id)
  })

  it('--key: given twice, by two at once as well, the entry is there once', async () => {
    const words = 'tb entry --debit 1=5 --credit 2=4 --credit 3=1 --code 40 --key INV-17 --json'
    const both = await Promise.all([0, 1, 2].map(() => parix(words, {home, env: env()})))
    for (const {code, stdout} of both) expect(code, stdout).to.equal(0)
    expect(await coded(40)).to.have.length(2)
    const other = await run('entry --debit 1=7 --credit 2=6 --credit 3=1 --code 40 --key INV-17')
    expect(other.json().error.code).to.match(/^exists_with_different_/)
  })

  it('an entry that is not balanced is refused with the difference, and nothing is sent', async () => {
    const {code, stderr} = await tb('entry --debit 1=500 --credit 2=450 --code 41', {home, env: env()})
    expect(code).to.equal(2)
    expect(stderr).to.contain('debits of 500, credits of 450: debits are 50 more. Nothing was sent.')
    expect(await coded(41)).to.deep.equal([])
  })

  it(`kill -9 at ${KILLS} random moments: the entry is there as a whole or not at all, and once after resume`, async () => {
    const random = seededRandom(SEED)
    for (let number = 1; number <= KILLS; number++) {
      const data = `--user-data-64 ${number}`
      const running = startParix(
        `tb entry --debit 1=50 --debit 2=50 --credit 3=60 --credit 5=40 --control 4 --code 42 ${data} --json`,
        {home, env: env()},
      )
      await running.saw(/FLAGS/, 'stderr').catch(() => {})
      if (random() < 0.8) await new Promise((resolve) => setTimeout(resolve, random() * 20))
      running.child.kill('SIGKILL')
      await running.result
      const legs = async () => (await coded(42)).filter(({user_data_64}) => user_data_64 === String(number)).length
      expect(await legs()).to.be.oneOf([0, 4])
      expect((await tb('outbox resume', {home, env: env()})).code).to.equal(0)
      expect(await legs()).to.equal(4)
    }
  })

  it('--dry-run connects to nothing where the ledgers are known, and --as prints code', async () => {
    const nowhere = {PARIX_BASE_URL: 'http://127.0.0.1:9'}
    const words = 'entry --debit 1=5 --credit 2=4 --credit 3=1 --code 43 --ledger 1 --key K --dry-run'
    const table = await tb(words, {home, env: env(nowhere)})
    expect(table.code, table.stderr).to.equal(0)
    expect(table.stdout).to.match(
      /# +ID +FROM +TO +AMOUNT +LEDGER +FLAGS\n1 +\d+ +1 +2 +4 +1 +linked\n2 +\d+ +1 +3 +1 +1 +-\n/,
    )
    const {requests, code} = (await run(`${words} --as repl`, nowhere)).json()
    expect(requests[0]).to.have.length(2)
    expect(code.form).to.equal('repl')
    expect(code.text).to.match(/^create_transfers id=\d+ debit_account_id=1 credit_account_id=2 amount=4 /)
    expect(await coded(43)).to.deep.equal([])
    expect((await run('entry --debit 1=5 --credit 2=5 --code 43 --as repl')).code).to.equal(2)
  })
})
