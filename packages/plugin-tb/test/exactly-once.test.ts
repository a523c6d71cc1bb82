import {makeHome, parix, startParix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from './support/local-ledger.js'
import {type Fate, type LossyProxy, seededRandom, startLossyProxy} from './support/lossy-proxy.js'
import {type TbResult, tb} from './support/tb.js'

/** `npm run test:exactly-once` sets 1000, each call a process of its own. */
const TRANSFERS = Number(process.env.EXACTLY_ONCE_TRANSFERS ?? 150)
const BY_PROCESS = process.env.EXACTLY_ONCE_PROCESSES === '1'
const SEED = Number(process.env.EXACTLY_ONCE_SEED ?? 20261124)

describe('exactly once, on the real ledger', function () {
  this.timeout(BY_PROCESS ? 3_600_000 : 60_000)
  let ledger: LocalLedger
  let proxy: LossyProxy
  let home: TestHome
  before(async () => {
    ledger = await startLocalLedger()
    proxy = await startLossyProxy(ledger.port)
    await ledger.operate(
      'create_accounts',
      [1, 2].map((id) => ({id, ledger: 1, code: 1})),
    )
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

  /** How often each number stands in the ledger as user_data_64 of transfers with this code. */
  async function made(code: number): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    for (let from = '0'; ; ) {
      const rows = await ledger.operate('query_transfers', {code, limit: 8189, timestamp_min: from, flags: 0})
      for (const row of rows) counts.set(String(row.user_data_64), (counts.get(String(row.user_data_64)) ?? 0) + 1)
      if (rows.length < 8189) return counts
      from = String(BigInt(rows.at(-1)!.timestamp!) + 1n)
    }
  }

  it(`must show 4: a proxy that loses requests and answers at random, ${TRANSFERS} transfers, each made once`, async () => {
    const random = seededRandom(SEED)
    const losses: Fate[] = ['lose-request', 'lose-answer', 'cut-answer', 'bad-gateway']
    // Half of all requests meet with something, and short patience makes some calls give up: those are resumed.
    proxy.choose = () => (random() < 0.5 ? 'pass' : losses[Math.floor(random() * losses.length)]!)
    let calls = 0
    let resumed = 0
    for (let next = 1; next <= TRANSFERS; calls++) {
      const size = Math.min(1 + Math.floor(random() * 5), TRANSFERS - next + 1)
      const numbers = Array.from({length: size}, () => next++)
      const chained = size > 1 && random() < 0.3
      const stdin = numbers
        .map((number, index) =>
          JSON.stringify({
            from: 1,
            to: 2,
            amount: number,
            ledger: 1,
            code: 7,
            user_data_64: number,
            ...(chained && index < size - 1 && {flags: ['linked']}),
          }),
        )
        .join('\n')
      const command = 'create-transfers --file - --json'
      const options = {env: env({PARIX_RETRY_FOR: random() < 0.5 ? '2ms' : '10s'}), stdin}
      for (let result = await call(command, options); result.code !== 0; resumed++) {
        expect(result.code, result.stdout + result.stderr).to.equal(75)
        const {error} = JSON.parse(result.stdout)
        if (error.outbox === undefined) {
          // Certain that nothing was created: the same command again.
          result = await call(command, options)
          continue
        }
        expect(error.next[0]).to.equal(`parix tb outbox resume ${error.outbox}`)
        // Either way that the error names continues: the command that it prints, or the same one again.
        const goOn = random() < 0.5 ? `outbox resume ${error.outbox} --json` : command
        result = await call(goOn, {...options, env: env()})
      }
    }
    const counts = await made(7)
    expect(counts.size).to.equal(TRANSFERS)
    expect([...counts.values()].every((count) => count === 1)).to.equal(true)
    const [account] = await ledger.operate('lookup_accounts', ['2'])
    expect(account!.credits_posted).to.equal(String((TRANSFERS * (TRANSFERS + 1)) / 2))
    const {entries} = (await tb('outbox list --json', {home})).json()
    expect(entries).to.deep.equal([])
    for (const fate of losses) expect(proxy.fates[fate], fate).to.be.greaterThan(0)
    if (BY_PROCESS) console.log({calls, resumed, fates: proxy.fates, seed: SEED})
  })

  async function call(
    words: string,
    options: {env: Record<string, string>; stdin: string},
  ): Promise<Pick<TbResult, 'code' | 'stdout' | 'stderr'>> {
    if (!BY_PROCESS) return tb(words, {home, ...options})
    const {code, stdout, stderr} = await parix(`tb ${words}`, {home, ...options})
    return {code: code ?? -1, stdout, stderr}
  }

  /** A command whose next request is held; fails where it ends before. */
  function startHeld(words: string, options: {home: TestHome; env: Record<string, string>; stdin?: string}) {
    const held = proxy.held()
    const running = startParix(words, options)
    const ended = running.result.then(({code, stderr}) => {
      throw new Error(`ended with ${code} before it was held: ${stderr}`)
    })
    return {child: running.child, result: running.result, held: Promise.race([held, ended])}
  }

  const MOVE = 'tb create-transfers --from 1 --to 2 --amount 5 --ledger 1'

  it('kill -9 between outbox and send, then outbox resume: made once', async () => {
    proxy.choose = () => 'hold-request'
    const running = startHeld(`${MOVE} --code 11 --user-data-64 1`, {home, env: env()})
    await running.held
    running.child.kill('SIGKILL')
    expect((await running.result).signal).to.equal('SIGKILL')
    expect(await made(11)).to.deep.equal(new Map())
    proxy.choose = () => 'pass'
    const id = /Transfer (\d+)/.exec((await running.result).stderr)![1]!
    const {entries} = (await tb('outbox list --json', {home})).json()
    expect(entries).to.have.length(1)
    expect(entries[0]).to.include({firstId: id, held: false})
    const resumed = await parix(`tb outbox resume ${entries[0].id} --json`, {home, env: env()})
    expect(resumed.code).to.equal(0)
    expect(JSON.parse(resumed.stdout).resumed[0].answer.responsePayload[0]).to.include({id, result: 'created'})
    expect(await made(11)).to.deep.equal(new Map([['1', 1]]))
  })

  it('kill -9 between send and answer, then outbox resume: made once', async () => {
    proxy.choose = () => 'hold-answer'
    const running = startHeld(`${MOVE} --code 12 --user-data-64 1`, {home, env: env()})
    await running.held
    running.child.kill('SIGKILL')
    await running.result
    expect(await made(12)).to.deep.equal(new Map([['1', 1]]))
    proxy.choose = () => 'pass'
    const resumed = await tb('outbox resume --json', {home, env: env()})
    expect(resumed.json().resumed[0].answer.responsePayload[0]).to.include({result: 'exists'})
    expect(await made(12)).to.deep.equal(new Map([['1', 1]]))
    expect((await tb('outbox list --json', {home})).json().entries).to.deep.equal([])
  })

  it('kill -9 at any moment: what is in the outbox is made once, what is not was never sent', async () => {
    const random = seededRandom(SEED + 1)
    const kills = BY_PROCESS ? 40 : 4
    for (let number = 1; number <= kills; number++) {
      const running = startParix(`${MOVE} --code 13 --user-data-64 ${number} --json`, {home, env: env()})
      await running.saw(/Transfer \d+/, 'stderr').catch(() => {})
      if (random() < 0.8) await new Promise((resolve) => setTimeout(resolve, random() * 20))
      running.child.kill('SIGKILL')
      await running.result
      const before = await made(13)
      expect(before.get(String(number)) ?? 0).to.be.at.most(1)
      const {entries} = (await tb('outbox list --json', {home})).json()
      const answered = before.get(String(number)) === 1 && entries.length === 0
      expect(entries).to.have.length(answered ? 0 : 1)
      expect((await tb('outbox resume', {home, env: env()})).code).to.equal(0)
      expect((await made(13)).get(String(number))).to.equal(1)
    }
  })

  it('Ctrl-C while waiting: exit code 130, what is known, and the command that continues', async () => {
    proxy.choose = () => 'hold-answer'
    const running = startHeld(`${MOVE} --code 14 --user-data-64 1 --id 1400`, {home, env: env()})
    await running.held
    running.child.kill('SIGINT')
    const {code, stdout, stderr} = await running.result
    expect({code, stdout}).to.deep.equal({code: 130, stdout: ''})
    const command =
      /Interrupted\. It is unknown whether 1 transfer \(id 1400\)[^\n]*\nNext: parix (tb outbox resume \S+)/.exec(
        stderr,
      )![1]!
    proxy.choose = () => 'pass'
    expect((await tb(command.replace('tb ', ''), {home, env: env()})).code).to.equal(0)
    expect(await made(14)).to.deep.equal(new Map([['1', 1]]))
  })

  it('one command given many times at once pays as often as it was given', async () => {
    const times = BY_PROCESS ? 40 : 6
    const all = await Promise.all(Array.from({length: times}, () => parix(`${MOVE} --code 17`, {home, env: env()})))
    for (const {code, stderr} of all) expect(code, stderr).to.equal(0)
    expect(await made(17)).to.deep.equal(new Map([['0', times]]))
    expect((await tb('outbox list --json', {home})).json().entries).to.deep.equal([])
  })

  it('two commands that resume one entry at once do no harm', async () => {
    proxy.choose = () => 'lose-answer'
    const first = await tb(`${MOVE.replace('tb ', '')} --code 15 --user-data-64 1`, {
      home,
      env: env({PARIX_RETRY_FOR: '1ms'}),
    })
    expect(first.code).to.equal(75)
    const {entries} = (await tb('outbox list --json', {home})).json()
    proxy.choose = () => 'pass'
    const both = await Promise.all(
      [0, 1].map(() => parix(`tb outbox resume ${entries[0].id} --json`, {home, env: env()})),
    )
    const codes = both.map(({code}) => code).toSorted()
    // The slower one finds it answered (3), being worked on (75), or does the same again (0).
    expect(codes[0], both.map(({stdout}) => stdout).join()).to.equal(0)
    expect([0, 3, 75]).to.include(codes[1])
    expect(await made(15)).to.deep.equal(new Map([['1', 1]]))
    expect((await tb('outbox list --json', {home})).json().entries).to.deep.equal([])
  })

  it('a file of several requests, cut off in the middle by kill -9, is finished by resume', async () => {
    const stdin = Array.from({length: 50}, (_, index) =>
      JSON.stringify({from: 1, to: 2, amount: 1, ledger: 1, code: 16, user_data_64: index + 1}),
    ).join('\n')
    let requests = 0
    proxy.choose = () => (++requests === 3 ? 'hold-answer' : 'pass')
    const running = startHeld('tb create-transfers --file - --batch-size 10', {home, stdin, env: env()})
    await running.held
    running.child.kill('SIGKILL')
    await running.result
    expect((await made(16)).size).to.equal(30)
    const {entries} = (await tb('outbox list --json', {home})).json()
    expect(entries[0]).to.include({events: 50, answered: 20})
    const resumed = await tb('outbox resume --json', {home, env: env()})
    expect(resumed.json().resumed[0].answer.responsePayload).to.have.length(50)
    const counts = await made(16)
    expect(counts.size).to.equal(50)
    expect([...counts.values()].every((count) => count === 1)).to.equal(true)
  })
})
