import {chmodSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {SessionFile} from '@parix/kit/contract'
import {openSessionStore, type SessionStore} from '@parix/kit/session'
import {makeHome, sessionFile, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'

const LOCAL = {baseUrl: 'http://localhost:5173', accessToken: 'local-token'}

describe('storing sessions', () => {
  let home: TestHome
  let store: SessionStore
  const directory = () => join(home.path, '.config/parix')
  const left = () => readdirSync(directory(), {recursive: true}).map(String).sort()

  beforeEach(() => {
    home = makeHome()
    store = openSessionStore({environment: home.environment})
  })
  afterEach(() => home.remove())

  for (const umask of [0o000, 0o022, 0o027, 0o077]) {
    it(`flaw 11, threat 4.1: with umask ${umask.toString(8).padStart(3, '0')} the file is 0600 and the directory 0700`, async () => {
      const before = process.umask(umask)
      try {
        await store.save(sessionFile(), {activate: true})
        await store.save(sessionFile(LOCAL), {activate: true})
      } finally {
        process.umask(before)
      }
      expect(home.mode('.config/parix')).to.equal(0o700)
      expect(home.mode('.config/parix/session.json')).to.equal(0o600)
      expect(home.mode('.config/parix/sessions')).to.equal(0o700)
      expect(home.mode('.config/parix/sessions/https_parix.io.json')).to.equal(0o600)
    })
  }

  it('threat 4.2: the next write makes an open file 0600', async () => {
    home.write('.config/parix/session.json', sessionFile(), 0o644)
    await store.save(sessionFile({accessToken: 'access-token-2'}), {activate: true})
    expect(home.mode('.config/parix/session.json')).to.equal(0o600)
  })

  it('writes the version-2 shape that other parix versions read, and leaves no lock or temporary file', async () => {
    await store.save(sessionFile(), {activate: true})
    expect(JSON.parse(home.read('.config/parix/session.json'))).to.deep.equal(
      sessionFile({
        accessTokenExpiresAt: store.read()!.session.accessTokenExpiresAt,
      }),
    )
    expect(left()).to.deep.equal(['session.json'])
  })

  it('threat 4.3: nothing is stored in a directory that others can write to', async () => {
    mkdirSync(directory(), {recursive: true})
    chmodSync(directory(), 0o777)
    const error = await thrown(store.save(sessionFile(), {activate: true}))
    expect(error).to.include({code: 'session_not_ours'})
    expect(left()).to.deep.equal([])
  })

  it('threat 4.20: signing in elsewhere keeps the first session beside it', async () => {
    await store.save(sessionFile(), {activate: true})
    const saved = await store.save(sessionFile(LOCAL), {activate: true})
    expect(saved.deactivated?.baseUrl).to.equal('https://parix.io')
    expect(saved.replaced).to.equal(undefined)
    expect(store.read()).to.deep.include({origin: 'http://localhost:5173', active: true})
    expect(store.read('https://parix.io')).to.deep.include({active: false})
    expect(store.list().sessions.map(({origin, active}) => [origin, active])).to.deep.equal([
      ['http://localhost:5173', true],
      ['https://parix.io', false],
    ])
    expect(left()).to.deep.equal(['session.json', 'sessions', 'sessions/https_parix.io.json'])
  })

  it('threat 1.29: signing in as somebody else keeps the session that was in use there, and says whose it is', async () => {
    await store.save(sessionFile(), {activate: true})
    const user = {...sessionFile().user, id: 'user_2', email: 'bob@example.com'}
    const saved = await store.save(sessionFile({user}), {activate: true})
    expect(saved.kept?.user.email).to.equal('ada@example.com')
    expect(saved.replaced).to.equal(undefined)
    expect(store.list().sessions.map(({session}) => session.user.id)).to.deep.equal(['user_2', 'user_1'])
    expect(saved.deactivated).to.equal(undefined)
  })

  it('switches between environments, each session in one file only', async () => {
    await store.save(sessionFile(), {activate: true})
    await store.save(sessionFile(LOCAL), {activate: true})
    expect(await store.activate('https://parix.io')).to.deep.include({origin: 'https://parix.io', active: true})
    expect(left()).to.deep.equal(['session.json', 'sessions', 'sessions/http_localhost_5173.json'])
    await store.activate('https://parix.io')
    expect(store.read()?.origin).to.equal('https://parix.io')
    const error = await thrown(store.activate('https://dev.parix.io'))
    expect(error).to.include({kind: 'NOT_SIGNED_IN'})
    expect(error.details.next).to.equal('parix auth login --base-url https://dev.parix.io')
  })

  it('threat 2.20: the loopback names share a session', async () => {
    await store.save(sessionFile({...LOCAL, baseUrl: 'http://127.0.0.1:5173'}), {activate: true})
    const saved = await store.save(sessionFile({...LOCAL, baseUrl: 'http://[::1]:5173'}), {activate: true})
    expect(saved.replaced?.baseUrl).to.equal('http://127.0.0.1:5173')
    expect(store.list().sessions).to.have.length(1)
  })

  it('files of different origins never share a name, and a file under a wrong name does not count', async () => {
    const urls = [
      'https://a.example',
      'https://a.example:8443',
      'http://127.0.0.2:1',
      'http://[::1]:12',
      'https://a_8443.example',
    ]
    for (const baseUrl of urls) await store.save(sessionFile({baseUrl}), {activate: true})
    expect(store.list().sessions).to.have.length(urls.length)
    home.write('.config/parix/sessions/https_evil.example.json', sessionFile({baseUrl: 'https://a.example'}))
    expect(store.read('https://evil.example')).to.equal(undefined)
  })

  it('a damaged active file does not hide the other sessions', async () => {
    await store.save(sessionFile(), {activate: true})
    await store.save(sessionFile(LOCAL), {activate: true})
    writeFileSync(home.sessionPath, '{', {mode: 0o600})
    expect(store.read('https://parix.io')?.session.accessToken).to.equal('access-token-1')
    expect((await thrown(() => store.read('http://localhost:5173'))).kind).to.equal('SESSION_DAMAGED')
    expect((await thrown(() => store.read())).kind).to.equal('SESSION_DAMAGED')
    const {sessions, unreadable} = store.list()
    expect(sessions.map(({origin}) => origin)).to.deep.equal(['https://parix.io'])
    expect(unreadable.map(({path}) => path)).to.deep.equal([home.sessionPath])
  })

  it('the profile is written without touching the tokens, and not at all when nothing changed', async () => {
    await store.save(sessionFile(), {activate: true})
    const {user, organization} = sessionFile()
    const before = statSync(home.sessionPath).ino
    await store.updateProfile('https://parix.io', {user, organization})
    expect(statSync(home.sessionPath).ino).to.equal(before)
    await store.updateProfile('https://parix.io', {user: {...user, name: 'Ada L.'}, organization})
    expect(store.read()?.session).to.deep.include({accessToken: 'access-token-1', user: {...user, name: 'Ada L.'}})
    await store.updateProfile('https://unknown.example', {user, organization})
  })

  describe('removing', () => {
    it('threat 6.5: all of it leaves nothing: temporary files, files moved aside, locks of the dead', async () => {
      await store.save(sessionFile(), {activate: true})
      await store.save(sessionFile(LOCAL), {activate: true})
      for (const name of [
        'session.json.0123456789ab.tmp',
        'session.json.aside-1700000000000',
        'sessions/https_parix.io.json.0123456789ab.tmp',
        'session.lock.guard',
        'session.lock.0b7f2a60-0000-4000-8000-000000000000',
      ]) {
        home.write(`.config/parix/${name}`, sessionFile())
      }
      const removal = await store.remove('all')
      expect(removal.origins.sort()).to.deep.equal(['http://localhost:5173', 'https://parix.io'])
      expect(removal.kept).to.deep.equal([])
      expect(left()).to.deep.equal([])
    })

    it('the active one only, or one origin only', async () => {
      await store.save(sessionFile(), {activate: true})
      await store.save(sessionFile(LOCAL), {activate: true})
      expect((await store.remove('active')).origins).to.deep.equal(['http://localhost:5173'])
      expect(store.list().sessions.map(({origin}) => origin)).to.deep.equal(['https://parix.io'])
      expect((await store.remove({origin: 'https://parix.io'})).origins).to.deep.equal(['https://parix.io'])
      expect((await store.remove({origin: 'https://parix.io'})).removed).to.deep.equal([])
    })

    const broken: Record<string, string> = {
      damaged: '{',
      'of a newer version': JSON.stringify({...sessionFile(), version: 9} satisfies Omit<SessionFile, 'version'> & {
        version: number
      }),
    }
    for (const [what, content] of Object.entries(broken)) {
      it(`threat 6.3: a file that is ${what} is removed all the same`, async () => {
        home.write('.config/parix/session.json', content)
        const removal = await store.remove('active')
        expect(removal).to.deep.include({origins: [], removed: [home.sessionPath]})
        expect(left()).to.deep.equal([])
      })
    }

    it('threat 6.3: what can not be removed is named', async () => {
      mkdirSync(home.sessionPath, {recursive: true, mode: 0o700})
      chmodSync(directory(), 0o700)
      const removal = await store.remove('all')
      expect(removal.kept.map(({path}) => path)).to.deep.equal([home.sessionPath])
    })

    it('threat 6.4: when nobody is signed in, nothing is made either', async () => {
      expect(await store.remove('all')).to.deep.equal({origins: [], sessions: [], removed: [], kept: []})
      expect(() => readdirSync(directory())).to.throw('ENOENT')
    })
  })

  it('threat 4.13: the newest whole temporary file is adopted under the lock, and the rest removed', async () => {
    await store.save(sessionFile(), {activate: true})
    home.write('.config/parix/session.json.00000000000a.tmp', sessionFile({accessToken: 'from-the-crash'}))
    home.write('.config/parix/session.json.00000000000b.tmp', '{"version":2,"accessTok')
    home.write('.config/parix/session.json.00000000000c.tmp', sessionFile(LOCAL))
    await store.withLock(async (locked) => {
      expect(locked.read('https://parix.io')?.session.accessToken).to.equal('from-the-crash')
    })
    expect(store.read()?.session.accessToken).to.equal('from-the-crash')
    expect(left()).to.deep.equal(['session.json'])
  })

  it('threat 4.13: one that is older than the session is not', async () => {
    home.write('.config/parix/session.json.00000000000a.tmp', sessionFile({accessToken: 'old'}))
    utimesSync(join(directory(), 'session.json.00000000000a.tmp'), 1_700_000_000, 1_700_000_000)
    await store.save(sessionFile(), {activate: true})
    await store.withLock(async (locked) => {
      expect(locked.read('https://parix.io')?.session.accessToken).to.equal('access-token-1')
    })
    expect(left()).to.deep.equal(['session.json'])
  })
})
