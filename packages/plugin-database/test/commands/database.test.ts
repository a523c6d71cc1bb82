import {type ScriptedResponse, type SignedInParix, withParix} from '@parix/testkit'
import {expect} from 'chai'
import {BLOCKED, BOOKS, CATALOG, CREATED, info, list} from '../answers.js'

const DATABASES = '/api/v1/databases'
const BOOK = '/api/v1/databases/db_1'

interface ErrorDocument {
  error: {code: string; exitCode: number; message: string; next: string[]; errors?: string[]}
}

describe('parix database list', () => {
  it('shows names, states, places, ids; --search and --limit reach the service', () =>
    withParix(async ({service, parix}) => {
      service.answer('GET', DATABASES, {json: list(BOOKS)})
      const {code, stdout, stderr} = await parix('database list --search boo --limit 5')
      expect(code).to.equal(0)
      expect(stdout).to.match(/^NAME +STATUS +WHERE +CREATED +ID\nbooks +READY +gcp\/us-central1 +2026-01-02 +db_1\n$/)
      expect(stderr).to.equal('')
      expect(service.requests[0]!.query).to.deep.equal({search: 'boo', limit: '5'})
    }))

  it('--json is the answer of the service, with what we have never heard of', () =>
    withParix(async ({service, parix}) => {
      const response = {...list({...BOOKS, tags: ['a'], provider: null}), cursor: {n: 1}}
      service.answer('GET', DATABASES, {json: response})
      const {stdout, stderr} = await parix('database ls --json')
      expect(JSON.parse(stdout)).to.deep.equal(response)
      expect(stderr).to.equal('')
    }))

  it('nothing there: says how to make one, on stderr; says so when --limit may have cut the list', () =>
    withParix(async ({service, parix}) => {
      service.answer('GET', DATABASES, {json: list()}, {json: list(BOOKS)})
      const empty = await parix('database list')
      expect(empty).to.include({code: 0, stdout: ''})
      expect(empty.stderr).to.match(/parix database create NAME/)
      expect((await parix('db ls --limit 1')).stderr).to.match(/there may be more/)
    }))

  it('threat 7.9, rule 20: what the service sends never reaches a terminal as control characters', () =>
    withParix(async ({service, parix}) => {
      service.answer('GET', DATABASES, {json: list({...BOOKS, name: 'a\u001b]52;c;eA==\u0007\u202e\u009bb\n'})})
      const {stdout} = await parix('database list')
      expect(stdout).to.include('a\\u001b]52;c;eA==\\u0007\\u202e\\u009bb\\n')
      const asJson = await parix('database list --json')
      expect(asJson.stdout).to.not.match(/[\u001b\u007f-\u009f]/)
      expect(JSON.parse(asJson.stdout).databases[0].name).to.include('\u009bb')
    }))

  it('rule 13: no escape off a terminal', () =>
    withParix(async ({service, parix}) => {
      service.answer('GET', DATABASES, {json: list(BOOKS)})
      const {stdout, stderr} = await parix('database list', {env: {TERM: 'xterm-256color'}})
      expect(stdout + stderr).to.not.include('\u001b')
    }))
})

describe('parix database catalog', () => {
  it('shows four tables, with the flags they are for', () =>
    withParix(async ({service, parix}) => {
      service.answer('GET', '/api/v1/catalog/create', {json: CATALOG})
      const {code, stdout} = await parix('database catalog')
      expect(code).to.equal(0)
      for (const part of ['Places: --provider, --region', 'us-central1', 'config-ha-3', 'size-px-5', '4 GB', '×1']) {
        expect(stdout).to.include(part)
      }
      expect(JSON.parse((await parix('database catalog --json')).stdout)).to.deep.equal(CATALOG)
    }))
})

