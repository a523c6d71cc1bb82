import {chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {PATHS} from '@parix/kit/contract'
import {
  bundleScript,
  expired,
  makeHome,
  parix,
  program,
  type RecordingService,
  residentParix,
  run,
  type Script,
  sessionFile,
  startRecordingService,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'

const ERRNOS = {
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  EDQUOT: 'the disk quota is used up',
} as const

describe('a sign-in survives its disk', function () {
  this.timeout(120_000)
  let home: TestHome
  let service: RecordingService
  let refusingDisk: Script
  before(async () => {
    refusingDisk = await bundleScript(new URL('../../packages/kit/test/scripts/refusing-disk.ts', import.meta.url))
  })
  after(() => refusingDisk.remove())
  beforeEach(async () => {
    home = makeHome()
    service = await startRecordingService()
  })
  afterEach(async () => {
    home.remove()
    await service.stop()
  })

  const config = () => join(home.path, '.config/parix')
  const signIn = (overrides: object = {}) =>
    home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl, ...overrides}))
  const onDisk = (words: string, errno: string, env: Record<string, string> = {}) =>
    parix(words, {
      home,
      env: {NODE_OPTIONS: `--import=${refusingDisk.path}`, DISK: config(), DISK_ERRNO: errno, ...env},
    })

  for (const [errno, words] of Object.entries(ERRNOS)) {
    for (const command of ['auth status', 'auth token', 'database list', 'api session']) {
      it(`F4: ${command} with an expired token, ${errno}: nothing is sent, the session is unchanged`, async () => {
        signIn({accessTokenExpiresAt: expired()})
        const before = readFileSync(home.sessionPath)
        const {code, stderr} = await onDisk(command, errno)
        expect(code, stderr).to.equal(1)
        expect(stderr).to.contain(words).and.contain('still signed in')
        expect(stderr).not.to.match(/\n\s+at |refresh-token|access-token/)
        expect(service.requests).to.deep.equal([])
        expect(readFileSync(home.sessionPath)).to.deep.equal(before)
        expect(readdirSync(config())).to.deep.equal(['session.json'])
      })
    }

    it(`F8: auth login, ${errno}: said before the browser opens, and nothing is left that holds up the next command`, async () => {
      mkdirSync(config(), {recursive: true, mode: 0o700})
      const mark = join(home.path, 'browser-was-opened')
      const browser = home.write('browser', `#!/bin/sh\ntouch ${mark}\n`, 0o755)
      const {code, stderr} = await onDisk(`auth login --base-url ${service.baseUrl}`, errno, {BROWSER: browser})
      expect(code, stderr).to.equal(1)
      expect(stderr).to.contain(words)
      expect(existsSync(mark)).to.equal(false)
      expect(service.requests).to.deep.equal([])
      expect(readdirSync(config())).to.deep.equal([])
      signIn()
      const next = await residentParix(`auth switch ${service.baseUrl}`, {home})
      expect([next.code, next.stderr]).to.deep.equal([0, ''])
    })
  }

  it('a full disk does not matter to a command that needs nothing stored', async () => {
    signIn()
    service.answer('GET', `${PATHS.api}/databases`, {json: {ok: true, databases: []}})
    const {code, stderr} = await onDisk('database list --json', 'ENOSPC')
    expect(code, stderr).to.equal(0)
  })

  describe('F13: a session directory that may not be read', () => {
    const NOBODY = 65_534
    before(function () {
      if (process.geteuid?.() !== 0) this.skip()
    })
    const asNobody = (words: string) =>
      run(
        'setpriv',
        [
          `--reuid=${NOBODY}`,
          `--regid=${NOBODY}`,
          '--clear-groups',
          process.execPath,
          ...program(),
          ...words.split(' '),
        ],
        {env: {...home.environment, BROWSER: 'false'}, cwd: '/'},
      )

    for (const command of [
      'auth logout --all',
      'auth logout',
      'auth list',
      'auth status',
      'auth token',
      'auth switch http://localhost:5173',
      'auth login --base-url http://localhost:5173',
      'database list',
    ]) {
      it(`parix ${command}: permission denied, with the chown; never "not signed in"`, async () => {
        signIn()
        // As `sudo parix auth login` leaves it.
        chmodSync(home.path, 0o755)
        chownSync(home.path, NOBODY, NOBODY)
        const {code, stdout, stderr} = await asNobody(command)
        expect(code, stderr).not.to.equal(0)
        const port = command.includes('login') && stderr.includes('Nothing listens')
        if (port) return
        expect(stderr).to.contain('permission denied (EACCES)')
        expect(stderr).to.match(/sudo chown -R \S+ \/\S*\.config/)
        expect(stdout + stderr).not.to.match(/not signed in/i)
        expect(existsSync(home.sessionPath)).to.equal(true)
      })
    }

    it('sessions/ alone: list says so, and logout --all does not claim to have ended what it could not see', async () => {
      chmodSync(home.path, 0o755)
      signIn()
      home.write('.config/parix/sessions/https_parix.io.json', sessionFile())
      for (const path of ['', '.config', '.config/parix', '.config/parix/session.json']) {
        chownSync(join(home.path, path), NOBODY, NOBODY)
      }
      const list = await asNobody('auth list')
      expect(list.code).to.equal(4)
      expect(list.stderr).to.contain('sessions').and.contain('EACCES')
      const logout = await asNobody('auth logout --all')
      expect(logout.code, logout.stderr).not.to.equal(0)
      expect(existsSync(home.sessionPath)).to.equal(true)
    })
  })

  it('F16: the command that fixes a path with a space works as pasted', async () => {
    const spaced = makeHome(home.path)
    const inner = join(spaced.path, 'sp ace')
    const path = join(inner, 'session.json')
    mkdirSync(inner, {mode: 0o700})
    writeFileSync(path, JSON.stringify(sessionFile({baseUrl: service.baseUrl})))
    chmodSync(path, 0o666)
    const {code, stdout} = await residentParix('auth token --json', {home, env: {PARIX_CONFIG_DIR: inner}})
    expect(code).to.equal(4)
    const [next] = JSON.parse(stdout).error.next as string[]
    expect(next).to.equal(`chmod 600 '${path}'`)
    expect((await run('sh', ['-c', next!])).code).to.equal(0)
    expect((await residentParix('auth token', {home, env: {PARIX_CONFIG_DIR: inner}})).stdout).to.equal(
      'access-token-1\n',
    )
  })

  describe('F19: directories that are not there', () => {
    for (const words of ['tb balance 2', 'database list', 'auth status', 'database use', 'version', 'local status']) {
      it(`parix ${words} in a current directory that was removed: in words, or at work`, async () => {
        const gone = join(home.path, 'gone')
        mkdirSync(gone)
        signIn()
        service.answer('GET', `${PATHS.api}/databases`, {json: {ok: true, databases: []}})
        service.answer('GET', PATHS.userinfo, {json: {sub: 'user_1'}})
        service.answer('GET', `${PATHS.api}/session`, {json: {ok: true, auth: {}}})
        const [file, ...args] = [process.execPath, ...program(), ...words.split(' ')]
        const script = `cd '${gone}' && rmdir '${gone}' && exec "$@"`
        const {stdout, stderr} = await run('sh', ['-c', script, 'sh', file!, ...args], {env: home.environment})
        expect(stdout + stderr).not.to.match(/uv_cwd|ENOENT: no such file|\n\s+at /)
      })
    }

    it('PARIX_CONFIG_DIR that is relative is refused by every command that needs it, exit 2', async () => {
      for (const words of ['auth status', 'auth list', 'auth logout --all', 'database use', 'database list']) {
        const {code, stderr} = await residentParix(words, {home, env: {PARIX_CONFIG_DIR: 'here'}})
        expect([words, code]).to.deep.equal([words, 2])
        expect(stderr).to.contain('PARIX_CONFIG_DIR must be an absolute path, not "here"')
      }
    })

    it('PARIX_CONFIG_DIR holds the session and the settings for every command', async () => {
      const directory = join(home.path, 'elsewhere')
      mkdirSync(directory, {mode: 0o700})
      writeFileSync(join(directory, 'session.json'), JSON.stringify(sessionFile({baseUrl: service.baseUrl})), {
        mode: 0o600,
      })
      service.answer('GET', `${PATHS.api}/databases`, {json: {ok: true, databases: [{id: 'db_1', name: 'books'}]}})
      const env = {PARIX_CONFIG_DIR: directory}
      expect((await residentParix('auth token', {home, env})).stdout).to.equal('access-token-1\n')
      expect(JSON.parse((await residentParix('auth list --json', {home, env})).stdout).sessions).to.have.length(1)
      const use = await residentParix('database use books', {home, env})
      expect(use.code, use.stderr).to.equal(0)
      expect(readdirSync(directory).sort()).to.deep.equal(['config.json', 'session.json'])
      service.answer('GET', PATHS.discovery, {status: 404})
      expect((await residentParix('auth logout --all', {home, env})).code).to.equal(0)
      expect(readdirSync(directory)).to.deep.equal(['config.json'])
      rmSync(directory, {recursive: true})
    })
  })
})
