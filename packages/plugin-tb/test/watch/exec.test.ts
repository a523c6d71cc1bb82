import {existsSync} from 'node:fs'
import {startParix, TEST_API_KEY, withParix} from '@parix/testkit'
import {expect} from 'chai'
import {type Books, startBooks} from '../support/books.js'

/** What `--exec` runs is the user's; what it is given is the service's. */
describe('tb watch --exec', function () {
  this.timeout(120_000)
  let books: Books
  let ids: string[]
  before(async () => {
    books = await startBooks()
    ids = [String(await books.pay(1, 2, 5)), String(await books.pay(1, 2, 6))]
  })
  after(() => books.stop())

  const words = (command: string, ...more: string[]) => ['tb', 'watch', '--from', '0', '--exec', command, ...more]
  const run = (command: string, ...more: string[]) =>
    books.run(words(command, '--until-idle', '--retry-for', '0', ...more))
  const start = (command: string, ...more: string[]) =>
    startParix(words(command, ...more), {
      home: books.home,
      cwd: books.home.path,
      env: {PARIX_API_KEY: books.ledger.apiKey, PARIX_BASE_URL: books.ledger.baseUrl, PARIX_DATABASE: 'books'},
    })
  const file = (name: string) => `${books.home.path}/${name}`
  const idsIn = (text: string) => text.match(/"transfer":\{"id":"\d+/g)!.map((match) => match.replace(/.*"/, ''))

  for (const empty of ['', ' ', '\t\n']) {
    it(`refuses ${JSON.stringify(empty)}, to which a shell says 0`, async () => {
      const {code, stderr} = await run(empty)
      expect(code).to.equal(2)
      expect(stderr).to.contain('--exec is empty')
    })
  }

  for (const [command, said] of [
    ['no-such-command-here', 'exit code 127 (there is no such command)'],
    ['./plain-file', 'exit code 126 (it is not executable)'],
    ['kill -9 $$', 'SIGKILL'],
    ['exit 3', 'exit code 3'],
    ['cat > /dev/null; exit 1', 'exit code 1'],
  ] as const) {
    it(`gives events again that "${command}" did not take, and says why: ${said}`, async () => {
      books.home.write('plain-file', '', 0o644)
      const once = ['--until-idle', '--retry-for', '0']
      const {code, stderr} = await start(command, ...once).result
      expect(code, stderr).to.equal(75)
      expect(stderr).to.contain(`2 events could not be delivered: the command ended with ${said}. They come again.`)
    })
  }

  it('says so in words when no shell can be given the command', async () => {
    const {code, stderr} = await run(`: ${'x'.repeat(200_000)}`)
    expect(code).to.equal(75)
    expect(stderr)
      .to.contain('spawn E2BIG')
      .and.not.match(/^ {4}at /m)
  })

  it('takes the exit code alone: a command may read nothing, or close its stdin, or leave a process behind', async () => {
    for (const command of ['true', 'exec <&-; exit 0', 'sleep 60 >/dev/null 2>&1 & echo $! > left'])
      expect((await books.run(words(command, '--until-idle'), {cwd: books.home.path})).code, command).to.equal(0)
    process.kill(Number(books.home.read('left')), 'SIGKILL')
  })

  it('leaves stdout to the result with --json, however much the command prints', async () => {
    const flood = start('cat > /dev/null; yes x | head -c 2000000', '--until-idle', '--json')
    const {stdout, stderr} = await flood.result
    expect(JSON.parse(stdout)).to.include({events: 2})
    expect(stdout).not.to.contain('x\nx')
    expect(stderr.length).to.be.above(1_999_999)
  })

  it('threat 8.1: no secret is in what is executed, and the environment is that of the shell', async () => {
    const shows = `ps -o args= -p $$ > ${file('arguments')}; env > ${file('environment')}; cat > /dev/null`
    expect((await run(shows)).code).to.equal(0)
    expect(books.home.read('arguments')).not.to.contain(books.ledger.apiKey)
    expect(books.home.read('environment')).to.match(new RegExp(`^PARIX_API_KEY=${books.ledger.apiKey}$`, 'm'))
    expect(books.home.read('environment')).not.to.match(/NODE_OPTIONS|ACCESS_TOKEN|REFRESH_TOKEN/i)
  })

  it('waits for the command when a signal comes, and saves what it took', async () => {
    const cursor = ['--cursor', file('signal.json')]
    const running = start(`cat > taken; echo begun; until [ -e go ]; do sleep 0.05; done; rm go`, ...cursor)
    await running.saw(/begun/)
    running.child.kill('SIGTERM')
    books.home.write('go', '')
    const {code, stderr} = await running.result
    expect(code).to.equal(143)
    expect(stderr).to.contain('Stopped after 2 events.')
    expect(idsIn(books.home.read('taken'))).to.deep.equal(ids)
    expect(existsSync(file('go'))).to.equal(false)
    const again = await books.run(['tb', 'watch', ...cursor, '--until-idle'])
    expect(again).to.include({code: 0, stdout: ''})
  })

  it('ends a command that hangs after the signal, takes none of its events, and gives them again', async () => {
    const cursor = ['--cursor', file('hanging.json')]
    const running = start('echo begun; exec sleep 1000', ...cursor)
    await running.saw(/begun/)
    running.child.kill('SIGTERM')
    // Over when nobody holds stdout any longer, the command included.
    const {code, stderr} = await running.result
    expect(code).to.equal(143)
    expect(stderr).to.contain('Stopped after 0 events.')
    expect(idsIn((await books.run(['tb', 'watch', ...cursor, '--until-idle'])).stdout)).to.deep.equal(ids)
  })

  it('runs nothing for a row that is not one of the contract', () =>
    withParix(async ({service, home, parix}) => {
      const database = {id: 'db_1', name: 'books', createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z'}
      service.answer('GET', /databases/, {json: {ok: true, databases: [database], database}})
      const row = {
        id: "1'; touch pwned; '",
        debit_account_id: '$(touch pwned)',
        credit_account_id: '`touch pwned`',
        amount: '1\n{"type":"single_phase"}',
        timestamp: '5',
        ledger: 700,
        code: 1,
        flags: 0,
      }
      service.answer('POST', /./, {json: {ok: true, responsePayload: [row]}})
      const given = ['tb', 'watch', 'db_1', '--from', '0', '--until-idle', '--exec', 'cat > ran', '--retry-for', '0']
      const {code, stdout, stderr} = await parix(given, {cwd: home.path})
      expect(code, stdout + stderr).to.equal(75)
      expect(existsSync(`${home.path}/ran`) || existsSync(`${home.path}/pwned`)).to.equal(false)
      expect(stdout + stderr).not.to.contain(TEST_API_KEY)
    }))
})