describe('parix database info', () => {
  it('by name, by id, and by the default', () =>
    withParix(async ({service, parix}) => {
      service.answer('GET', DATABASES, {json: list(BOOKS)}).answer('GET', BOOK, {json: info()})
      const runs = await Promise.all([
        parix('database info books'),
        parix('database show db_1'),
        parix('database info', {env: {PARIX_DATABASE: 'books'}}),
      ])
      for (const {code, stdout} of runs) {
        expect(code).to.equal(0)
        expect(stdout)
          .to.match(/^name +books$/m)
          .and.match(/^memory +8 GB$/m)
          .and.match(/^TigerBeetle +0\.17\.9$/m)
      }
    }))

  it('--json is the answer of the service', () =>
    withParix(async ({service, parix}) => {
      const response = info({metricsSummary: {cpuUsagePct: 1.5}, surprise: true})
      service.answer('GET', DATABASES, {json: list(BOOKS)}).answer('GET', BOOK, {json: response})
      expect(JSON.parse((await parix('database info books --json')).stdout)).to.deep.equal(response)
    }))

  it('rule 18: a name of several databases is an error that lists them', () =>
    withParix(async ({service, parix}) => {
      service.answer('GET', DATABASES, {json: list(BOOKS, {...BOOKS, id: 'db_2', region: 'europe'})})
      const {code, stdout} = await parix('database info books --json')
      const {error} = JSON.parse(stdout) as ErrorDocument
      expect(code).to.equal(2)
      expect(error.errors!.join('\n')).to.match(/db_1[\s\S]*db_2/)
    }))

  it('rule 24: a typo gets a suggestion; without a name and a default, says how to choose one', () =>
    withParix(async ({service, parix}) => {
      service
        .answer('GET', DATABASES, ({query}) => ({json: query.search === undefined ? list(BOOKS) : list()}))
        .answer('GET', /^\/api\/v1\/databases\//, {status: 404, json: {detail: 'No such database.'}})
      const typo = await parix('database info boosk')
      expect(typo.code).to.equal(3)
      expect(typo.stderr).to.match(/Did you mean "books"\?/)
      const none = await parix('database info')
      expect(none.code).to.equal(2)
      expect(none.stderr).to.match(/parix database use NAME/)
    }))
})

describe('responses of a shape other than the contract’s', () => {
  const strange: [string, ScriptedResponse][] = [
    ['nothing known', {json: {surprise: [1, {a: '\u009b'}]}}],
    ['a list', {json: [1]}],
    ['an empty object', {json: {}}],
    ['text', {json: 'hello'}],
    ['null', {json: null}],
    ['204', {status: 204}],
    ['an empty body', {body: ''}],
  ]
  for (const [what, scripted] of strange) {
    it(`${what}: an error in words, with 75, with and without --json`, () =>
      withParix(async ({service, parix}) => {
        service.answer('GET', /./, scripted)
        for (const words of ['database list', 'database catalog', 'database info db_1']) {
          const {code, stdout, stderr} = await parix(words)
          expect({code, stdout}, words).to.deep.equal({code: 75, stdout: ''})
          expect(stderr).to.include('is not what its contract says')
          const {error} = JSON.parse((await parix(`${words} --json`)).stdout) as ErrorDocument
          expect(error).to.include({code: 'unreadable_answer', exitCode: 75})
        }
      }))
  }

  it('half of what we know: the rest is shown', () =>
    withParix(async ({service, parix}) => {
      service
        .answer('GET', DATABASES, {json: {databases: [{id: 'db_1', name: 'books'}]}})
        .answer('GET', BOOK, {json: {database: {id: 'db_1'}, profile: {status: 7}, metricsSummary: {}}})
      expect((await parix('database list')).stdout).to.match(/^books +- +- +- +db_1$/m)
      expect((await parix('database info db_1')).stdout).to.match(/^id +db_1$/m)
    }))
})

describe('parix database create', () => {
  const answered = ({service}: SignedInParix) =>
    service
      .answer('GET', DATABASES, {json: list()})
      .answer('POST', DATABASES, {status: 201, json: CREATED})
      .answer('GET', BOOK, {json: info({}, 'PROVISIONING')}, {json: info()})

  it('says what is true now, and the next command', () =>
    withParix(async (world) => {
      answered(world)
      const {code, stdout, stderr} = await world.parix('database create books')
      expect(code).to.equal(0)
      expect(stdout).to.equal(
        `name     books\nid       db_1\nstatus   PROVISIONING\nservice  ${new URL(world.service.baseUrl).host}\n`,
      )
      expect(stderr).to.match(/parix database wait books/)
    }))

  it('--json: the answer of the service, and whether it is ready', () =>
    withParix(async (world) => {
      answered(world)
      const {stdout, stderr} = await world.parix('database create books --json')
      expect(JSON.parse(stdout)).to.deep.equal({...CREATED, status: 'PROVISIONING', ready: false})
      expect(stderr).to.not.include('\u001b')
    }))

  it('flaw 19, rule 14: --wait ends when it is ready; off a terminal its progress is plain lines', () =>
    withParix(async (world) => {
      answered(world)
      const {code, stdout, stderr} = await world.parix('database create books --wait --json')
      expect(code).to.equal(0)
      expect(JSON.parse(stdout)).to.include({status: 'READY', ready: true})
      expect(stderr)
        .to.match(/^books is PROVISIONING$/m)
        .and.not.match(/[\u001b\r⠋]/)
    }))

  it('--wait on a terminal: one line that moves, and is gone at the end', () =>
    withParix(async (world) => {
      answered(world)
      const {code, stdout} = await world.onTerminal(['database', 'create', 'books', '--wait'], {columns: 60}).result
      expect(code).to.equal(0)
      expect(stdout).to.match(/\r\u001b\[K⠋ Waiting for books/)
      const screen = stdout.split('\n').map((line) => line.replace(/^[\s\S]*\u001b\[K/, ''))
      expect(screen.join('\n'))
        .to.match(/^.*status.*READY\r?$/m)
        .and.not.match(/[⠋⠙⠹⠸]/)
    }))

  it('exit 7 when --timeout is over, with and without --json; the database is there all the same', () =>
    withParix(async (world) => {
      answered(world).answer('GET', BOOK, {json: info({}, 'PROVISIONING')})
      const plain = await world.parix('database create books --wait --timeout 300ms')
      expect(plain.code).to.equal(7)
      expect(plain.stderr)
        .to.match(/still PROVISIONING after 300 ms/)
        .and.match(/parix database wait books/)
      const asJson = await world.parix('database create books --wait --timeout 1ms --json')
      expect(asJson.code).to.equal(7)
      expect((JSON.parse(asJson.stdout) as ErrorDocument).error).to.include({exitCode: 7})
    }))

  it('flaw 8: a billing block is exit 5 with the address, and the very command to repeat', () =>
    withParix(async (world) => {
      answered(world).answer('POST', DATABASES, {json: BLOCKED})
      const words = ['database', 'create', "it's mine", '--storage-gb', '20']
      const {code, stdout, stderr} = await world.parix(words)
      expect({code, stdout}).to.deep.equal({code: 5, stdout: ''})
      expect(stderr).to.include('https://pay.example/checkout/1')
      expect(stderr).to.include("parix database create 'it'\\''s mine' --storage-gb 20")
      const asJson = await world.parix([...words, '--json'])
      expect(asJson.code).to.equal(5)
      expect((JSON.parse(asJson.stdout) as ErrorDocument).error.code).to.equal('payment_method_required')
    }))

  it('rule 21: Ctrl-C while it is being sent, or waited for, says what is known; exit 130', () =>
    withParix(async (world) => {
      answered(world).answer('POST', DATABASES, {hang: true}, {json: CREATED}).answer('GET', BOOK, {hang: true})
      const sending = world.start('database create books')
      await world.service.received('POST', DATABASES)
      sending.child.kill('SIGINT')
      const first = await sending.result
      expect(first.code).to.equal(130)
      expect(first.stderr).to.match(/It is unknown whether books was created: parix database info books/)
      const waiting = world.start('database create books --wait')
      await world.service.received('GET', BOOK)
      waiting.child.kill('SIGINT')
      const second = await waiting.result
      expect(second.code).to.equal(130)
      expect(second.stderr).to.match(/books is still being created: parix database wait books/)
    }))

  describe('flaw 14: refused before anything is sent', () => {
    for (const words of [
      ['--storage-gb', '9'],
      ['--storage-gb', '12.5'],
      ['--timeout', '5m'],
      ['--wait', '--timeout', 'soon'],
      ['--limit', '3'],
    ]) {
      it(words.join(' '), () =>
        withParix(async ({service, parix}) => {
          const {code, stderr} = await parix(['database', 'create', 'books', ...words])
          expect(code, stderr).to.equal(2)
          expect(service.requests).to.deep.equal([])
        }),
      )
    }

    it('an empty name, one with a line break, one that is too long, and one that is not UTF-8', () =>
      withParix(async ({service, parix}) => {
        for (const name of ['', ' books', 'a\nb']) expect((await parix(['database', 'create', name])).code).to.equal(2)
        for (const [name, reason] of [
          ['n'.repeat(201), 'the name of the database is longer than 200 characters'],
          // What Node makes of the bytes of another encoding.
          ['caf\ufffd', 'the name of the database is not valid UTF-8'],
        ] as const) {
          const {code, stderr} = await parix(['database', 'create', name])
          expect(code).to.equal(2)
          expect(stderr).to.contain(reason)
        }
        expect(service.requests).to.deep.equal([])
      }))
  })
})

describe('parix database wait', () => {
  it('0 when ready, 7 when not in time, 1 when provisioning failed', () =>
    withParix(async ({service, parix}) => {
      const failed = info({latestProvisionJob: {status: 'FAILED', error: 'No quota.'}}, 'PROVISIONING')
      service
        .answer('GET', DATABASES, {json: list(BOOKS)})
        .answer('GET', BOOK, {json: info()}, {json: info()}, {json: info({}, 'PROVISIONING')}, {json: failed})
      expect((await parix('database wait books')).stdout).to.equal('books is ready.\n')
      expect(JSON.parse((await parix('database wait books --json')).stdout)).to.deep.equal(info())
      expect((await parix('database wait books --timeout 0')).code).to.equal(7)
      const last = await parix('database wait books --timeout 1m')
      expect(last.code).to.equal(1)
      expect(last.stderr).to.match(/No quota\./)
    }))
})

describe('parix database remove', () => {
  const REMOVED = {ok: true, databaseId: 'db_1', status: 'queued', workflowId: 'wf_2', message: 'Queued.'}
  const answered = ({service}: SignedInParix) =>
    service
      .answer('GET', DATABASES, {json: list(BOOKS)})
      .answer('GET', BOOK, {json: info()})
      .answer('DELETE', BOOK, {status: 202, json: REMOVED})
      .answer('GET', '/api/v1/session', {json: {ok: true, auth: {organization: {id: 'org_1', name: 'Engines'}}}})

  for (const [what, words] of [
    ['--confirm NAME', ['--confirm', 'books']],
    ['--yes, as before', ['--yes']],
    ['-y, as before', ['-y']],
  ] as const) {
    it(`removes with ${what}`, () =>
      withParix(async (world) => {
        answered(world)
        const {code, stdout} = await world.parix(['database', 'rm', 'books', ...words])
        expect({code, stdout}).to.deep.equal({
          code: 0,
          stdout: `books will be removed from ${new URL(world.service.baseUrl).host} (queued).\n`,
        })
        expect(world.service.to('DELETE', BOOK)).to.have.length(1)
      }))
  }

  it('flaw 8: where nobody can be asked, nothing is removed, exit 2, and the flag is named', () =>
    withParix(async (world) => {
      answered(world)
      for (const words of [
        'database remove books',
        'database remove db_1 --json',
        'database delete books --no-input',
      ]) {
        const {code, stdout, stderr} = await world.parix(words, {stdin: 'books\ny\n'})
        expect(code).to.equal(2)
        expect(stdout + stderr).to.match(/--confirm/)
      }
      expect(world.service.to('DELETE', BOOK)).to.deep.equal([])
    }))

  it('flaw 8: a wrong --confirm removes nothing, exit 2; the id is not the name', () =>
    withParix(async (world) => {
      answered(world)
      for (const confirm of ['book', 'Books', 'db_1', '']) {
        const {code} = await world.parix(['database', 'remove', 'db_1', '--confirm', confirm])
        expect(code).to.equal(2)
      }
      expect(world.service.to('DELETE', BOOK)).to.deep.equal([])
    }))

  it('rule 5: the question shows environment, organization, name and id; the name is typed', () =>
    withParix(async (world) => {
      answered(world)
      const asking = world.onTerminal(['database', 'remove', 'books'])
      await asking.saw(/Type its name to remove it for good:/)
      const shown = asking.stdout().replaceAll('\r', '')
      expect(shown).to.include(`environment   ${world.service.baseUrl}/`)
      expect(shown).to.match(/organization {2}Engines \(org_1\)\n {2}name {10}books\n {2}id {12}db_1\n/)
      expect(world.service.to('DELETE', BOOK)).to.deep.equal([])
      asking.child.stdin!.write('books\n')
      const {code, stdout} = await asking.result
      expect(code).to.equal(0)
      expect(stdout).to.include(`books will be removed from ${new URL(world.service.baseUrl).host} (queued).`)
    }))

  for (const [what, keys, exit] of [
    ['another name', 'y\n', 2],
    ['Ctrl-D', '\u0004', 2],
    ['Ctrl-C', '\u0003', 130],
  ] as const) {
    it(`rule 4: ${what} at the question removes nothing, exit ${exit}`, () =>
      withParix(async (world) => {
        answered(world)
        const asking = world.onTerminal(['database', 'remove', 'books'])
        await asking.saw(/for good:/)
        asking.child.stdin!.write(keys)
        expect((await asking.result).code).to.equal(exit)
        expect(world.service.to('DELETE', BOOK)).to.deep.equal([])
      }))
  }

  it('--wait ends when the service no longer knows it; --json says so', () =>
    withParix(async (world) => {
      const going = {json: info({decommissionState: {status: 'running'}})}
      answered(world).answer('GET', BOOK, {json: info()}, going, going, {status: 404, json: {}})
      const {code, stdout} = await world.parix('database remove books --yes --wait --json')
      expect(code).to.equal(0)
      expect(JSON.parse(stdout)).to.deep.equal({...REMOVED, name: 'books', removed: true})
    }))

  it('exit 7 when --wait runs out', () =>
    withParix(async (world) => {
      answered(world)
      const {code} = await world.parix('database remove books --yes --wait --timeout 1ms')
      expect(code).to.equal(7)
    }))

  it('flaw 13: a lost answer is looked up, never sent again blindly', () =>
    withParix(async (world) => {
      answered(world)
        .answer('DELETE', BOOK, {drop: true})
        .answer('GET', BOOK, {json: info()}, {json: info({decommissionState: {status: 'queued', workflowId: 'w'}})})
      const found = await world.parix('database remove books --yes')
      expect(found.code, found.stderr).to.equal(0)
      answered(world).answer('DELETE', BOOK, {drop: true})
      const unknown = await world.parix('database remove books --yes')
      expect(unknown.code).to.equal(75)
      expect(unknown.stderr).to.match(/parix database remove books --yes/)
      expect(world.service.to('DELETE', BOOK)).to.have.length(2)
    }))

  it('says so when it was the default', () =>
    withParix(async (world) => {
      answered(world)
      await world.parix('database use books')
      expect((await world.parix('database remove books --yes')).stderr).to.match(/still the default in .*config\.json/)
    }))
})

describe('parix database use', () => {
  it('rule 11: keeps the default for the user, or for a directory, per service; says where, and what goes before it', () =>
    withParix(async ({service, home, parix}) => {
      service
        .answer('GET', DATABASES, {json: list(BOOKS, {...BOOKS, id: 'db_2', name: 'till'})})
        .answer('GET', BOOK, {json: info()})
      home.write('project/sub/.keep', '')
      const cwd = `${home.path}/project/sub`
      const user = await parix('database use books', {cwd})
      expect(user.code, user.stderr).to.equal(0)
      expect(user.stderr).to.match(/Stored in .*\.config\/parix\/config\.json/)
      const project = await parix('database use till --project --json', {cwd: `${home.path}/project`})
      expect(JSON.parse(project.stdout)).to.deep.include({
        database: 'till',
        source: 'project',
        path: `${home.path}/project/.parix.json`,
      })
      const current = await parix('database use --json', {cwd})
      expect(JSON.parse(current.stdout)).to.include({database: 'till', source: 'project'})
      expect((await parix('database use books', {cwd})).stderr).to.match(/till is used all the same/)
      expect(JSON.parse(home.read('.config/parix/config.json')).databases).to.deep.equal({
        [service.baseUrl.replace('127.0.0.1', 'localhost')]: 'books',
      })
      const away = await parix('database use --unset --project', {cwd})
      expect(away.stderr).to.match(/Here books is used still/)
      expect(JSON.parse((await parix('database use --json --unset', {cwd})).stdout)).to.include({database: null})
      expect(JSON.parse((await parix('database use --json', {cwd})).stdout)).to.include({database: null, source: null})
    }))

  it('stores no database that is not there', () =>
    withParix(async ({service, home, parix}) => {
      service.answer('GET', DATABASES, {json: list()}).answer('GET', /^\/api\/v1\/databases\//, {status: 404, json: {}})
      expect((await parix('database use nothing')).code).to.equal(3)
      expect(() => home.read('.config/parix/config.json')).to.throw()
    }))
})
