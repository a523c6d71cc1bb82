import {mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {createBrowser, makeHome, type RunResult, startAround, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'
import {driveLogin} from '../commands/auth/driven-login.js'
import {resultOf} from '../tidy/built.js'

const ANN = {email: 'ann@example.org', organization: 'Acme'}
const BOB = {email: 'bob@example.org', organization: 'Globex'}
type Person = typeof ANN

/** Two people, each with an organization, at one service and in one home; both have a database called books. */
describe('story: two organizations at one service', function () {
  this.timeout(180_000)
  let dataDir: string
  let service: RunningService
  let home: TestHome
  let lose = false
  /** A key of each organization: the ledgers are looked at without the sessions under test. */
  const keys: Record<string, string> = {}
  let code = 1000

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-two-'))
    service = await startService({
      port: 0,
      dataDir,
      provisionDelayMs: 0,
      intercept: async (request, next) =>
        lose && request.url.endsWith('/create_transfers') ? new Response('', {status: 503}) : next(request),
    })
    home = makeHome()
    for (const person of [ANN, BOB]) {
      await signIn(person)
      await succeeds('database create books --wait')
      await succeeds('tb create-accounts books --id 1 --ledger 700 --code 10')
      await succeeds('tb create-accounts books --id 2 --ledger 700 --code 10')
      keys[person.organization] = (await succeeds('auth api-key create look --write')).stdout.trim()
    }
  })
  beforeEach(async () => {
    lose = false
    await succeeds('auth switch Globex')
  })
  after(async () => {
    await service?.close()
    home?.remove()
    rmSync(dataDir, {recursive: true, force: true})
  })

  const go = (words: string | string[], env: Record<string, string> = {}, own = home) =>
    resultOf(typeof words === 'string' ? words.split(' ') : words, own, env)
  async function succeeds(words: string, env: Record<string, string> = {}): Promise<RunResult> {
    const result = await go(words, env)
    expect(result.code, words + result.stderr).to.equal(0)
    return result
  }

  /** Through the browser, as that person. */
  async function signIn({email, organization}: Person, own = home, before?: Promise<unknown>): Promise<RunResult> {
    const login = await driveLogin({home: own, baseUrl: service.baseUrl})
    await before
    const page = await createBrowser().open(login.page.href)
    const consent = await page.press(/Continue as this person/, {fill: {email, name: '', organization}})
    await consent.press(/^Allow$/)
    const result = await login.result
    expect(result.code, result.stderr).to.equal(0)
    return result
  }

  /** In which ledger the transfers with this code are. */
  async function placesOf(transferCode: number): Promise<string[]> {
    const places: string[] = []
    for (const [organization, key] of Object.entries(keys)) {
      const env = {PARIX_API_KEY: key, PARIX_BASE_URL: service.baseUrl}
      const {stdout} = await succeeds(`tb query-transfers books --code ${transferCode} --json`, env)
      const rows = (JSON.parse(stdout) as {responsePayload: unknown[]}).responsePayload
      places.push(...rows.map(() => organization))
    }
    return places
  }

  const pay = (transferCode: number, more = '') =>
    `tb create-transfers books --from 1 --to 2 --amount 1 --ledger 700 --code ${transferCode}${more}`
  const sessions = async (own = home) =>
    (
      JSON.parse((await go('auth list --json', {}, own)).stdout) as {
        sessions: {active: boolean; current: boolean; user: {email: string}; organization: {id: string; slug: string}}[]
      }
    ).sessions
  const organizationId = async ({email}: Person) =>
    (await sessions()).find(({user}) => user.email === email)!.organization.id

  it('auth list shows both, the last sign-in is in use, and an older CLI finds that one in session.json', async () => {
    const shown = (await sessions()).map(({active, current, user}) => [user.email, active, current])
    expect(shown).to.deep.equal([
      [BOB.email, true, true],
      [ANN.email, false, false],
    ])
    expect(JSON.parse(home.read('.config/parix/session.json'))).to.deep.include({version: 2, baseUrl: service.baseUrl})
    const {stdout} = await go('auth list')
    expect(stdout).to.match(/^\* +http\S+ +bob <bob@example\.org> +Globex \(owner\)\n +http\S+ +ann <ann@.*Acme/m)
    expect(readdirSync(join(home.path, '.config/parix/sessions'))).to.have.length(1)
  })

  const CHOICES: [title: string, who: Person, words: string, env?: () => Record<string, string>][] = [
    ['the one in use', BOB, ''],
    ['--base-url alone', BOB, ' --base-url URL'],
    ['PARIX_BASE_URL alone', BOB, '', () => ({PARIX_BASE_URL: service.baseUrl})],
    ['--organization by name', ANN, ' --organization Acme'],
    ['--organization by slug', ANN, ' --organization acme'],
    ['--organization by id', ANN, ' --organization ID'],
    ['--organization by e-mail address', ANN, ' --organization Ann@Example.org'],
    ['--organization and --base-url', ANN, ' --organization Acme --base-url URL'],
    ['PARIX_ORGANIZATION', ANN, '', () => ({PARIX_ORGANIZATION: 'Acme'})],
    ['--organization before PARIX_ORGANIZATION', BOB, ' --organization Globex', () => ({PARIX_ORGANIZATION: 'Acme'})],
    ['an API key', ANN, ' --base-url URL', () => ({PARIX_API_KEY: keys.Acme!})],
    [
      'an API key that --organization agrees with',
      ANN,
      ' --base-url URL --organization acme',
      () => ({PARIX_API_KEY: keys.Acme!}),
    ],
  ]
  for (const [title, who, words, env] of CHOICES) {
    it(`money goes to ${who.organization} by ${title}`, async () => {
      const own = code++
      const more = words.replace('URL', service.baseUrl).replace('ID', await organizationId(ANN))
      const {stdout, stderr} = await succeeds(pay(own, more), env?.())
      expect(await placesOf(own)).to.deep.equal([who.organization])
      // A key may be of any organization: only a session says which.
      if (!env?.().PARIX_API_KEY) expect(stdout + stderr).to.contain(`(organization ${who.organization})`)
    })
  }

  it('auth switch chooses by name, slug, id, e-mail address or URL and organization; money follows', async () => {
    const id = await organizationId(ANN)
    for (const words of [
      'Acme',
      'acme',
      id,
      ANN.email,
      `${service.baseUrl} --organization acme`,
      '--organization Acme',
    ]) {
      await succeeds('auth switch Globex')
      const {stdout} = await succeeds(`auth switch ${words}`)
      expect(stdout, words).to.contain('organization Acme')
      const own = code++
      await succeeds(pay(own))
      expect(await placesOf(own), words).to.deep.equal(['Acme'])
    }
  })

  it('what means no session is refused before anything is sent, with the sessions that there are', async () => {
    for (const [words, env] of [
      [' --organization Initech', {}],
      ['', {PARIX_ORGANIZATION: 'ACME'}],
    ] as const) {
      const own = code++
      const {code: exit, stderr, stdout} = await go(pay(own, words), env)
      expect([exit, stdout]).to.deep.equal([4, ''])
      expect(stderr).to.contain('for the organization').and.to.contain('Acme').and.to.contain('Globex')
      expect(stderr).to.match(/parix auth login --base-url \S+ --prompt select_account/)
      expect(await placesOf(own)).to.deep.equal([])
    }
    const {code: exit, stderr} = await go('auth switch Initech')
    expect(exit).to.equal(4)
    expect(stderr).to.contain('parix auth list')
    expect((await go('auth switch')).code).to.equal(2)
    expect((await sessions())[0]!.user.email, 'nothing was switched').to.equal(BOB.email)
  })

  it('an API key of an organization other than the one that was asked for sends nothing', async () => {
    const own = code++
    for (const [words, env] of [
      [' --organization Globex', {}],
      ['', {PARIX_ORGANIZATION: 'Globex'}],
    ] as const) {
      const result = await go(pay(own, words), {PARIX_API_KEY: keys.Acme!, PARIX_BASE_URL: service.baseUrl, ...env})
      expect([result.code, result.stdout]).to.deep.equal([2, ''])
      expect(result.stderr).to.contain('is for the organization Acme').and.to.contain('Nothing was sent')
    }
    expect(await placesOf(own)).to.deep.equal([])
    const outbox = JSON.parse((await succeeds('tb outbox list --json')).stdout) as {entries: unknown[]}
    expect(outbox.entries).to.deep.equal([])
  })

  it('auth status says which one, and what chose it', async () => {
    const status = async (words = '', env = {}) =>
      JSON.parse((await succeeds(`auth status --json${words}`, env)).stdout) as {
        organization: {name: string}
        organizationSource: string
      }
    for (const [words, env, name, source] of [
      ['', {}, 'Globex', 'session'],
      [' --organization acme', {}, 'Acme', 'flag'],
      ['', {PARIX_ORGANIZATION: 'acme'}, 'Acme', 'environment'],
    ] as const) {
      const {organization, organizationSource} = await status(words, env)
      expect([organization.name, organizationSource]).to.deep.equal([name, source])
    }
    expect((await succeeds('auth status --organization acme')).stdout).to.contain('chosen by --organization')
  })

  it('a printed next step names the organization, and works as pasted', async () => {
    home.write('bin/parix', `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin/run.js')}' "$@"\n`, 0o755)
    for (const [name, words, env] of [
      ['by-flag', ' --organization Acme', {}],
      ['by-variable', '', {PARIX_ORGANIZATION: 'Acme'}],
    ] as const) {
      const {stderr} = await succeeds(`database create ${name} --wait${words}`, env)
      const step = /parix tb create-accounts .*/.exec(stderr)![0]
      expect(step).to.contain('--organization Acme')
      const path = [join(home.path, 'bin'), home.environment.PATH].join(delimiter)
      const pasted = await startAround(['sh', '-c', step], step, {cwd: home.path, home, env: {PATH: path}}).result
      expect(pasted.code, pasted.stderr).to.equal(0)
      const key = {PARIX_API_KEY: keys.Acme!, PARIX_BASE_URL: service.baseUrl}
      await succeeds(`tb lookup-accounts ${name} --id 1`, key)
      expect((await go(`database info ${name}`)).code, 'not in Globex').to.equal(3)
    }
    const plain = await succeeds('database create in-use --wait')
    expect(plain.stderr).not.to.contain('--organization')
  })

  it('a call in the outbox goes to the organization that it was made for, whichever is in use, and to no other', async () => {
    const own = code++
    lose = true
    const lost = await go(pay(own, ' --organization Acme --retry-for 1ms'))
    expect(lost.code, lost.stderr).to.equal(75)
    lose = false
    const entry = async () =>
      (JSON.parse((await succeeds('tb outbox list --json')).stdout) as {entries: {id: string; organization: object}[]})
        .entries
    const [{id, organization}] = (await entry()) as [{id: string; organization: {name: string}}]
    expect(organization.name).to.equal('Acme')
    for (const [words, env] of [
      [' --organization Globex', {}],
      ['', {PARIX_ORGANIZATION: 'Globex'}],
      ['', {PARIX_API_KEY: keys.Globex!, PARIX_BASE_URL: service.baseUrl}],
    ] as const) {
      const refused = await go(`tb outbox resume ${id}${words}`, env)
      expect(refused.code, refused.stderr).to.equal(2)
      expect(refused.stderr).to.contain('was created for the organization Acme').and.to.contain('Nothing was sent')
    }
    const all = await succeeds('tb outbox resume')
    expect(all.stderr).to.contain('1 call for other organizations stay')
    expect(await placesOf(own)).to.deep.equal([])
    expect(await entry()).to.have.length(1)
    await succeeds(`tb outbox resume ${id}`)
    expect(await placesOf(own)).to.deep.equal(['Acme'])
    expect(await entry()).to.have.length(0)
  })

  it('a default database is of one organization', async () => {
    await succeeds('database use books')
    await succeeds('database create other --wait --organization Acme')
    await succeeds('database use other --organization Acme')
    expect((await succeeds('database use --json')).stdout).to.contain('"books"')
    expect((await succeeds('database use --json --organization acme')).stdout).to.contain('"other"')
    await succeeds('database use --unset --organization acme')
    expect((await succeeds('database use --json')).stdout).to.contain('"books"')
  })

  it('signing in once more as the same person replaces that session and no other', async () => {
    await signIn(ANN)
    const after = (await sessions()).map(({active, user}) => [user.email, active])
    expect(after).to.deep.equal([
      [ANN.email, true],
      [BOB.email, false],
    ])
    await succeeds('auth switch Globex')
    expect(await sessions()).to.have.length(2)
  })

  it('logout ends one; none of the others is used in its place until it is chosen', async () => {
    const own = makeHome()
    try {
      for (const person of [ANN, BOB]) {
        const {stderr} = await signIn(person, own)
        if (person === BOB)
          expect(stderr).to.contain('still signed in there as ann <ann@example.org>, organization Acme')
      }
      const out = await go('auth logout', {}, own)
      expect(out.stdout).to.contain('as bob <bob@example.org>, organization Globex')
      expect(out.stderr).to.contain('ann@example.org')
      const refused = await go(`database list --base-url ${service.baseUrl}`, {}, own)
      expect(refused.code).to.equal(4)
      expect(refused.stderr)
        .to.contain('None of your sessions')
        .and.to.match(/parix auth switch \S+ --organization \S+/)
      expect((await go('auth switch acme', {}, own)).code).to.equal(0)
      expect((await go('database list', {}, own)).code).to.equal(0)
      await signIn(BOB, own)
      const named = await go('auth logout --organization acme --json', {}, own)
      expect(JSON.parse(named.stdout).sessions[0].user.email).to.equal(ANN.email)
      expect((await sessions(own)).map(({user, active}) => [user.email, active])).to.deep.equal([[BOB.email, true]])
      await signIn(ANN, own)
      expect((await go('auth logout --all', {}, own)).code).to.equal(0)
      expect(await sessions(own)).to.deep.equal([])
      expect(readdirSync(join(own.path, '.config/parix'))).to.deep.equal([])
    } finally {
      own.remove()
    }
  })

  it('two sign-ins at the same moment keep both', async () => {
    const own = makeHome()
    try {
      let arrived = 0
      let both: () => void = () => {}
      const together = new Promise<void>((resolve) => {
        both = resolve
      })
      const meet = () => {
        arrived += 1
        if (arrived === 2) both()
        return together
      }
      await Promise.all(
        [ANN, BOB].map((person) => signIn(person, own, new Promise<void>((resolve) => resolve(meet())))),
      )
      expect((await sessions(own)).map(({user}) => user.email).sort()).to.deep.equal([ANN.email, BOB.email])
      for (const {organization} of [ANN, BOB]) {
        const status = await go(`auth status --organization ${organization} --json`, {}, own)
        expect(JSON.parse(status.stdout).organization.name).to.equal(organization)
      }
    } finally {
      own.remove()
    }
  })
})
