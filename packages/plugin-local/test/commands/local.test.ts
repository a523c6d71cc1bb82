import {cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {createServer as createHttpServer} from 'node:http'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {isRunning} from '@parix/files/process-identity'
import {
  makeHome,
  parix,
  type RunResult,
  residentParix,
  startOnTerminal,
  startParix,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'

interface Described {
  baseUrl: string
  user: {id: string; email: string; name: string}
  organization: {id: string; name: string; slug: string; memberRole: string}
  apiKey: string
  dataDir: string
  pid: number
}

interface Failure {
  error: {code: string; exitCode: number; message: string; next: string[]}
}

describe('parix local', function () {
  this.timeout(120_000)
  let home: TestHome
  const dataDir = () => join(home.path, '.local/share/parix/local')
  /** What becomes a service is a process of its own; with --detach another one becomes it. */
  const run = (words: string, env: Record<string, string> = {}) =>
    (/^local start(?!.* --detach)/.test(words) ? parix : residentParix)(words, {home, env})
  const json = <T>(result: RunResult) => JSON.parse(result.stdout) as T
  const failure = (result: RunResult) => json<Failure>(result).error

  beforeEach(() => {
    home = makeHome()
  })
  afterEach(async () => {
    await endWhatRuns(dataDir())
    home.remove()
  })

  it('start --json says once, when it is ready, how to reach it; SIGTERM ends it cleanly', async () => {
    const running = startParix('local start --port 0 --json', {home})
    await running.saw(/\n}\n/)
    const described = JSON.parse(running.stdout()) as Described
    expect(described).to.have.all.keys('baseUrl', 'user', 'organization', 'apiKey', 'dataDir', 'pid')
    expect(described.baseUrl).to.match(/^http:\/\/localhost:\d+$/)
    expect(described.user).to.include({email: 'you@parix.local', name: 'You'})
    expect(described.organization).to.include({name: 'Local', slug: 'local', memberRole: 'owner'})
    expect(described.apiKey).to.match(/^px_\w{64}$/)
    expect(described).to.include({dataDir: dataDir(), pid: running.child.pid})
    expect((await fetch(`${described.baseUrl}/health`)).status).to.equal(200)
    running.child.kill('SIGTERM')
    const result = await running.result
    expect(result.code).to.equal(143)
    expect(result.stdout).to.equal(running.stdout())
    expect(result.stderr).not.to.match(/at .*\.[jt]s:\d+/)
    expect(existsSync(join(dataDir(), 'service.json'))).to.equal(false)
    expect(statSync(dataDir()).mode & 0o777).to.equal(0o700)
  })

  it('threat 1.27: Ctrl-C ends it with 130, and the port is free', async () => {
    const running = startParix('local start --port 0', {home})
    const [, port] = await running.saw(/http:\/\/localhost:(\d+)/)
    await running.saw(/Stop it: Ctrl-C/, 'stderr')
    running.child.kill('SIGINT')
    const ended = await running.result
    expect(ended.code).to.equal(130)
    expect(ended.stderr).to.contain(`The local service has stopped. Its data is kept in ${dataDir()}.`)
    await new Promise<void>((resolve, reject) => {
      const server = createServer()
      server.once('error', reject)
      server.listen(Number(port), '127.0.0.1', () => server.close(() => resolve()))
    })
  })

  it('start --detach, status, a second start, stop, and stop again', async () => {
    const started = await run('local start --port 0 --detach --json')
    expect(started.code).to.equal(0)
    const described = json<Described>(started)
    expect((await fetch(`${described.baseUrl}/health`)).status).to.equal(200)

    const status = await run('local status --json')
    expect(status.code).to.equal(0)
    expect(json(status)).to.deep.equal(described)
    const shown = await run('local status')
    const start = `${described.apiKey.slice(0, 6)}…`
    for (const text of [described.baseUrl, 'you@parix.local', 'Local (owner)', start, dataDir()]) {
      expect(shown.stdout).to.contain(text)
    }

    for (const words of ['local start --port 0 --json', 'local start --port 0 --detach --json']) {
      const second = await run(words)
      expect(second.code).to.equal(1)
      expect(failure(second).code).to.equal('already_running')
      expect(failure(second).message).to.contain(described.baseUrl).and.to.contain(String(described.pid))
    }
    const reset = await run('local reset --yes --json')
    expect(reset.code).to.equal(1)
    expect(failure(reset).code).to.equal('already_running')

    const stopped = await run('local stop --json')
    expect(stopped.code).to.equal(0)
    expect(json(stopped)).to.deep.equal({stopped: true, dataDir: dataDir(), pid: described.pid})
    expect(isRunning(described.pid)).to.equal(false)
    const again = await run('local stop --json')
    expect(again.code).to.equal(0)
    expect(json(again)).to.deep.equal({stopped: false, dataDir: dataDir()})

    const restarted = json<Described>(await run('local start --port 0 --detach --json'))
    expect(restarted.apiKey).to.equal(described.apiKey)
    expect(restarted.user).to.deep.equal(described.user)
  })

  it('prints the API key in full when it is new, with --show-key and with --json, and never else', async () => {
    const first = await run('local start --port 0 --detach')
    const key = /px_\w{64}/.exec(first.stdout)?.[0]
    expect(key, first.stdout).to.match(/^px_/)
    await run('local stop')
    const again = await run('local start --port 0 --detach')
    expect(again.code, again.stderr).to.equal(0)
    for (const {stdout, stderr} of [again, await run('local status')]) {
      expect(stdout).to.contain('--show-key')
      expect(stdout + stderr).not.to.contain(key!)
    }
    expect((await run('local status --show-key')).stdout).to.contain(key!)
    expect(json<Described>(await run('local status --json')).apiKey).to.equal(key)
  })

  it('every next step that is printed carries --data-dir, quoted where it must be', async () => {
    const other = join(home.path, 'an other')
    const words = (command: string) => ['local', ...command.split(' '), '--data-dir', other]
    const at = `--data-dir '${other}'`
    try {
      const notRunning = await residentParix([...words('status'), '--json'], {home})
      expect(failure(notRunning).next).to.deep.equal([`parix local start ${at}`])
      const started = await residentParix(words('start --port 0 --detach'), {home})
      expect(started.stderr).to.contain(`Stop it: parix local stop ${at}`)
      const second = await parix([...words('start --port 0'), '--json'], {home})
      expect(failure(second).next).to.deep.equal([`parix local status ${at}`, `parix local stop ${at}`])
      const reset = await residentParix([...words('reset'), '--yes', '--json'], {home})
      expect(failure(reset).next).to.deep.equal([`parix local stop ${at}`, `parix local reset ${at}`])
    } finally {
      await endWhatRuns(other)
    }
  })

  it('status says that nothing runs, with exit code 3', async () => {
    const result = await run('local status --json')
    expect(result.code).to.equal(3)
    expect(failure(result)).to.include({code: 'not_running', exitCode: 3})
    expect(failure(result).next).to.deep.equal(['parix local start'])
  })

  it('a service that was killed leaves nothing that stands in the way', async () => {
    const {pid} = json<Described>(await run('local start --port 0 --detach --json'))
    process.kill(pid, 'SIGKILL')
    await gone(pid)
    expect(existsSync(join(dataDir(), 'service.json'))).to.equal(true)
    expect((await run('local status')).code).to.equal(3)
    expect(json(await run('local stop --json'))).to.have.property('stopped', false)
    const started = await run('local start --port 0 --detach --json')
    expect(started.code, started.stderr).to.equal(0)
  })

  it('a note with a stranger’s pid and port is not believed', async () => {
    const stranger = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'))
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    const {port} = stranger.address() as {port: number}
    mkdirSync(dataDir(), {recursive: true, mode: 0o700})
    const note = {pid: process.pid, port, baseUrl: `http://localhost:${port}`, instance: 'x', startedAt: ''}
    writeFileSync(join(dataDir(), 'service.json'), JSON.stringify(note))
    try {
      expect((await run('local status')).code).to.equal(3)
      // If it were believed, this test would end here.
      expect(json(await run('local stop --json'))).to.have.property('stopped', false)
    } finally {
      stranger.close()
    }
  })

  for (const [what, body] of Object.entries({
    'a response of 100 MB': 'x'.repeat(100 * 1024 * 1024),
    null: 'null',
    'a list': '[]',
    'a session without people': '{"ok":true,"auth":{}}',
    'an organization that is null': '{"auth":{"user":{"id":"1","email":"e","name":"n"},"organization":null}}',
    'what is not JSON': '<html>',
  })) {
    it(`status of a service whose session is ${what} ends in words`, async () => {
      const odd = createHttpServer((request, response) => {
        response.end(request.url === '/health' ? '{"ok":true,"instance":"x"}' : body)
      })
      await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
      const {port} = odd.address() as {port: number}
      mkdirSync(dataDir(), {recursive: true, mode: 0o700})
      const note = {pid: 2 ** 22 + 1, port, baseUrl: `http://localhost:${port}`, instance: 'x', startedAt: ''}
      writeFileSync(join(dataDir(), 'service.json'), JSON.stringify(note))
      try {
        const status = await run('local status --json')
        expect(status.code).to.equal(75)
        expect(failure(status).code).to.equal('not_answering')
        expect(failure(status).message).to.match(/^The local service at \S+ gave an unexpected response/)
      } finally {
        odd.closeAllConnections()
        odd.close()
      }
    })
  }

  for (const note of ['{"port":1}', '[]', 'null', '"x"', '{', '{"pid":"1"}']) {
    it(`a note that says ${note} is not believed`, async () => {
      mkdirSync(dataDir(), {recursive: true, mode: 0o700})
      writeFileSync(join(dataDir(), 'service.json'), note)
      expect((await run('local status')).code).to.equal(3)
      expect(json(await run('local stop --json'))).to.have.property('stopped', false)
    })
  }

  it('a port that is taken is said, and nothing is left running', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const {port} = holder.address() as {port: number}
    try {
      for (const words of [`local start --port ${port} --json`, `local start --port ${port} --detach --json`]) {
        const result = await run(words)
        expect(result.code).to.equal(1)
        expect(failure(result).code).to.equal('port_in_use')
        expect(failure(result).message).to.equal(`Port ${port} is in use. Another program listens there.`)
        expect(failure(result).next).to.satisfy((next: string[]) => next[0]!.startsWith('parix local start --port 0'))
      }
    } finally {
      holder.close()
    }
  })

  for (const port of ['80x', '-1', '65536', '1.5', '1e3']) {
    it(`--port ${port} is refused as wrong use`, async () => {
      expect((await residentParix(['local', 'start', '--port', port], {home})).code).to.equal(2)
      expect(existsSync(dataDir())).to.equal(false)
    })
  }

  it('reset takes away what the service made, and nothing else', async () => {
    await run('local start --port 0 --detach')
    await run('local stop')
    const own = join(dataDir(), 'notes.txt')
    writeFileSync(own, 'mine')
    const refused = await run('local reset --json')
    expect(refused.code).to.equal(2)
    expect(failure(refused).message).to.contain('--yes')
    expect(existsSync(join(dataDir(), 'parix.db'))).to.equal(true)

    const result = await run('local reset --yes --json')
    expect(json(result)).to.deep.equal({removed: true, dataDir: dataDir()})
    expect(existsSync(join(dataDir(), 'parix.db'))).to.equal(false)
    expect(existsSync(join(dataDir(), 'secrets.json'))).to.equal(false)
    expect(readFileSync(own, 'utf8')).to.equal('mine')
    expect(json(await run('local reset --yes --json'))).to.deep.equal({removed: false, dataDir: dataDir()})
  })

  it('reset asks for the name of the directory, and any other word removes nothing', async () => {
    const there = 'my data'
    const path = join(home.path, there)
    const dir = ['--data-dir', path]
    const words = ['local', 'reset', ...dir]
    mkdirSync(path, {mode: 0o700})
    const isThere = () => existsSync(join(path, 'secrets.json'))
    for (const typed of ['reset\n', 'y\n', '\n', '\u0004', 'local\n']) {
      writeFileSync(join(path, 'secrets.json'), '{}')
      const running = startOnTerminal(words, {home})
      await running.saw(/Type the name of the directory, my data/)
      running.child.stdin!.write(typed)
      const {code, stdout} = await running.result
      expect(code, JSON.stringify(typed) + stdout).to.equal(2)
      expect(isThere(), JSON.stringify(typed)).to.equal(true)
    }
    const wrong = await residentParix([...words, '--confirm', 'local', '--json'], {home})
    expect([wrong.code, failure(wrong).code, isThere()]).to.deep.equal([2, 'wrong_confirmation', true])
    const unasked = await residentParix([...words, '--json'], {home})
    expect(failure(unasked).next).to.deep.equal([`parix local reset --confirm '${there}' --data-dir '${path}'`])
    const running = startOnTerminal(words, {home})
    await running.saw(/Type the name of the directory/)
    running.child.stdin!.write(`${there}\n`)
    expect((await running.result).code).to.equal(0)
    expect(isThere()).to.equal(false)
    mkdirSync(path, {mode: 0o700, recursive: true})
    writeFileSync(join(path, 'secrets.json'), '{}')
    expect((await residentParix([...words, '--confirm', there], {home})).code).to.equal(0)
    expect(isThere()).to.equal(false)
  })

  it('--data-dir keeps services apart', async () => {
    const other = join(home.path, 'other')
    try {
      const one = json<Described>(await run('local start --port 0 --detach --json'))
      const two = json<Described>(await run(`local start --port 0 --detach --json --data-dir ${other}`))
      expect(two.dataDir).to.equal(other)
      expect(two.baseUrl).not.to.equal(one.baseUrl)
      const reply = await fetch(`${two.baseUrl}/api/v1/session`, {headers: {'x-api-key': one.apiKey}})
      expect(reply.status).to.equal(401)
    } finally {
      await endWhatRuns(other)
    }
  })

  it('settings of other programs that use Better Auth count for nothing', async () => {
    const env = {
      BETTER_AUTH_URL: 'https://evil.example',
      BETTER_AUTH_SECRET: 'x'.repeat(40),
      BETTER_AUTH_SECRETS: '2:weakweakweakweakweakweakweakweakweak',
      BETTER_AUTH_TRUSTED_ORIGINS: 'https://evil.example',
      BETTER_AUTH_TELEMETRY: '1',
      XDG_DATA_HOME: 'relative/path/is/ignored',
    }
    const started = await run('local start --port 0 --detach --json', env)
    expect(started.code, started.stderr).to.equal(0)
    const {baseUrl, dataDir: used} = json<Described>(started)
    expect(used).to.equal(dataDir())
    const discovery = await fetch(`${baseUrl}/api/auth/.well-known/openid-configuration`)
    expect(((await discovery.json()) as {issuer: string}).issuer).to.equal(`${baseUrl}/api/auth`)
  })

  describe('a data directory that can’t be used as it is', () => {
    let kept: TestHome
    // Each test spoils a copy of its own.
    const keep = () => cpSync(join(kept.path, 'local'), dataDir(), {recursive: true})
    before(async () => {
      kept = makeHome()
      const own = (words: string) => residentParix(`${words} --data-dir ${join(kept.path, 'local')}`, {home: kept})
      expect((await own('local start --port 0 --detach')).code).to.equal(0)
      const {baseUrl, apiKey} = json<Described>(await own('local status --json'))
      await fetch(`${baseUrl}/api/v1/databases`, {
        method: 'POST',
        headers: {'x-api-key': apiKey, 'content-type': 'application/json'},
        body: '{"name":"books"}',
      })
      while (!existsSync(join(kept.path, 'local', 'ledgers'))) await new Promise((resolve) => setTimeout(resolve, 50))
      expect((await own('local stop')).code).to.equal(0)
    })
    after(async () => {
      await endWhatRuns(join(kept.path, 'local'))
      kept.remove()
    })
    const refusal = async (words = 'local start --port 0 --json') => {
      const result = await run(words)
      expect(result.code, result.stdout + result.stderr).to.equal(1)
      expect(failure(result).code).to.equal('data_dir_unusable')
      return failure(result)
    }

    for (const [name, pattern] of [
      ['parix.db', /parix\.db is missing or empty/],
      ['secrets.json', /secrets\.json is missing/],
    ] as const) {
      it(`does not start afresh where ${name} is gone, and advises no reset`, async () => {
        keep()
        rmSync(join(dataDir(), name))
        for (const words of ['local start --port 0 --json', 'local start --port 0 --detach --json']) {
          const {message, next} = await refusal(words)
          expect(message).to.match(pattern)
          expect(next).to.equal(undefined)
        }
      })
    }

    it('does not start afresh where parix.db was cut to nothing', async () => {
      keep()
      writeFileSync(join(dataDir(), 'parix.db'), '')
      expect((await refusal()).message).to.match(/parix\.db is missing or empty/)
    })

    it('damaged secrets are said, and nothing is overwritten', async () => {
      keep()
      writeFileSync(join(dataDir(), 'secrets.json'), '{"installationId":1}')
      expect((await refusal()).next).to.deep.equal(['parix local reset'])
      expect(readFileSync(join(dataDir(), 'secrets.json'), 'utf8')).to.equal('{"installationId":1}')
    })

    it('a file in the place of the directory, and one above it, are said', async () => {
      for (const path of [dataDir(), join(home.path, '.local/share/parix')]) {
        rmSync(path, {recursive: true, force: true})
        mkdirSync(join(path, '..'), {recursive: true})
        writeFileSync(path, '')
        const {message, next} = await refusal()
        expect(message).to.match(/not a directory|in the place of the directory/)
        expect(String(next)).not.to.contain('reset')
        rmSync(path)
      }
    })
  })

  it('a damaged directory is said, with the way out', async () => {
    mkdirSync(dataDir(), {recursive: true, mode: 0o700})
    writeFileSync(
      join(dataDir(), 'parix.db'),
      'this is not a database, and long enough to be looked at as one'.repeat(20),
    )
    const result = await run('local start --port 0 --json')
    expect(result.code).to.equal(1)
    expect(failure(result).code).to.equal('data_dir_unusable')
    expect(result.stderr).not.to.match(/at .*\.[jt]s:\d+/)
    expect((await run('local reset --yes')).code).to.equal(0)
    expect((await run('local start --port 0 --detach')).code).to.equal(0)
  })
})

/** Ends the service that a test left running. */
async function endWhatRuns(dataDir: string): Promise<void> {
  const path = join(dataDir, 'service.json')
  if (!existsSync(path)) return
  const pid = noted(readFileSync(path, 'utf8'))
  // 0 and below mean groups of processes, -1 every process of this user.
  if (!Number.isSafeInteger(pid) || pid <= 1 || pid === process.pid || !isRunning(pid)) return
  process.kill(pid, 'SIGTERM')
  await gone(pid)
}

function noted(note: string): number {
  try {
    return Number((JSON.parse(note) as {pid?: unknown} | null)?.pid ?? 0)
  } catch {
    return 0
  }
}

/** Waits until a process that was killed has ended. */
async function gone(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20))
}
