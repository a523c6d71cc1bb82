import {once} from 'node:events'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, parix, residentParix, startParix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'

describe('parix local exec', function () {
  this.timeout(180_000)
  let home: TestHome
  let temporary: string

  beforeEach(() => {
    home = makeHome()
    temporary = join(home.path, 'tmp')
    mkdirSync(temporary)
  })
  afterEach(() => home.remove())

  const env = () => ({TMPDIR: temporary, PARIX_API_KEY: 'px_foreign', PARIX_BASE_URL: 'http://localhost:9'})
  const exec = (...words: string[]) => parix(['local', 'exec', ...words], {home, env: env()})
  const leftovers = () => readdirSync(temporary).filter((name) => name.startsWith('parix-ephemeral-'))
  /** A command that asks the service as its variables say, and prints what it finds. */
  const ASK = `fetch(process.env.PARIX_BASE_URL + '/api/v1/databases', {headers: {'x-api-key': process.env.PARIX_API_KEY}})
    .then((r) => r.json()).then(({databases}) => console.log(process.env.PARIX_DATABASE, databases.map((d) => d.name + ' ' + d.status).join()))`

  it('gives the command a service with a database that is ready, and removes it afterwards', async () => {
    const result = await exec('--database', 'books', '--', process.execPath, '-e', ASK)
    expect([result.code, result.stdout], result.stderr).to.deep.equal([0, 'books books READY\n'])
    expect(leftovers()).to.deep.equal([])
  })

  it('ends with the exit code of the command, and says nothing of its own on stdout', async () => {
    for (const code of [0, 1, 3, 42, 75]) {
      const result = await exec('--', process.execPath, '-e', `process.exit(${code})`)
      expect([result.code, result.stdout]).to.deep.equal([code, ''])
    }
    expect(leftovers()).to.deep.equal([])
  })

  it('passes on words that look like flags of its own', async () => {
    const print = 'console.log(process.argv.slice(1).join("|"))'
    const result = await exec('--', process.execPath, '-e', print, '--', '--json', '--keep', '-q')
    expect(result.stdout).to.equal('--json|--keep|-q\n')
  })

  it('a command that does not exist ends with 3, none at all with 2', async () => {
    expect((await exec('--', 'no-such-command-anywhere')).code).to.equal(3)
    expect((await exec()).code).to.equal(2)
    expect(leftovers()).to.deep.equal([])
  })

  it('a name that no database can have is refused, in the words of the service', async () => {
    const {code, stderr} = await exec('--database', ' x', '--', process.execPath, '-e', '')
    expect(code).to.equal(2)
    expect(stderr).to.contain('name: must not begin or end with a space.')
    expect(leftovers()).to.deep.equal([])
  })

  it('forwards SIGTERM, waits for the command to clean up, and takes its exit code', async () => {
    const program = `process.on('SIGTERM', () => setTimeout(() => process.exit(7), 50)); console.log('up'); setInterval(() => {}, 1000)`
    const running = startParix(['local', 'exec', '--', process.execPath, '-e', program], {home, env: env()})
    await running.saw(/up/)
    running.child.kill('SIGTERM')
    expect((await running.result).code).to.equal(7)
    expect(leftovers()).to.deep.equal([])
  })

  it('eight at once do not meet; one that is killed leaves its directory, and the next one removes it', async () => {
    const wait = `${ASK}.then(() => process.stdin.resume().on('end', () => process.exit(0)))`
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const running = names.map((name) =>
      startParix(['local', 'exec', '--database', name, '--', process.execPath, '-e', wait], {
        ...{home, env: env(), keepStdinOpen: true, timeoutMs: 170_000},
      }),
    )
    await Promise.all(running.map(({saw}) => saw(/READY/)))
    expect(leftovers()).to.have.length(8)
    const [killed, ...others] = running
    killed!.child.kill('SIGKILL')
    await once(killed!.child, 'exit')
    killed!.child.stdin!.end()
    for (const {child} of others) child.stdin!.end()
    const results = await Promise.all(others.map(({result}) => result))
    expect(results.map(({stdout}) => stdout)).to.deep.equal(names.slice(1).map((name) => `${name} ${name} READY\n`))
    expect(results.map(({code}) => code)).to.deep.equal(Array(7).fill(0))
    expect(leftovers()).to.have.length(1)
    expect((await exec('--', process.execPath, '-e', '')).code).to.equal(0)
    expect(leftovers()).to.deep.equal([])
  })

  it('begins with demo books, a file, a snapshot or a fork', async () => {
    const count = `const ask = (operation, body) => fetch(process.env.PARIX_BASE_URL + '/api/v1/databases/' + id + '/tb/' + operation,
        {method: 'POST', headers: {'x-api-key': process.env.PARIX_API_KEY, 'content-type': 'application/json'}, body: JSON.stringify(body)})
      let id
      fetch(process.env.PARIX_BASE_URL + '/api/v1/databases', {headers: {'x-api-key': process.env.PARIX_API_KEY}}).then((r) => r.json())
        .then(async ({databases}) => { id = databases[0].id
          const {responsePayload} = await (await ask('query_transfers', {})).json()
          console.log(responsePayload.length, responsePayload[0].timestamp, (process.env.PARIX_CHART ?? '').slice(-16)) })`
    const counted = async (...words: string[]) => {
      const result = await parix(['local', 'exec', ...words, '--', process.execPath, '-e', count], {
        home,
        env: {TMPDIR: temporary},
      })
      expect(result.code, result.stderr).to.equal(0)
      return result.stdout.trim()
    }
    const demo = await counted('--demo', 'cards')
    expect(demo).to.match(/^\d{4} 17\d{17} parix\.chart\.yaml$/)
    const rows = [
      {id: '1', ledger: 7, code: 1, timestamp: '1'},
      {id: '2', ledger: 7, code: 1, timestamp: '2'},
      {id: '9', debit_account_id: '1', credit_account_id: '2', amount: '5', ledger: 7, code: 1, timestamp: '77'},
    ]
    const seed = home.write('seed.ndjson', rows.map((row) => JSON.stringify(row)).join('\n'))
    expect(await counted('--seed', seed)).to.equal('1 77')
    const started = await residentParix('local demo cards --port 0 --detach', {home})
    expect(started.code, started.stderr).to.equal(0)
    try {
      const same = demo.replace(' parix.chart.yaml', '')
      expect(await counted('--snapshot', 'cards-as-made')).to.equal(same)
      expect(await counted('--fork', 'cards')).to.equal(same)
    } finally {
      await residentParix('local stop', {home})
    }
    expect(leftovers()).to.deep.equal([])
    expect((await exec('--snapshot', 'none', '--', 'true')).code).to.equal(3)
    expect((await exec('--seed', '/no/such/file', '--', 'true')).code).to.equal(3)
    expect((await exec('--seed', seed, '--demo', 'cards', '--', 'true')).code).to.equal(2)
    expect(leftovers()).to.deep.equal([])
  })

  it('removes what a killed one left, and touches neither one that runs nor what is not its own', async () => {
    const wait = `console.log('up'); process.stdin.resume(); process.stdin.on('end', () => process.exit(0))`
    const killed = startParix(['local', 'exec', '--', process.execPath, '-e', wait], {home, env: env()})
    await killed.saw(/up/)
    killed.child.kill('SIGKILL')
    await killed.result
    expect(leftovers()).to.have.length(1)
    const foreign = mkdtempSync(join(temporary, 'parix-ephemeral-'))
    writeFileSync(join(temporary, 'parix-ephemeral-file'), '')
    expect((await exec('--', process.execPath, '-e', '')).code).to.equal(0)
    expect(leftovers().map((name) => join(temporary, name))).to.have.members([
      foreign,
      join(temporary, 'parix-ephemeral-file'),
    ])
  })

  it('--keep keeps the data, and says where', async () => {
    const result = await exec('--keep', '--', process.execPath, '-e', '')
    const kept = /kept in (\S+)\.\n/.exec(result.stderr)?.[1]
    expect(existsSync(join(kept!, 'parix.db'))).to.equal(true)
  })
})

