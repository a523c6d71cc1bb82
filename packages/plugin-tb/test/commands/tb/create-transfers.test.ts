import {readdirSync} from 'node:fs'
import {makeHome, sessionFile, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, created, on, problem, refused, rows, sent, transfer} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

const MOVE = `create-transfers ${BOOKS} --from 1 --to 2 --amount 5 --ledger 1 --code 1`

describe('parix tb create-transfers', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('flaw 2: a generated id is shown and stored before anything is sent, and every attempt has it', () =>
    withService(async (service) => {
      const outboxAtSend: string[] = []
      on(
        service,
        'create_transfers',
        () => {
          outboxAtSend.push(...outboxBodies(home))
          return {drop: true}
        },
        problem(503, 'internal-error'),
        created('exists'),
      )
      const {stdout, stderr, code} = await tb(MOVE, {home, service})
      expect(code).to.equal(0)
      const [first, ...others] = sent(service, 'create_transfers')
      expect(others).to.deep.equal([first, first])
      const {id} = JSON.parse(first!)[0]
      expect(id).to.match(/^\d{37}$/)
      expect(stderr.split('\n')[0]).to.equal(`Transfer ${id} (generated id)`)
      expect(stderr).to.contain('had been created by an earlier attempt')
      expect(stdout).to.match(new RegExp(`${id} +1 +2 +5 +- +already there`))
      expect(outboxAtSend).to.deep.equal([first])
      expect(outboxBodies(home)).to.deep.equal([])
    }))

  it('flaw 3: ids and amounts beyond 2^53 go out digit by digit, from flags, --payload, --file and stdin', () =>
    withService(async (service) => {
      const big = '340282366920938463463374607431768211453'
      on(service, 'create_transfers', created('created'))
      const asNumbers = `{"id": 9007199254740993, "debit_account_id": ${big}, "credit_account_id": 2, "amount": ${big}, "ledger": 1, "code": 1}`
      const file = home.write('transfers.ndjson', `${asNumbers}\n`)
      const expected = `[{"id":"9007199254740993","debit_account_id":"${big}","credit_account_id":"2","amount":"${big}","ledger":1,"code":1}]`
      await tb(['create-transfers', BOOKS, '--payload', asNumbers], {home, service})
      await tb(['create-transfers', BOOKS, '--payload', `[${asNumbers}]`], {home, service})
      await tb(['create-transfers', BOOKS, '--file', file], {home, service})
      await tb(['create-transfers', BOOKS, '--file', '-'], {home, service, stdin: asNumbers})
      const flags = `--id 9007199254740993 --from ${big} --to 2 --amount 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFD --ledger 1 --code 1`
      const result = await tb(`create-transfers ${BOOKS} ${flags}`, {home, service})
      expect(sent(service, 'create_transfers')).to.deep.equal(Array(5).fill(expected))
      expect(result.stdout).to.contain(big)
    }))

  it('flaw 4: each kind of object has flags of its own', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created'))
      await tb(`${MOVE} --flag imported --timestamp 2020-01-01T00:00:00Z`, {home, service})
      expect(JSON.parse(sent(service, 'create_transfers')[0]!)[0]).to.include({
        flags: 256,
        timestamp: '1577836800000000000',
      })
      const wrong = await tb(`${MOVE} --flag history`, {home, service})
      expect(wrong.code).to.equal(2)
      expect(wrong.stderr).to.contain('"history" is a flag of accounts')
      const typo = await tb(`${MOVE} --flag pendng`, {home, service})
      expect(typo.stderr).to.contain('Did you mean pending?')
      expect(service.requests).to.have.length(1)
    }))

  it('flaw 6: --timeout is in seconds, and may be written as a time', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created'))
      await tb(`${MOVE} --flag pending --timeout 90`, {home, service})
      await tb(`${MOVE} --flag pending --timeout 1h30m`, {home, service})
      expect(sent(service, 'create_transfers').map((body) => JSON.parse(body)[0].timeout)).to.deep.equal([90, 5400])
      const part = await tb(`${MOVE} --flag pending --timeout 1500ms`, {home, service})
      expect(part.code).to.equal(2)
      expect(part.stderr).to.contain('whole seconds')
    }))

  it('flaw 14: bad input is refused before anything is sent, all of it at once', () =>
    withService(async (service) => {
      for (const [flags, sentence] of [
        ['--from 1 --to 2 --amount 12.50 --ledger 1 --code 1', 'smallest unit'],
        ['--from 1 --to 2 --amount -5 --ledger 1 --code 1', ''],
        ['--from 1 --to 1 --amount 5 --ledger 1 --code 1', '--to must be a different account'],
        ['--from 0 --to 2 --amount 5 --ledger 1 --code 1', '--from must not be 0'],
        ['--from 1 --to 2 --amount 5 --ledger 4294967296 --code 1', '--ledger does not fit in 32 bits'],
        ['--from 1 --to 2 --amount 5 --ledger 1 --code 65536', '--code does not fit in 16 bits'],
        [
          '--from 1 --to 2 --amount 5 --ledger 1 --code 1 --timeout 5',
          '--timeout is only for transfers with the flag pending',
        ],
        ['--from 1 --to 2 --amount 5 --ledger 1 --code 1 --flag linked', 'the last of a chain must not be linked'],
        ['--pending-id 5 --flag post_pending_transfer', '--amount is missing'],
        ['--from 1 --to 2 --amount max --ledger 1 --code 1', '--amount is "max", which goes with the flags'],
        ['--from 1 --to 2 --amount max --ledger 1 --code 1 --flag pending', '--amount is "max"'],
      ] as const) {
        const result = await tb(`create-transfers ${BOOKS} ${flags}`, {home, service})
        expect(result.code, flags).to.equal(2)
        expect(result.stderr, flags).to.contain(sentence)
        expect(result.stdout).to.equal('')
      }
      const many = await tb(`create-transfers ${BOOKS} --from 0 --to 2`, {home, service})
      expect(many.stderr).to.match(
        /4 things are wrong[\s\S]*--from must not be 0[\s\S]*--amount is missing[\s\S]*--ledger is missing/,
      )
      expect(service.requests).to.have.length(0)
      expect(outboxBodies(home)).to.deep.equal([])
    }))

  it('--dry-run checks, shows the very bytes, and sends nothing', () =>
    withService(async (service) => {
      const stdin = [1, 2, 3]
        .map((id) => `{"id": ${id}, "from": 1, "to": 2, "amount": 5, "ledger": 1, "code": 1}`)
        .join('\n')
      const human = await tb('create-transfers --file - --batch-size 2 -n', {home, service, stdin})
      expect({code: human.code, lines: human.stdout.trimEnd().split('\n').length}).to.deep.equal({code: 0, lines: 2})
      on(service, 'create_transfers', created('created', 'created'), created('created'))
      await tb(`create-transfers ${BOOKS} --file - --batch-size 2`, {home, service, stdin})
      expect(human.stdout).to.equal(`${sent(service, 'create_transfers').join('\n')}\n`)
      const json = (await tb('create-transfers --file - --dry-run --json', {home, service, stdin})).json()
      expect(json).to.include({dryRun: true, operation: 'create_transfers'})
      expect(json.requests).to.have.length(1)
      const bad = await tb(`create-transfers --from 1 --to 1 --amount 5 --ledger 1 --code 1 --dry-run`, {home, service})
      expect(bad.code).to.equal(2)
      expect(service.requests).to.have.length(2)
    }))

  it('names the place of what is wrong in a file, and the field that was meant', () =>
    withService(async (service) => {
      const lines = [
        '{"from": 1, "to": 2, "amout": 5, "ledger": 1, "code": 1}',
        '{"from": 1, "to": 2, "amount": 1.5, "ledger": 1, "code": 1}',
      ]
      const file = home.write('t.ndjson', lines.join('\n'))
      const {stderr, code} = await tb(['create-transfers', BOOKS, '--file', file], {home, service})
      expect(code).to.equal(2)
      expect(stderr).to.contain(`${file} line 1: amout: a transfer has no such field. Did you mean amount?`)
      expect(stderr).to.contain(`${file} line 2: amount must be a whole number`)
    }))

  it('flaw 16: a stub answer is a warning nobody can miss, and exit code 1', () =>
    withService(async (service) => {
      on(
        service,
        'create_transfers',
        rows('create_transfers', [], {mode: 'stub', persisted: false, message: 'Checked.'}),
      )
      const human = await tb(MOVE, {home, service})
      expect(human.code).to.equal(1)
      expect(human.stdout).to.equal('')
      expect(human.stderr).to.contain('NOTHING WAS STORED')
      const json = await tb(`${MOVE} --json`, {home, service})
      expect(json.code).to.equal(1)
      expect(json.json().error).to.include({code: 'not_persisted', exitCode: 1})
      expect(outboxBodies(home)).to.deep.equal([])
    }))

  it('flaw 19: many objects in one call, user_data on transfers', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created', 'created', 'created'))
      const stdin = [1, 2, 3]
        .map((n) => JSON.stringify({from: 1, to: 2, amount: n, ledger: 1, code: 1, user_data_64: n}))
        .join('\n')
      const {stdout, stderr} = await tb(`create-transfers ${BOOKS} --file -`, {home, service, stdin})
      const events = JSON.parse(sent(service, 'create_transfers')[0]!)
      expect(events.map((event: {user_data_64: string}) => event.user_data_64)).to.deep.equal(['1', '2', '3'])
      expect(new Set(events.map((event: {id: string}) => event.id)).size).to.equal(3)
      expect(stdout.trim().split('\n')).to.have.length(4)
      expect(stderr).to.match(/3 transfers are in books at [\w.:]+, each once/)
      on(service, 'create_transfers', created('created'))
      await tb(`${MOVE} --user-data-128 7 --user-data-64 8 --user-data-32 9`, {home, service})
      const last = JSON.parse(sent(service, 'create_transfers').at(-1)!)[0]
      expect(last).to.include({user_data_128: '7', user_data_64: '8', user_data_32: 9})
    }))

  it('flaw 19: the database by its name, and the default one', () =>
    withService(async (service) => {
      const list = (request: {query: Record<string, string>}) => ({
        json: {
          ok: true,
          databases: request.query.search === 'books' ? [{id: BOOKS, name: 'books', status: 'READY'}] : [],
        },
      })
      service.answer('GET', '/api/v1/databases', list)
      on(service, 'create_transfers', created('created'))
      const flags = '--id 5 --from 1 --to 2 --amount 5 --ledger 1 --code 1'
      expect((await tb(`create-transfers books ${flags}`, {home, service})).code).to.equal(0)
      expect((await tb(`create-transfers ${flags}`, {home, service, env: {PARIX_DATABASE: 'books'}})).code).to.equal(0)
      home.write('project/.parix.json', {database: BOOKS})
      const inProject = await tb(`create-transfers ${flags}`, {home, service, cwd: `${home.path}/project`})
      expect(inProject.code).to.equal(0)
      // Threat 4.3: the file of a checkout is named, since it decides where the money goes.
      expect(inProject.stderr).to.contain(`Database ${BOOKS}, as ${home.path}/project/.parix.json says.`)
      expect(sent(service, 'create_transfers')).to.have.length(3)
      const none = await tb(`create-transfers ${flags}`, {home, service})
      expect(none.code).to.equal(2)
      expect(none.stderr).to.contain('parix database use NAME')
    }))

  it('a refusal names the event, the rule and the numbers; exit code 6 with and without --json; it is not sent again', () =>
    withService(async (service) => {
      on(service, 'create_transfers', refused({index: 0, result: 'exceeds_credits', code: 54}))
      on(
        service,
        'lookup_accounts',
        rows('lookup_accounts', [
          account({id: '1', credits_posted: '100', debits_posted: '60', debits_pending: '20', flags: 2}),
          account({id: '2'}),
        ]),
      )
      const move = `create-transfers ${BOOKS} --id 77 --from 1 --to 2 --amount 500 --ledger 1 --code 1`
      const {code, stdout, stderr} = await tb(move, {home, service})
      expect({code, stdout}).to.deep.equal({code: 6, stdout: ''})
      expect(stderr).to.contain('The transfer was refused: exceeds_credits.')
      expect(stderr).to.contain('id 77, 500 from 1 to 2: exceeds_credits.')
      expect(stderr).to.contain(
        'Account 1 has credits of 100 and debits of 80 (20 of them pending): 20 is left, 500 was asked for.',
      )
      expect(stderr).to.contain(`parix tb balance ${BOOKS} 1`)
      const json = await tb(`${move} --json`, {home, service})
      expect(json.code).to.equal(6)
      expect(json.json().error).to.deep.include({
        code: 'exceeds_credits',
        exitCode: 6,
        status: 409,
        retryable: false,
        tbResults: [{index: 0, result: 'exceeds_credits', code: 54, id: '77'}],
      })
      expect(sent(service, 'create_transfers')).to.have.length(2)
      expect(outboxBodies(home)).to.deep.equal([])
    }))

  it('says how many of a batch are in the ledger when others were refused', () =>
    withService(async (service) => {
      on(service, 'create_transfers', refused({index: 1, result: 'credit_account_not_found', code: 22}))
      on(
        service,
        'lookup_transfers',
        rows(
          'lookup_transfers',
          [1, 3].map((id) => transfer({id: String(id), amount: '1'})),
        ),
      )
      const stdin = JSON.stringify([1, 2, 3].map((id) => ({id, from: 1, to: 2, amount: 1, ledger: 1, code: 1})))
      const {code, stderr} = await tb(`create-transfers ${BOOKS} --file -`, {home, service, stdin})
      expect(code).to.equal(6)
      expect(stderr).to.contain('1 of 3 transfers was refused. The other 2 are in the ledger.')
      expect(stderr).to.contain('stdin item 2, id 2, 1 from 1 to 2: credit_account_not_found.')
      expect(sent(service, 'lookup_transfers')).to.deep.equal(['["1","3"]'])
    }))

  it('a balancing transfer shows what was asked for and what moved', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created'))
      on(service, 'lookup_transfers', rows('lookup_transfers', [transfer({id: '9', amount: '934', flags: 16})]))
      for (const amount of ['999999', 'max']) {
        const words = `create-transfers ${BOOKS} --id 9 --from 1 --to 2 --amount ${amount} --ledger 1 --code 1 --flag balancing_debit`
        const human = await tb(words, {home, service})
        expect(human.stdout).to.match(/^ID +FROM +TO +REQUESTED +MOVED/m)
        expect(human.stdout).to.match(new RegExp(`^ *9 +1 +2 +${amount} +934 +balancing_debit`, 'm'))
        const [row] = (await tb(`${words} --json`, {home, service})).json().responsePayload
        const requested_amount = amount === 'max' ? String(2n ** 128n - 1n) : amount
        expect(row).to.include({amount: '934', requested_amount, debit_account_id: '1', credit_account_id: '2'})
      }
      const plain = await tb(MOVE, {home, service})
      expect(plain.stdout).to.match(/ AMOUNT /)
      expect(sent(service, 'lookup_transfers')).to.have.length(4)
    }))

  it('a large file is said to be read before it is, on a terminal or not', () =>
    withService(async () => {
      const event = JSON.stringify({from: 1, to: 2, amount: 1, ledger: 1, code: 1, user_data_128: '1'.repeat(38)})
      const file = home.write('large.ndjson', `${event}\n`.repeat(Math.ceil(1_000_000 / event.length)))
      const large = await tb(['create-transfers', '--file', file, '--dry-run', '--quiet'], {home})
      expect({code: large.code, stderr: large.stderr}).to.deep.equal({code: 0, stderr: ''})
      const said = await tb(['create-transfers', '--file', file, '--dry-run'], {home})
      expect(said.stderr.split('\n')[0]).to.equal(`Reading ${file} (1 MB)`)
    }))

  it('exists on the first attempt is success, and said', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('exists'))
      const {code, stderr} = await tb(
        `create-transfers ${BOOKS} --id 9 --from 1 --to 2 --amount 5 --ledger 1 --code 1`,
        {home, service},
      )
      expect(code).to.equal(0)
      expect(stderr).to.contain('1 transfer had been there before, with the same contents.')
    }))

  it('exists_with_different_* is an alarm', () =>
    withService(async (service) => {
      on(service, 'create_transfers', refused({index: 0, result: 'exists_with_different_amount', code: 39}))
      const {code, stderr} = await tb(
        `create-transfers ${BOOKS} --id 9 --from 1 --to 2 --amount 5 --ledger 1 --code 1`,
        {home, service},
      )
      expect(code).to.equal(6)
      expect(stderr).to.contain('ONE ID, TWO DIFFERENT CONTENTS')
      expect(stderr).to.contain('ALARM: id 9 is in the ledger with other contents')
      expect(stderr).to.contain(`parix tb lookup-transfers ${BOOKS} --id 9`)
    }))

  it('a result that this version does not know is shown as it is', () =>
    withService(async (service) => {
      on(service, 'lookup_transfers', rows('lookup_transfers', []))
      on(service, 'create_transfers', rows('create_transfers', [{index: 0, result: 'moon_too_full', timestamp: '1'}]))
      const {code, stderr} = await tb(MOVE, {home, service})
      expect(code).to.equal(6)
      expect(stderr).to.contain('moon_too_full')
      on(service, 'create_transfers', rows('create_transfers', [{status: 99}]))
      expect((await tb(MOVE, {home, service})).stderr).to.contain(
        ': 99. A result that this version does not know (99).',
      )
    }))

  it('an answer that can not be understood is shown, and the ledger itself is asked', () =>
    withService(async (service) => {
      on(service, 'create_transfers', rows('create_transfers', {accepted: 1}))
      on(service, 'lookup_transfers', rows('lookup_transfers', [transfer({id: '9'})]), rows('lookup_transfers', []))
      const move = `create-transfers ${BOOKS} --id 9 --from 1 --to 2 --amount 5 --ledger 1 --code 1`
      const found = await tb(move, {home, service})
      expect(found.code, found.stderr).to.equal(0)
      expect(found.stderr).to.contain('"accepted":1').and.to.contain('all of it is in the ledger')
      const missing = await tb(move, {home, service})
      expect(missing.code).to.equal(75)
      expect(missing.stderr).to.contain('"accepted":1').and.to.contain('parix tb outbox resume')
      expect(sent(service, 'create_transfers')).to.have.length(2)
    }))

  it('responses of before 0.17 name only failures, or numbers: what they do not name is confirmed by a lookup', () =>
    withService(async (service) => {
      const move = `${MOVE} --id 9 --json`
      on(service, 'create_transfers', rows('create_transfers', []))
      on(service, 'lookup_transfers', rows('lookup_transfers', [transfer({id: '9'})]))
      const none = await tb(move, {home, service})
      expect(none.code).to.equal(0)
      expect(none.json().responsePayload[0]).to.include({index: 0, result: 'stored', timestamp: '1700000000000000001'})
      expect(sent(service, 'lookup_transfers')).to.deep.equal(['["9"]'])
      on(service, 'create_transfers', rows('create_transfers', [{timestamp: '3', status: 4294967295}]))
      expect((await tb(move, {home, service})).json().responsePayload[0]).to.include({
        result: 'created',
        timestamp: '3',
      })
      on(service, 'create_transfers', rows('create_transfers', [{index: 0, result: 46}]))
      expect((await tb(move, {home, service})).json().responsePayload[0]).to.include({result: 'exists'})
      expect(sent(service, 'lookup_transfers')).to.have.length(1)
    }))

  it('an outcome that stays unknown: exit code 75, the ids, the command; repeating the same command resumes it', () =>
    withService(async (service) => {
      on(service, 'create_transfers', {drop: true})
      const env = {PARIX_RETRY_FOR: '20ms'}
      const {code, json} = await tb(`${MOVE} --json`, {home, service, env})
      expect(code).to.equal(75)
      const {error} = json()
      const [first] = sent(service, 'create_transfers')
      const id = JSON.parse(first!)[0].id
      expect(error).to.deep.include({code: 'outcome_unknown', exitCode: 75, ids: [id], retryable: true})
      expect(error.next[0]).to.equal(`parix tb outbox resume ${error.outbox}`)
      expect(new Set(sent(service, 'create_transfers')).size).to.equal(1)
      expect(home.mode(`.local/state/parix/outbox`)).to.equal(0o700)
      on(service, 'create_transfers', created('created'))
      const again = await tb(MOVE, {home, service})
      expect(again.code).to.equal(0)
      expect(again.stderr).to.contain('That call is resumed with its own ids')
      expect(sent(service, 'create_transfers').at(-1)).to.equal(first)
      expect(outboxBodies(home)).to.deep.equal([])
      // Settled: from now on the same command means another transfer.
      await tb(MOVE, {home, service})
      expect(JSON.parse(sent(service, 'create_transfers').at(-1)!)[0].id).not.to.equal(id)
    }))

  it('what certainly was not carried out leaves nothing behind', () =>
    withService(async (service) => {
      on(service, 'create_transfers', problem(403, 'scope-missing'))
      const {code} = await tb(MOVE, {home, service})
      expect(code).to.equal(5)
      expect(outboxBodies(home)).to.deep.equal([])
      const nobody = await tb(`${MOVE} --base-url http://127.0.0.1:1`, {home})
      expect(nobody.code).to.equal(75)
      expect(nobody.stderr).to.contain('was certainly not carried out')
      expect(outboxBodies(home)).to.deep.equal([])
    }))

  it('waits as told: 429, not ready, and 409 with Retry-After', () =>
    withService(async (service) => {
      on(
        service,
        'create_transfers',
        problem(429, 'too-many', {'retry-after': '0'}),
        problem(409, 'database-not-ready', {'retry-after': '0'}),
        {status: 409, json: {message: 'The database is not ready yet.'}},
        created('created'),
      )
      const {code, stderr} = await tb(MOVE, {home, service})
      expect(code).to.equal(0)
      expect(stderr.match(/Not carried out/g)).to.have.length(3)
      on(service, 'create_transfers', problem(429, 'too-many', {'retry-after': '3600'}))
      const late = await tb(MOVE, {home, service})
      expect(late.code).to.equal(75)
      expect(late.stderr).to.contain('Repeat the same command in 3600 s.')
      expect(outboxBodies(home)).to.deep.equal([])
    }))

  it('a refused credential after a lost answer leaves the call in the outbox', () =>
    withService(async (service) => {
      on(service, 'create_transfers', {drop: true}, problem(401, 'not-signed-in'))
      const {code, stderr} = await tb(MOVE, {home, service})
      expect(code).to.equal(75)
      expect(stderr).to.contain('An earlier attempt may have been carried out')
      expect(outboxBodies(home)).to.have.length(1)
    }))

  it('a 401 refreshes the session, and the same bytes go out again', () =>
    withService(async (service) => {
      home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl}))
      service.answer('POST', '/api/auth/oauth2/token', {
        json: {
          access_token: 'access-token-2',
          token_type: 'Bearer',
          expires_in: 3600,
          refresh_token: 'refresh-token-2',
        },
      })
      service.answer('GET', /openid-configuration$/, {status: 404})
      on(service, 'create_transfers', problem(401, 'not-signed-in'), created('created'))
      const {code, stderr} = await tb(MOVE, {home, env: {PARIX_API_KEY: undefined}})
      expect(code, stderr).to.equal(0)
      const [first, second] = service.to('POST', `/api/v1/databases/${BOOKS}/tb/create_transfers`)
      expect(second!.bytes.equals(first!.bytes)).to.equal(true)
      expect([first, second].map((request) => request!.headers.authorization)).to.deep.equal([
        'Bearer access-token-1',
        'Bearer access-token-2',
      ])
    }))

  it('HTML of a proxy with status 200 is not an answer', () =>
    withService(async (service) => {
      on(
        service,
        'create_transfers',
        {headers: {'content-type': 'text/html'}, body: '<h1>Welcome</h1>'},
        created('exists'),
      )
      expect((await tb(MOVE, {home, service})).code).to.equal(0)
      expect(sent(service, 'create_transfers')).to.have.length(2)
    }))

  it('a retry that finds a chain made is success: exists, linked_event_failed, looked up and compared', () =>
    withService(async (service) => {
      const stdin =
        '[{"id":1,"from":1,"to":2,"amount":5,"ledger":1,"code":1,"flags":"linked"},{"id":2,"from":2,"to":3,"amount":5,"ledger":1,"code":1}]'
      const stored = [transfer({id: '1', flags: 1}), transfer({id: '2', debit_account_id: '2', credit_account_id: '3'})]
      const chain = refused({index: 1, result: 'linked_event_failed', code: 1})
      on(service, 'create_transfers', {drop: true}, chain)
      on(service, 'lookup_transfers', rows('lookup_transfers', stored))
      const {code, stderr} = await tb(`create-transfers ${BOOKS} --file -`, {home, service, stdin})
      expect({code, stderr}).to.have.property('code', 0)
      expect(stderr).to.contain('2 transfers had been created by an earlier attempt')
      expect(sent(service, 'lookup_transfers')).to.deep.equal(['["1","2"]'])
      // The first is there for another reason, and the second is not: then the chain was refused.
      on(service, 'create_transfers', created('exists', 'linked_event_failed'))
      on(service, 'lookup_transfers', rows('lookup_transfers', [stored[0]]))
      expect((await tb(`create-transfers ${BOOKS} --file -`, {home, service, stdin})).code).to.equal(6)
      // The second is there with another amount.
      on(service, 'lookup_transfers', rows('lookup_transfers', [stored[0], {...stored[1], amount: '6'}]))
      expect((await tb(`create-transfers ${BOOKS} --file -`, {home, service, stdin})).code).to.equal(6)
    }))

  it('id_already_failed on a retry says that an earlier answer was lost', () =>
    withService(async (service) => {
      on(service, 'create_transfers', {drop: true}, refused({index: 0, result: 'id_already_failed', code: 68}))
      const {code, stderr} = await tb(MOVE, {home, service})
      expect(code).to.equal(6)
      expect(stderr).to.contain('An earlier attempt was refused and its response, with the reason, was lost.')
    }))

  it('without a home or a state directory the outbox is named; where it can not be written nothing is sent', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created'))
      const bare = {HOME: undefined, XDG_STATE_HOME: undefined, XDG_CONFIG_HOME: undefined, TMPDIR: home.path}
      const {code, stderr} = await tb(MOVE, {home, service, env: bare})
      expect(code).to.equal(0)
      expect(stderr).to.contain(`There is no HOME: the outbox is in ${home.path}/parix-state-`)
      const blocked = home.write('a-file', 'x')
      const before = service.requests.length
      const refusal = await tb(MOVE, {home, service, env: {PARIX_STATE_DIR: `${blocked}/state`}})
      expect(refusal.code).to.equal(1)
      expect(refusal.stderr).to.contain('Nothing was sent')
      expect(refusal.stderr).to.contain('PARIX_STATE_DIR')
      expect(service.requests).to.have.length(before)
    }))
})

/** The request bodies in a home's outbox. */
function outboxBodies(home: TestHome): string[] {
  return outboxFiles(home)
    .filter((path) => /request-/.test(path))
    .map((path) => home.read(path))
}

function outboxFiles(home: TestHome): string[] {
  try {
    const root = '.local/state/parix/outbox'
    return readdirSync(`${home.path}/${root}`, {recursive: true, encoding: 'utf8'}).map((path) => `${root}/${path}`)
  } catch {
    return []
  }
}
