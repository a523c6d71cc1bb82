import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {PATHS, type SessionFile} from '@parix/kit/contract'
import {parseBaseUrl} from '@parix/kit/origin'
import {
  chooseSession,
  createCredentialSource,
  forOrganization,
  isSameSession,
  openSessionStore,
  type SessionStore,
} from '@parix/kit/session'
import {
  expired,
  makeHome,
  type RecordingService,
  sessionFile,
  startRecordingService,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {thrown} from '../thrown.js'

const person = (id: string) => ({id, email: `${id}@example.org`, emailVerified: true, name: id, image: null})
const organization = (id: string, name = id) => ({id, name, slug: name.toLowerCase(), memberRole: 'owner'})
/** Signed in at the minute of this name. */
const at = (minute: number) => `2026-01-02T03:${String(minute).padStart(2, '0')}:00.000Z`

describe('several sessions of one service', () => {
  let home: TestHome
  let store: SessionStore
  let service: RecordingService

  beforeEach(async () => {
    home = makeHome()
    store = openSessionStore({environment: home.environment})
    service = await startRecordingService()
  })
  afterEach(async () => {
    home.remove()
    await service.stop()
  })

  const origin = () => parseBaseUrl(service.baseUrl).origin
  const others = () => join(home.path, '.config/parix/sessions')
  const file = (name: string, minute: number, more: Partial<SessionFile> & Record<string, unknown> = {}) =>
    sessionFile({
      baseUrl: service.baseUrl,
      user: person(name),
      organization: organization(`org-${name}`),
      createdAt: at(minute),
      accessToken: `token-of-${name}`,
      refreshToken: `refresh-of-${name}`,
      ...more,
    })
  const ann = (more = {}) => file('ann', 1, more)
  const bob = (more = {}) => file('bob', 2, more)
  const save = (session: SessionFile) => store.save(session, {activate: true})
  const listed = () => store.list().sessions.map(({session, active, current}) => [session.user.id, active, current])
  const source = (stored?: SessionFile) =>
    createCredentialSource({
      base: parseBaseUrl(service.baseUrl),
      store,
      environment: home.environment,
      userAgent: 'parix/test',
      say: () => {},
      ...(stored && {stored}),
    })

  it('the last one is in use, the other is kept with fields that nobody knows, and comes back as it was', async () => {
    await save(ann({futureField: {deep: [1, 2]}}))
    const before = home.read('.config/parix/session.json')
    const saved = await save(bob())
    expect([saved.replaced, saved.kept?.user.id]).to.deep.equal([undefined, 'ann'])
    expect(listed()).to.deep.equal([
      ['bob', true, true],
      ['ann', false, false],
    ])
    await store.activate(ann())
    expect(home.read('.config/parix/session.json')).to.equal(before)
    expect(listed()).to.deep.equal([
      ['ann', true, true],
      ['bob', false, false],
    ])
    expect(readdirSync(others())).to.have.length(1)
  })

  it('with another service in use, one of them is in use at theirs, and which one stays', async () => {
    await save(ann())
    await save(bob())
    await save(sessionFile())
    expect(store.read(origin())?.session.user.id).to.equal('bob')
    await store.activate(origin())
    await store.activate('https://parix.io')
    expect(store.read(origin())?.session.user.id).to.equal('bob')
    await store.activate(ann())
    await store.activate('https://parix.io')
    expect(store.read(origin())?.session.user.id).to.equal('ann')
    expect(listed().map(([id]) => id)).to.have.members(['user_1', 'ann', 'bob'])
  })

  it('of an ended one nothing is kept, and the same person and organization replaces', async () => {
    await save(ann())
    expect((await save(ann({createdAt: at(5), accessToken: 'new'}))).replaced?.accessToken).to.equal('token-of-ann')
    await save(ann({accessToken: '', refreshToken: null}))
    await save(bob())
    expect(listed().map(([id]) => id)).to.deep.equal(['bob'])
  })

  it('one person in two organizations has two sessions', async () => {
    await save(ann())
    await save(ann({organization: organization('org-two'), createdAt: at(3), accessToken: 'second'}))
    const base = parseBaseUrl(service.baseUrl)
    for (const [text, token] of [
      ['org-ann', 'token-of-ann'],
      ['org-two', 'second'],
    ] as const) {
      expect(chooseSession(store, base, {text, source: 'flag'}).session.accessToken).to.equal(token)
    }
    const error = await thrown(() => chooseSession(store, base, {text: 'ann@example.org', source: 'flag'}))
    expect(error).to.include({kind: 'BAD_INPUT', code: 'ambiguous_session'})
    expect(error.details.errors).to.have.length(2)
  })

  it('two people of one organization: the one in use is meant by its name', async () => {
    const shared = {organization: organization('org-one')}
    await save(ann(shared))
    await save(bob(shared))
    const base = parseBaseUrl(service.baseUrl)
    const chosen = (text: string) => chooseSession(store, base, {text, source: 'flag'}).session.user.id
    expect([chosen('org-one'), chosen('ann@example.org')]).to.deep.equal(['bob', 'ann'])
  })

  it('a command that began for one organization goes on for it, whoever signs in meanwhile', async () => {
    await save(ann())
    const credentials = source()
    expect(await credentials.current()).to.include({token: 'token-of-ann'})
    await save(bob())
    expect(store.read(origin())?.session.user.id).to.equal('bob')
    expect(await credentials.current()).to.include({token: 'token-of-ann'})
    expect(credentials.stored?.()?.user.id).to.equal('ann')
    await store.remove({session: ann()})
    const error = await thrown(credentials.current())
    expect(error).to.include({kind: 'NOT_SIGNED_IN', code: 'session_gone'})
    expect(error.message).to.contain('org-ann')
  })

  it('renews a session that is not in use where it is, and the one in use stays as it was', async () => {
    await save(ann({accessTokenExpiresAt: expired()}))
    await save(bob())
    const inUse = home.read('.config/parix/session.json')
    service.answer('POST', PATHS.token, {
      json: {access_token: 'fresh', token_type: 'Bearer', expires_in: 3600, refresh_token: 'refresh-2'},
    })
    const stored = store.read(ann())!.session
    const both = await Promise.all([source(stored).current(), source(stored).current()])
    expect(both.map((credential) => credential.kind === 'bearer' && credential.token)).to.deep.equal(['fresh', 'fresh'])
    expect(service.to('POST', PATHS.token)).to.have.length(1)
    expect(service.to('POST', PATHS.token)[0]!.body).to.contain('refresh-of-ann')
    expect(home.read('.config/parix/session.json')).to.equal(inUse)
    const [name] = readdirSync(others())
    expect(JSON.parse(readFileSync(join(others(), name!), 'utf8'))).to.include({refreshToken: 'refresh-2'})
  })

  it('an ended grant ends that session only, and a lost response is remembered for each', async () => {
    await save(ann({accessTokenExpiresAt: expired()}))
    await save(bob({accessTokenExpiresAt: expired()}))
    service.answer('POST', PATHS.token, {drop: true}, {drop: true}, {status: 400, json: {error: 'invalid_grant'}})
    for (const name of ['ann', 'bob']) {
      const stored = store.read(name === 'ann' ? ann() : bob())!.session
      expect((await thrown(source(stored).current())).kind, name).to.equal('UNAVAILABLE')
    }
    const error = await thrown(source(store.read(ann())!.session).current())
    expect(error.message).to.contain('an earlier response was lost')
    expect(store.read(bob())!.session.refreshToken).to.equal('refresh-of-bob')
  })

  it('who signed in is not known yet: nobody is lost, and found out, the same person is there once', async () => {
    const nobody = {id: '', email: null, emailVerified: null, name: null, image: null}
    const none = {id: null, name: null, slug: null, memberRole: null}
    const unknown = (minute: number, token: string) =>
      file('', minute, {user: nobody, organization: none, accessToken: token})
    await save(ann())
    await save(unknown(7, 'first'))
    await save(unknown(8, 'second'))
    expect(store.list().sessions.map(({session}) => session.accessToken)).to.have.members([
      ...['second', 'first', 'token-of-ann'],
    ])
    await store.updateProfile(unknown(7, 'first'), {user: person('bob'), organization: organization('org-bob')})
    await store.updateProfile(unknown(8, 'second'), {user: person('ann'), organization: organization('org-ann')})
    expect(listed()).to.deep.equal([
      ['ann', true, true],
      ['bob', false, false],
    ])
    expect(store.read()?.session.accessToken).to.equal('second')
  })

  it('what can’t be kept is not replaced: the session in use stays as it was', async () => {
    await save(ann())
    const before = home.read('.config/parix/session.json')
    writeFileSync(others(), 'a file where the directory should be')
    expect((await thrown(store.assertCanSave(origin()))).kind).to.be.oneOf(['FAILED', 'SESSION_DAMAGED'])
    expect((await thrown(save(bob()))).kind).to.be.oneOf(['FAILED', 'SESSION_DAMAGED'])
    expect(home.read('.config/parix/session.json')).to.equal(before)
  })

  it('a damaged one is never taken for another: the rest works, and asked for what may be it, it is named', async () => {
    await save(ann())
    await save(bob())
    const [name] = readdirSync(others())
    writeFileSync(join(others(), name!), '{')
    expect(store.read(origin())?.session.user.id).to.equal('bob')
    const base = parseBaseUrl(service.baseUrl)
    expect((await thrown(() => chooseSession(store, base, {text: 'org-ann', source: 'flag'}))).kind).to.equal(
      'SESSION_DAMAGED',
    )
    expect((await thrown(() => store.read(ann()))).kind).to.equal('SESSION_DAMAGED')
    await store.remove('all')
    expect(readdirSync(join(home.path, '.config/parix'))).to.deep.equal([])
  })

  it('a crash between two writes leaves a second copy: it is one session, and ends as one', async () => {
    await save(ann())
    await save(bob())
    const [name] = readdirSync(others())
    home.write('.config/parix/session.json', ann())
    expect(listed()).to.deep.equal([['ann', true, true]])
    mkdirSync(others(), {recursive: true})
    expect((await store.remove('active')).removed).to.deep.equal([home.sessionPath, join(others(), name!)])
    rmSync(others(), {recursive: true, force: true})
    expect(store.list().sessions).to.deep.equal([])
  })

  it('a session that the service has moved to another organization sends nothing for the one that was asked for', async () => {
    await save(ann())
    const base = parseBaseUrl(service.baseUrl)
    const wanted = {text: 'org-ann', source: 'flag' as const}
    const stored = chooseSession(store, base, wanted).session
    for (const [id, token] of [
      ['org-ann', 'token-of-ann'],
      ['org-two', undefined],
    ] as const) {
      service.answer('GET', `${PATHS.api}/session`, {json: {ok: true, auth: {organization: organization(id)}}})
      const credentials = forOrganization(source(stored), base, wanted, 'parix/test')
      if (token !== undefined) expect(await credentials.current()).to.include({token})
      else {
        const error = await thrown(credentials.current())
        expect(error).to.include({kind: 'BAD_INPUT', code: 'other_organization'})
        expect(error.message).to.contain('org-two').and.to.contain('Nothing was sent')
      }
    }
    service.answer('GET', `${PATHS.api}/session`, {status: 503, json: {}})
    const error = await thrown(forOrganization(source(stored), base, wanted, 'parix/test').current())
    expect(error.message).to.contain('could not be checked, and nothing was sent')
  })

  it('law: two sessions of different organizations are never one', () => {
    const text = fc.constantFrom('', 'a', 'b')
    const made = fc.record({user: text, organization: text, createdAt: fc.constantFrom('', at(1), at(2)), token: text})
    type Made = {user: string; organization: string; createdAt: string; token: string}
    const session = ({user, organization: id, createdAt, token}: Made) =>
      sessionFile({
        user: {...person(user), id: user},
        organization: id === '' ? {id: null, name: null, slug: null, memberRole: null} : organization(id),
        createdAt,
        accessToken: token,
      })
    fc.assert(
      fc.property(made, made, (one, other) => {
        const same = isSameSession(session(one), session(other))
        expect(same).to.equal(isSameSession(session(other), session(one)))
        if (one.organization !== '' && other.organization !== '' && one.organization !== other.organization)
          expect(same).to.equal(false)
        if (one.user !== '' && other.user !== '' && one.user !== other.user) expect(same).to.equal(false)
      }),
    )
  })
})