describe('parix local env, logs, and start --ephemeral', function () {
  this.timeout(180_000)
  let home: TestHome

  beforeEach(() => {
    home = makeHome()
  })
  afterEach(async () => {
    await residentParix('local stop', {home})
    home.remove()
  })

  it('env prints the variables in each format, and ends with 3 where nothing runs', async () => {
    expect((await residentParix('local env', {home})).code).to.equal(3)
    const started = await residentParix('local start --port 0 --detach --json', {home})
    const {baseUrl, apiKey} = JSON.parse(started.stdout) as {baseUrl: string; apiKey: string}
    const print = async (words: string) => (await residentParix(`local env ${words}`, {home})).stdout
    expect(await print('')).to.equal(`export PARIX_BASE_URL=${baseUrl}\nexport PARIX_API_KEY=${apiKey}\n`)
    expect(await print('--format dotenv --database books')).to.equal(
      `PARIX_BASE_URL="${baseUrl}"\nPARIX_API_KEY="${apiKey}"\nPARIX_DATABASE="books"\n`,
    )
    expect(await print('--format github')).to.equal(`PARIX_BASE_URL=${baseUrl}\nPARIX_API_KEY=${apiKey}\n`)
    for (const words of ['--format json', '--json']) {
      expect(JSON.parse(await print(words))).to.deep.equal({PARIX_BASE_URL: baseUrl, PARIX_API_KEY: apiKey})
    }
  })

  it('logs prints what a detached service said, and ends with 3 where there is none', async () => {
    expect((await residentParix('local logs', {home})).code).to.equal(3)
    await residentParix('local start --port 0 --detach', {home})
    // The service responds, which is what its start waits for, a moment before it says this.
    const following = startParix('local logs --follow', {home})
    await following.saw(/Sign in/)
    const shown = await residentParix('local logs', {home})
    expect(shown.stdout).to.contain('Sign in: parix auth login')
    const {file, lines} = JSON.parse((await residentParix('local logs --json', {home})).stdout) as {
      file: string
      lines: string[]
    }
    expect(file).to.equal(join(home.path, '.local/share/parix/local/service.log'))
    expect(lines.join('\n')).to.contain('Sign in: parix auth login')
    await residentParix('local stop', {home})
    await following.saw(/has stopped/)
    following.child.kill('SIGINT')
    expect((await following.result).code).to.equal(130)
  })

  it('start --ephemeral keeps nothing', async () => {
    const temporary = join(home.path, 'tmp')
    mkdirSync(temporary)
    const running = startParix('local start --ephemeral --port 0', {home, env: {TMPDIR: temporary}})
    await running.saw(/Stop it: Ctrl-C/, 'stderr')
    const ours = () => readdirSync(temporary).filter((name) => name.startsWith('parix-ephemeral-'))
    expect(ours()).to.have.length(1)
    running.child.kill('SIGINT')
    expect((await running.result).code).to.equal(130)
    expect(ours()).to.deep.equal([])
    expect(existsSync(join(home.path, '.local/share/parix/local'))).to.equal(false)
  })
})
