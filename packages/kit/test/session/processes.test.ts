import {chmodSync, chownSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {PATHS, type SessionFile} from '@parix/kit/contract'
import {openSessionStore} from '@parix/kit/session'
import {
  bundleScript,
  expired,
  makeHome,
  type Peer,
  type RecordingService,
  run,
  type Script,
  sessionFile,
  start,
  startOidcProvider,
  startRecordingService,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'
import {signInAt} from '../oauth/sign-in-at.js'

const TOKENS = {
  access_token: 'access-token-2',
  token_type: 'Bearer',
  expires_in: 3600,
  refresh_token: 'refresh-token-2',
}

describe('one session, many processes', () => {
  let useSession: Script
  let killAt: Script
  let unprivileged: Script
  let refusingDisk: Script
  let home: TestHome
  let peer: Peer | undefined
  let service: RecordingService | undefined

  before(async () => {
    const script = (name: string) => bundleScript(new URL(`../scripts/${name}.ts`, import.meta.url))
    ;[useSession, killAt, unprivileged, refusingDisk] = await Promise.all([
      script('use-session'),
      script('kill-at'),
      script('unprivileged'),
      script('refusing-disk'),
    ])
  })
  after(() => {
    for (const script of [useSession, killAt, unprivileged, refusingDisk]) script.remove()
  })
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(async () => {
    home.remove()
    await peer?.stop()
    await service?.stop()
    peer = undefined
    service = undefined
  })

  const command = (baseUrl: string, env: Record<string, string> = {}, nodeArgs: string[] = []) =>
    run(process.execPath, [...nodeArgs, useSession.path, baseUrl], {env: {...home.environment, ...env}})
  const session = () => JSON.parse(readFileSync(home.sessionPath, 'utf8')) as SessionFile
  const expire = () =>
    writeFileSync(home.sessionPath, JSON.stringify({...session(), accessTokenExpiresAt: expired()}), {mode: 0o600})
  const files = () => readdirSync(dirname(home.sessionPath)).sort()

  it('threat 5.1: 20 processes with an expired token, strict rotation, 5 rounds: one token request a round, 20 successes', async function () {
    this.timeout(180_000)
    peer = await startOidcProvider()
    await signInAt(peer, home)
    peer.tokenRequests.length = 0
    const {baseUrl} = peer
    // The same processes in each round, as each of them opens the session anew: they begin together, not as fast as Node starts.
    const processes = Array.from({length: 20}, () =>
      start(process.execPath, [useSession.path, baseUrl, 'for each line'], {
        env: home.environment,
        keepStdinOpen: true,
        timeoutMs: 170_000,
      }),
    )
    try {
      for (let round = 1; round <= 5; round++) {
        expire()
        for (const {child} of processes) child.stdin!.write('go\n')
        await Promise.all(processes.map(({saw}) => saw(new RegExp(`^(.*\\n){${round}}`))))
        const said = processes.map(({stdout}) => stdout().split('\n')[round - 1])
        expect(said).to.deep.equal(processes.map(() => '0'))
        expect(peer.tokenRequests).to.deep.equal(Array(round).fill({grant: 'refresh_token', status: 200}))
      }
      for (const {child} of processes) child.stdin!.end()
      for (const {code, stderr} of await Promise.all(processes.map(({result}) => result))) {
        // On a busy machine somebody may wait long enough to be told whom for.
        expect(`${code} ${stderr.replace(/^Waiting for another parix .*\n/gm, '')}`).to.equal('0 ')
      }
    } finally {
      for (const {child} of processes) child.kill('SIGKILL')
    }
    expect(files()).to.deep.equal(['session.json'])
  })

  /** Where the process is killed, and how many token requests it takes it and the next command together. */
  const kills: [string, 1 | 2][] = [
    // The space is being reserved: nothing was sent.
    ['openSync before 1', 1],
    ['openSync after 1', 1],
    ['writeSync before 1', 1],
    ['writeSync after 1', 1],
    ['fsyncSync after 1', 1],
    // The response is there, and the new tokens are not on disk.
    ['openSync before 2', 2],
    ['writeSync before 2', 2],
    // They are: the next command adopts the file.
    ['writeSync after 2', 1],
    ['ftruncateSync after 1', 1],
    ['fsyncSync before 2', 1],
    ['fsyncSync after 2', 1],
    ['renameSync before 1', 1],
    ['renameSync after 1', 1],
  ]
  it('threat 4.12, 4.13: kill -9 at each step of a write: the file is whole, and a whole new one is not lost', async function () {
    this.timeout(120_000)
    service = await startRecordingService()
    const {baseUrl} = service
    service.answer('POST', PATHS.token, {json: TOKENS})
    service.answer('GET', `${PATHS.api}/session`, {json: {ok: true}})
    const one = async ([at, requests]: [string, 1 | 2]) => {
      const own = makeHome()
      const path = own.write('.config/parix/session.json', sessionFile({baseUrl, accessTokenExpiresAt: expired()}))
      const killed = await run(process.execPath, ['--import', killAt.path, useSession.path, baseUrl], {
        env: {...own.environment, KILL_AT: at},
      })
      expect(killed.signal, at).to.equal('SIGKILL')
      // A reader without the lock sees the old one or the new one.
      const {session: seen} = openSessionStore({environment: own.environment}).read()!
      expect(['access-token-1', 'access-token-2'], at).to.include(seen.accessToken)
      const next = await run(process.execPath, [useSession.path, baseUrl], {env: own.environment})
      expect(next.code, `${at}: ${next.stderr}`).to.equal(0)
      expect(JSON.parse(readFileSync(path, 'utf8')).accessToken).to.equal('access-token-2')
      // A lock may be left where the next command found a fresh token and needed none.
      expect(
        readdirSync(dirname(path)).filter((name) => name.endsWith('.tmp')),
        at,
      ).to.deep.equal([])
      own.remove()
      return requests
    }
    const requests = (await Promise.all(kills.map(one))).reduce((sum: number, count) => sum + count, 0)
    expect(service.to('POST', PATHS.token)).to.have.length(requests)
  })

  it('threat 4.17: readers need no lock while others write: always whole', async function () {
    this.timeout(60_000)
    service = await startRecordingService()
    const {baseUrl} = service
    service.answer('GET', `${PATHS.api}/session`, {json: {ok: true}})
    const valid = sessionFile({baseUrl, filler: 'x'.repeat(100_000)})
    home.write('.config/parix/session.json', valid)
    const store = openSessionStore({environment: home.environment})
    let reading = true
    const readers = Promise.all(Array.from({length: 10}, () => command(baseUrl))).finally(() => {
      reading = false
    })
    let writes = 0
    while (reading) {
      await store.save({...valid, accessToken: `access-token-${writes++}`}, {activate: true})
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const {code, stderr} of await readers) expect(`${code} ${stderr}`).to.equal('0 ')
    expect(writes).to.be.greaterThan(10)
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`threat 5.20: ${signal} between sending a refresh and storing: stored first, then exit ${code}`, async () => {
      service = await startRecordingService()
      const {baseUrl} = service
      let response = () => {}
      service.answer('POST', PATHS.token, {json: TOKENS, after: new Promise<void>((resolve) => (response = resolve))})
      service.answer('GET', `${PATHS.api}/session`, {hang: true})
      home.write('.config/parix/session.json', sessionFile({baseUrl, accessTokenExpiresAt: expired()}))
      const {child, result} = start(process.execPath, [useSession.path, baseUrl], {env: home.environment})
      await service.received('POST', PATHS.token)
      child.kill(signal)
      // The signal is on its way before the answer is: the process has both to look at.
      await new Promise((resolve) => setImmediate(resolve))
      response()
      expect((await result).code).to.equal(code)
      expect(session()).to.include({accessToken: 'access-token-2', refreshToken: 'refresh-token-2'})
      expect(files()).to.deep.equal(['session.json'])
    })
  }

  describe('F4: on a disk that refuses the new session', () => {
    const use = async (errno: string, session: Partial<SessionFile>) => {
      service = await startRecordingService()
      const {baseUrl} = service
      service.answer('GET', `${PATHS.api}/session`, {json: {ok: true}})
      home.write('.config/parix/session.json', sessionFile({baseUrl, ...session}))
      const before = readFileSync(home.sessionPath, 'utf8')
      const result = await command(baseUrl, {DISK: dirname(home.sessionPath), DISK_ERRNO: errno}, [
        '--import',
        refusingDisk.path,
      ])
      expect(readFileSync(home.sessionPath, 'utf8')).to.equal(before)
      expect(files()).to.deep.equal(['session.json'])
      expect(service.to('POST', PATHS.token)).to.deep.equal([])
      return result
    }
    for (const [errno, words] of [
      ['ENOSPC', 'the disk is full'],
      ['EROFS', 'the file system is read-only'],
      ['EDQUOT', 'the disk quota is used up'],
      ['EACCES', 'permission denied'],
    ] as const) {
      it(`${errno}: an expired token is not renewed: nothing is sent, the session is unchanged, no lock is left`, async () => {
        const {code, stderr} = await use(errno, {accessTokenExpiresAt: expired()})
        expect(code, stderr).to.equal(1)
        expect(stderr).to.include('session_not_stored').and.include(`${words} (${errno})`)
        expect(service!.requests).to.deep.equal([])
      })

      it(`${errno}: a token that works for some more seconds is used, with a warning`, async () => {
        const soon = new Date(Date.now() + 45_000).toISOString()
        const {code, stderr} = await use(errno, {accessTokenExpiresAt: soon})
        expect(code, stderr).to.equal(0)
        expect(stderr).to.include('could not be renewed').and.include(words)
      })
    }
  })

  it('F4, threat 4.14: in a directory that can not be written to nothing is sent, and the session lives', async () => {
    service = await startRecordingService()
    const {baseUrl} = service
    home.write('.config/parix/session.json', sessionFile({baseUrl, accessTokenExpiresAt: expired()}))
    const before = readFileSync(home.sessionPath, 'utf8')
    const directory = dirname(home.sessionPath)
    chmodSync(directory, 0o500)
    if (process.geteuid?.() === 0) handOver(home, [useSession, unprivileged])
    const result = await run(process.execPath, [unprivileged.path, useSession.path, baseUrl], {env: home.environment})
    chmodSync(directory, 0o700)
    expect(result.code, result.stderr).to.equal(1)
    expect(result.stderr).to.include('session_not_stored').and.include('permission denied (EACCES)')
    expect(service.requests).to.deep.equal([])
    expect(readFileSync(home.sessionPath, 'utf8')).to.equal(before)
  })
})

/** A test that runs as root gives its files to nobody, as whom the process will run. */
function handOver(home: TestHome, scripts: Script[]): void {
  for (const path of ['', '.config', '.config/parix', '.config/parix/session.json']) {
    chownSync(join(home.path, path), 65_534, 65_534)
  }
  for (const {path} of scripts) chmodSync(dirname(path), 0o755)
}
