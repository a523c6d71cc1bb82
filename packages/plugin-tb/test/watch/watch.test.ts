import {createHmac} from 'node:crypto'
import {readFileSync, writeFileSync} from 'node:fs'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {makeHome, startParix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'
import {tb} from '../support/tb.js'

interface Event {
  type: string
  timestamp: string
  transfer: {id: string; timestamp: string}
  debit_account: Record<string, string>
  credit_account: Record<string, string>
}

describe('tb watch', function () {
  this.timeout(120_000)
  let ledger: LocalLedger
  let home: TestHome
  let next = 1000

  before(async () => {
    ledger = await startLocalLedger()
    await ledger.operate(
      'create_accounts',
      [1, 2, 3].map((id) => ({id, ledger: 700, code: 10, flags: id === 1 ? 8 : 0})),
    )
  })
  after(() => ledger.stop())
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const env = () => ({PARIX_API_KEY: ledger.apiKey, PARIX_BASE_URL: ledger.baseUrl, PARIX_DATABASE: 'books'})
  const watch = (words: string, more: Record<string, string> = {}) =>
    tb(`watch ${words}`, {home, env: {...env(), ...more}})
  const events = (text: string): Event[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  const transfer = (fields: Record<string, unknown> = {}) => ({
    id: String(next++),
    debit_account_id: '1',
    credit_account_id: '2',
    amount: '5',
    ledger: 700,
    code: 1,
    ...fields,
  })
  const create = (...transfers: Record<string, unknown>[]) => ledger.operate('create_transfers', transfers)

  it('prints transfers in the form of TigerBeetle change events, and what became of pending ones', async () => {
    const [hold, other, plain] = [transfer({flags: 2}), transfer({flags: 2, timeout: 3600}), transfer({amount: '7'})]
    await create(plain, hold, other)
    const from = (await ledger.operate('lookup_transfers', [plain.id]))[0]!.timestamp
    await create(
      transfer({pending_id: hold.id, flags: 4, amount: '3'}),
      transfer({pending_id: other.id, flags: 8, amount: '0'}),
    )
    const {stdout, code} = await watch(`--from ${from} --until-idle`)
    expect(code).to.equal(0)
    const lines = events(stdout)
    expect(lines.map(({type}) => type)).to.deep.equal([
      'single_phase',
      'two_phase_pending',
      'two_phase_pending',
      'two_phase_posted',
      'two_phase_voided',
    ])
    expect(lines[0]).to.deep.equal({
      timestamp: from,
      type: 'single_phase',
      ledger: 700,
      transfer: {
        id: plain.id,
        amount: '7',
        pending_id: '0',
        user_data_128: '0',
        user_data_64: '0',
        user_data_32: 0,
        timeout: 0,
        code: 1,
        flags: 0,
        timestamp: from,
      },
      debit_account: {id: '1'},
      credit_account: {id: '2'},
    })
  })

  it('--accounts adds balances as of each event: those that the ledger keeps for an account with history', async () => {
    const hold = transfer({flags: 2})
    await create(transfer(), hold)
    await create(
      transfer({pending_id: hold.id, flags: 4, amount: '2'}),
      transfer({debit_account_id: '3', credit_account_id: '1'}),
    )
    const rows = await ledger.operate('get_account_balances', {account_id: '1', limit: 8189, flags: 3})
    const columns = ({debits_pending, debits_posted, credits_pending, credits_posted}: Record<string, unknown>) =>
      [debits_pending, debits_posted, credits_pending, credits_posted].map(String)
    // From the beginning, and from the middle, where the balances before have to be added up.
    for (const from of ['0', String(rows.at(-3)!.timestamp)]) {
      const seen = events((await watch(`--from ${from} --accounts --account 1 --until-idle`)).stdout)
      const expected = rows.slice(-seen.length)
      expect(seen.map(({timestamp}) => timestamp)).to.deep.equal(expected.map(({timestamp}) => timestamp))
      const own = ({debit_account, credit_account}: Event) =>
        debit_account.id === '1' ? debit_account : credit_account
      expect(seen.map((event) => columns(own(event)))).to.deep.equal(expected.map(columns))
    }
  })

  it('8 writers, and a watcher that is killed again and again: every id, none missing', async () => {
    const cursor = `${home.path}/cursor.json`
    const written: string[] = []
    let kills = 0
    expect((await watch(`--cursor ${cursor} --until-idle`)).stdout).to.equal('')
    const write = async () => {
      for (let batch = 0; kills < 5; batch++) {
        const transfers = Array.from({length: 1 + (batch % 4) * 10}, () => transfer())
        await create(...transfers)
        written.push(...transfers.map(({id}) => id))
      }
    }
    const all = Promise.all(Array.from({length: 8}, write))
    const seen: Event[] = []
    for (; kills < 5; kills++) {
      const running = startParix(`tb watch --cursor ${cursor} --batch-size 7`, {home, env: env()})
      // Killed while it delivers: the cursor may or may not have been written.
      await running.saw(/\n/)
      running.child.kill('SIGKILL')
      seen.push(...events((await running.result).stdout))
    }
    await all
    seen.push(...events((await watch(`--cursor ${cursor} --until-idle`)).stdout))
    const ids = new Set(seen.map(({transfer: {id}}) => id))
    expect(written.filter((id) => !ids.has(id))).to.deep.equal([])
    expect(written.length).to.be.greaterThan(500)
    expect((await watch(`--cursor ${cursor} --until-idle`)).stdout).to.equal('')
  })

  it('nothing can appear before the cursor: TigerBeetle refuses an imported transfer that is not newer than all others', async () => {
    const [newest] = await ledger.operate('query_transfers', {limit: 1, flags: 1})
    const old = transfer({flags: 256, timestamp: String(BigInt(newest!.timestamp!) - 1n)})
    const failure = await create(old).catch((error: Error) => error)
    expect(String(failure)).to.contain('imported_event_timestamp_must_not_regress')
  })

  it('a command that does not take its events gets them again, and none is left out', async () => {
    const cursor = `${home.path}/cursor.json`
    await watch(`--cursor ${cursor} --until-idle`)
    const sent = [transfer(), transfer(), transfer()]
    await create(...sent)
    const script = home.write(
      'take.sh',
      `cat > "$HOME/batch"; echo try >> "$HOME/tries"; [ $(wc -l < "$HOME/tries") -ge 3 ] && cat "$HOME/batch" >> "$HOME/taken"`,
    )
    const words = [
      'watch',
      '--cursor',
      cursor,
      '--until-idle',
      '--batch-size',
      '2',
      '--exec',
      `HOME=${home.path} sh ${script}`,
    ]
    const {code, stderr, json} = await tb([...words, '--json'], {home, env: env()})
    expect(code, stderr).to.equal(0)
    expect(json()).to.include({databaseName: 'books', events: 3})
    expect(stderr).to.match(/2 events not delivered: the command ended with exit code 1/)
    const taken = events(readFileSync(`${home.path}/taken`, 'utf8'))
    expect(taken.map(({transfer: {id}}) => id)).to.deep.equal(sent.map(({id}) => id))
    await create(transfer())
    const failing = await tb([...words.slice(0, -1), 'exit 3', '--retry-for', '1ms'], {home, env: env()})
    expect(failing.code).to.equal(75)
    expect(events((await watch(`--cursor ${cursor} --until-idle`)).stdout)).to.have.length(1)
  })

  it('--forward-to posts signed batches until they are taken', async () => {
    const received: {signature: string; body: string}[] = []
    const server = await hook(async (request) => {
      received.push({signature: String(request.headers['parix-signature']), body: await bodyOf(request)})
      return received.length < 3 ? 503 : 204
    })
    try {
      await create(transfer())
      const from = String((await ledger.operate('query_transfers', {limit: 1, flags: 1}))[0]!.timestamp)
      const words = `--from ${from} --until-idle --forward-to http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
      expect((await watch(words)).code).to.equal(2)
      const {code, stderr} = await watch(words, {PARIX_WEBHOOK_SECRET: 's3cret'})
      expect(code, stderr).to.equal(0)
      expect(new Set(received.map(({body}) => body)).size).to.equal(1)
      expect(received).to.have.length(3)
      const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(received[2]!.signature) ?? []
      expect(mac).to.equal(createHmac('sha256', 's3cret').update(`${seconds}.${received[2]!.body}`).digest('hex'))
      for (const url of ['http://example.org/hook', 'ftp://127.0.0.1/x', 'https://user:pass@example.org/'])
        expect((await watch(`--until-idle --forward-to ${url}`, {PARIX_WEBHOOK_SECRET: 's'})).code, url).to.equal(2)
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })

  it('--forward-to follows no redirect, and repeats neither a password nor what a receiver says', async () => {
    let elsewhere = 0
    const other = await hook(async () => {
      elsewhere++
      return 204
    })
    const {port: away} = other.address() as AddressInfo
    const statuses = [301, 302, 303, 307, 308]
    const server = await hook(async (_, response) => {
      response.setHeader('location', `http://127.0.0.1:${away}/`)
      response.setHeader('x-said', 'not a s3cret')
      return statuses.shift() ?? 307
    })
    try {
      await create(transfer())
      const {port} = server.address() as AddressInfo
      const words = `--from 0 --until-idle --retry-for 1s --forward-to http://127.0.0.1:${port}/hook`
      const {code, stdout, stderr} = await watch(words, {PARIX_WEBHOOK_SECRET: 's3cret'})
      expect([code, elsewhere], stderr).to.deep.equal([75, 0])
      expect(stdout + stderr)
        .to.contain('responded with HTTP 30')
        .and.not.contain('s3cret')
      const named = await watch('--until-idle --forward-to http://me:pass-word@example.org/', {
        PARIX_WEBHOOK_SECRET: 's',
      })
      expect(named.code).to.equal(2)
      expect(named.stdout + named.stderr).not.to.contain('pass-word')
    } finally {
      for (const one of [server, other]) {
        one.close()
        one.closeAllConnections()
      }
    }
  })

  it('a cursor is for one watch, one process and one database', async () => {
    const cursor = `${home.path}/cursor.json`
    await watch(`--cursor ${cursor} --until-idle`)
    const other = await watch(`--cursor ${cursor} --until-idle --code 9`)
    expect([other.code, other.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && /code was not given, now 9/.test(text),
    )
    const file = JSON.parse(readFileSync(cursor, 'utf8'))
    writeFileSync(cursor, JSON.stringify({...file, last: String(2n ** 62n)}))
    expect((await watch(`--cursor ${cursor} --until-idle`)).code).to.equal(6)
    expect((await watch(`--from 0 --cursor ${cursor} --until-idle`)).stderr).to.match(/was reset or restored since/)
    writeFileSync(cursor, 'not json')
    expect((await watch(`--cursor ${cursor} --until-idle`)).code).to.equal(2)
    expect(readFileSync(cursor, 'utf8')).to.equal('not json')
    const later = `${home.path}/later.json`
    for (const from of ['--from -1ms', '', '--from -1ms'])
      expect((await watch(`${from} --cursor ${later} --until-idle`)).code, from).to.equal(0)
    expect((await watch('--from 2100-01-01 --until-idle')).stderr).to.contain('is in the future')
  })

  it('--limit ends it, --fields reduce it, and an interruption ends with 130 and says that it can continue', async () => {
    await create(transfer(), transfer())
    const {stdout} = await watch('--from 0 --limit 2 --fields type,transfer.id --format csv')
    expect(stdout).to.match(/^type,transfer\.id\r\n(single_phase|two_phase_pending),\d+\r\n[a-z_]+,\d+\r\n$/)
    const cursor = `${home.path}/cursor.json`
    const running = startParix(`tb watch --from 0 --cursor ${cursor}`, {home, env: env()})
    await running.saw(/\n/)
    const busy = await watch(`--from 0 --cursor ${cursor} --until-idle`)
    expect(busy.stderr).to.match(/in use by/)
    running.child.kill('SIGINT')
    const {code, stderr} = await running.result
    expect(code).to.equal(130)
    expect(stderr).to.match(/Stopped after \d+ events?\. The same command continues after them\./)
    expect((await watch(`--cursor ${cursor} --until-idle`)).code).to.equal(0)
  })
})

function hook(handle: (request: IncomingMessage, response: ServerResponse) => Promise<number>): Promise<Server> {
  const server = createServer((request, response) => {
    void handle(request, response).then((status) => response.writeHead(status).end())
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
