import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {openSessionStore} from '@parix/kit/session'
import {makeHome, sessionFile, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'

const isRoot = process.geteuid?.() === 0

describe('reading the session file', () => {
  let home: TestHome
  let warnings: string[]
  const open = (environment: NodeJS.ProcessEnv = home.environment) =>
    openSessionStore({environment, say: (text) => warnings.push(text)})
  const put = (content: unknown, mode?: number) => home.write('.config/parix/session.json', content, mode)

  beforeEach(() => {
    home = makeHome()
    warnings = []
  })
  afterEach(() => home.remove())

  it('is nothing where there is no file, and says nothing', () => {
    expect(open().read()).to.equal(undefined)
    expect(open().list()).to.deep.equal({sessions: [], unreadable: []})
    expect(warnings).to.deep.equal([])
  })

  it('takes a file of an existing installation as it is', () => {
    const session = sessionFile({baseUrl: 'https://parix.io/'})
    put(session)
    const stored = open().read()
    expect(stored).to.deep.include({origin: 'https://parix.io', active: true, path: home.sessionPath})
    expect(stored?.session).to.deep.equal(session)
  })

  it('takes nulls and missing fields where the contract has them', () => {
    const {organization: _, scopes: __, ...rest} = sessionFile({refreshToken: null})
    put({...rest, user: {id: 'user_1'}})
    expect(open().read()?.session).to.deep.include({
      refreshToken: null,
      scopes: [],
      user: {id: 'user_1', email: null, emailVerified: null, name: null, image: null},
      organization: {id: null, name: null, slug: null, memberRole: null},
    })
  })

  it('threat 4.2: a file that others can read is read, tightened to 0600, and warned about once', () => {
    put(sessionFile(), 0o644)
    chmodSync(home.sessionPath, 0o644)
    const store = open()
    expect(store.read()?.session.accessToken).to.equal('access-token-1')
    store.read()
    open().read()
    expect(warnings).to.have.length(1)
    expect(warnings[0]).to.include(home.sessionPath)
    expect(home.mode('.config/parix/session.json')).to.equal(0o600)
  })

  for (const mode of [0o666, 0o620, 0o602]) {
    it(`threat 4.3: a file of mode ${mode.toString(8)}, which others can write, is refused, with the chmod`, async () => {
      put(sessionFile())
      chmodSync(home.sessionPath, mode)
      const error = await thrown(() => open().read())
      expect(error).to.include({kind: 'SESSION_DAMAGED', code: 'session_unsafe', exitCode: 4})
      expect(error.details.next).to.equal(`chmod 600 ${home.sessionPath}`)
    })
  }

  it('threat 4.3: a directory that others can write to is refused, with the chmod', async () => {
    put(sessionFile())
    chmodSync(join(home.path, '.config/parix'), 0o777)
    const error = await thrown(() => open().read())
    expect(error.details.next).to.equal(`chmod 700 ${join(home.path, '.config/parix')}`)
  })

  it('threat 4.4: a file of another user is refused; the message names both', async function () {
    if (!isRoot) this.skip()
    put(sessionFile())
    chownSync(home.sessionPath, 12345, 12345)
    const error = await thrown(() => open().read())
    expect(error.code).to.equal('session_not_ours')
    expect(error.message).to.match(/12345.*(root|\b0\b)/)
    const replaced = await thrown(open().save(sessionFile(), {activate: true}))
    expect(replaced.code).to.equal('session_not_ours')
  })

  it('threat 4.4: a directory of another user is refused, for reading and for a new session', async function () {
    if (!isRoot) this.skip()
    put(sessionFile())
    chownSync(join(home.path, '.config/parix'), 12345, 12345)
    for (const error of [
      await thrown(() => open().read()),
      await thrown(open().save(sessionFile(), {activate: true})),
    ]) {
      expect(error.code).to.equal('session_not_ours')
      expect(error.message).to.contain('belongs to user 12345')
    }
  })

  it('threat 4.5: a link to a file of ours is followed, and the target is replaced', async () => {
    home.write('dotfiles/parix.json', sessionFile())
    mkdirSync(join(home.path, '.config/parix'), {recursive: true})
    symlinkSync(join(home.path, 'dotfiles/parix.json'), home.sessionPath)
    const store = open()
    expect(store.read()?.session.accessToken).to.equal('access-token-1')
    await store.save(sessionFile({accessToken: 'access-token-2'}), {activate: true})
    expect(JSON.parse(home.read('dotfiles/parix.json')).accessToken).to.equal('access-token-2')
    expect(store.read()?.session.accessToken).to.equal('access-token-2')
  })

  it('threat 4.5: a link that leads nowhere counts as absent and is not written through', async () => {
    mkdirSync(join(home.path, '.config/parix'), {recursive: true})
    symlinkSync(join(home.path, 'nowhere.json'), home.sessionPath)
    expect(open().read()).to.equal(undefined)
    await open().save(sessionFile(), {activate: true})
    expect(open().read()?.session.accessToken).to.equal('access-token-1')
    expect(() => home.read('nowhere.json')).to.throw('ENOENT')
  })

  it('threat 4.5: a link to a file of another user is refused', async function () {
    if (!isRoot) this.skip()
    const target = home.write('theirs.json', sessionFile())
    chownSync(target, 12345, 12345)
    mkdirSync(join(home.path, '.config/parix'), {recursive: true})
    symlinkSync(target, home.sessionPath)
    expect((await thrown(() => open().read())).code).to.equal('session_not_ours')
  })

  it('threat 4.6: a directory, a FIFO without a writer, a device and a socket are recognized at once', async () => {
    const directory = join(home.path, '.config/parix')
    mkdirSync(directory, {recursive: true, mode: 0o700})
    const socket = createServer()
    const makers: [string, () => unknown][] = [
      ['a directory', () => mkdirSync(home.sessionPath)],
      ['a named pipe', () => execFileSync('mkfifo', [home.sessionPath])],
      ['a device', () => symlinkSync('/dev/null', home.sessionPath)],
      ['a socket', () => new Promise<void>((resolve) => socket.listen(home.sessionPath, resolve))],
    ]
    for (const [kind, make] of makers) {
      await make()
      expect((await thrown(() => open().read())).message).to.include(kind)
      renameSync(home.sessionPath, join(directory, `old-${kind.replaceAll(' ', '-')}`))
    }
    socket.close()
  })

  const secret = 'very-secret-token'
  const good = JSON.stringify(sessionFile({accessToken: secret}))
  const damages: [string, string | Buffer][] = [
    ['empty', ''],
    ['blanks', '  \n'],
    ['truncated', good.slice(0, -20)],
    ['not JSON', `accessToken=${secret}`],
    ['a list', `[${good}]`],
    ['a text', JSON.stringify(secret)],
    ['null', 'null'],
    ['a byte order mark', `\ufeff${good}`],
    ['NUL bytes', Buffer.alloc(512)],
    ['a NUL inside', good.replace('very', 've\u0000ry')],
    ['invalid UTF-8', Buffer.concat([Buffer.from(good.slice(0, -1)), Buffer.from(',"x":"\xff"}', 'latin1')])],
    ['a duplicate key', good.replace('{', `{"accessToken":"other-${secret}",`)],
    ['a base URL that is not valid', JSON.stringify(sessionFile({accessToken: secret, baseUrl: 'parix'}))],
    ['an unencrypted base URL', JSON.stringify(sessionFile({accessToken: secret, baseUrl: 'http://parix.example'}))],
    ['a token that is a number', JSON.stringify({...sessionFile(), accessToken: 1, refreshToken: secret})],
    ['a token with a line break', JSON.stringify(sessionFile({accessToken: `${secret}\r\nx-evil: 1`}))],
    ['a refresh token that is a list', JSON.stringify({...sessionFile({accessToken: secret}), refreshToken: [secret]})],
    ['a user that is a text', JSON.stringify({...sessionFile({accessToken: secret}), user: 'ada'})],
    ['a user without id', JSON.stringify({...sessionFile({accessToken: secret}), user: {email: 'a@b.c'}})],
    ['scopes that are a text', JSON.stringify({...sessionFile({accessToken: secret}), scopes: 'openid'})],
    ['an expiry that is a number', JSON.stringify({...sessionFile({accessToken: secret}), accessTokenExpiresAt: 1})],
    ['an organization that is a list', JSON.stringify({...sessionFile({accessToken: secret}), organization: []})],
  ]
  for (const [what, content] of damages) {
    it(`threat 4.7: ${what}: damaged, said without a word of its content, and kept`, async () => {
      home.write('.config/parix/x', '')
      writeFileSync(home.sessionPath, content, {mode: 0o600})
      const error = await thrown(() => open().read())
      expect(error).to.include({kind: 'SESSION_DAMAGED', exitCode: 4})
      expect(error.message).to.equal(`The session file is damaged: ${home.sessionPath}. Sign in again.`)
      expect(JSON.stringify(error.details)).not.to.include(secret)
      expect(readFileSync(home.sessionPath)).to.deep.equal(Buffer.from(content))
      expect(open().list().unreadable).to.have.length(1)

      const saved = await open().save(sessionFile(), {activate: true})
      expect(readFileSync(saved.movedAside ?? '')).to.deep.equal(Buffer.from(content))
      expect(open().read()?.session.accessToken).to.equal('access-token-1')
    })
  }

  it('threat 4.8: a file of 1 GiB is not read', async () => {
    put('')
    truncateSync(home.sessionPath, 2 ** 30)
    const before = process.memoryUsage().rss
    const error = await thrown(() => open().read())
    expect(error.message).to.include('is damaged')
    expect(process.memoryUsage().rss - before).to.be.lessThan(64 * 2 ** 20)
  })

  it('threat 4.9: a newer version is named, and only a login replaces it, keeping the file', async () => {
    put({version: 3, sessions: [{token: secret}]})
    const error = await thrown(() => open().read())
    expect(error).to.include({kind: 'SESSION_DAMAGED', code: 'session_from_newer_version'})
    expect(error.message).to.include('newer parix (version 3)')
    const saved = await open().save(sessionFile(), {activate: true})
    expect(readFileSync(saved.movedAside ?? '', 'utf8')).to.include(secret)
  })

  for (const version of [1, undefined, '2', null]) {
    it(`threat 4.10: version ${String(version)} is not guessed at: sign in again`, async () => {
      put({...sessionFile(), version})
      const error = await thrown(() => open().read())
      expect(error).to.include({kind: 'SESSION_DAMAGED', code: 'session_from_older_version'})
    })
  }

  it('threat 4.11: fields that we do not know are kept, to the last digit', async () => {
    const unknown = '"future":{"a":[1,9007199254740993,0.10],"b":null},"version":2'
    put(
      JSON.stringify(sessionFile())
        .replace('"version":2', unknown)
        .replace('"id":"user_1"', '"id":"user_1","plan":"x"'),
    )
    const store = open()
    const stored = store.read()
    await store.save({...stored!.session, accessToken: 'access-token-2'}, {activate: true})
    const text = home.read('.config/parix/session.json').replace(/\s+/g, '')
    expect(text).to.include('"future":{"a":[1,9007199254740993,0.10],"b":null}')
    expect(text).to.include('"plan":"x"')
    expect(text).to.include('"accessToken":"access-token-2"')
  })

  it('threat 4.15: HOME unset, empty or relative: the home of the user database', () => {
    for (const HOME of [undefined, '', 'relative/home']) {
      expect(openSessionStore({environment: {HOME}}).path).to.match(/^\/.*\/\.config\/parix\/session\.json$/)
    }
  })

  it('threat 4.15: a HOME that does not exist is made', async () => {
    const HOME = join(home.path, 'new/home')
    await openSessionStore({environment: {HOME}}).save(sessionFile(), {activate: true})
    expect(home.mode('new/home/.config/parix')).to.equal(0o700)
  })

  it('threat 4.16: XDG_CONFIG_HOME is used if absolute, and ignored if relative or empty', () => {
    const HOME = home.path
    const path = (XDG_CONFIG_HOME: string) => openSessionStore({environment: {HOME, XDG_CONFIG_HOME}}).path
    expect(path(join(home.path, 'xdg'))).to.equal(join(home.path, 'xdg/parix/session.json'))
    expect(path('relative')).to.equal(home.sessionPath)
    expect(path('')).to.equal(home.sessionPath)
  })

  it('threat 4.16: with only ~/.config/parix/session.json that one is found, and stays the one file', async () => {
    put(sessionFile())
    const environment = {HOME: home.path, XDG_CONFIG_HOME: join(home.path, 'xdg')}
    const store = openSessionStore({environment})
    expect(store.read()?.session.accessToken).to.equal('access-token-1')
    await store.save(sessionFile({accessToken: 'access-token-2'}), {activate: true})
    expect(JSON.parse(home.read('.config/parix/session.json')).accessToken).to.equal('access-token-2')
    expect(() => home.read('xdg/parix/session.json')).to.throw('ENOENT')
  })
})
