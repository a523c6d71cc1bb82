import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, on, problem, rows, sent, transfer} from '../support/answers.js'
import {tb} from '../support/tb.js'

describe('parix tb: reading', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  describe('lookups', () => {
    it('take ids in every form, 128 bits exact, and show the columns people look for', () =>
      withService(async (service) => {
        const big = '340282366920938463463374607431768211454'
        const row = account({id: big, credits_posted: big, flags: 10, user_data_128: big})
        on(service, 'lookup_accounts', rows('lookup_accounts', [row]))
        const words = ['lookup-accounts', BOOKS, '--id', big, '--ids', `1_000, 0xff`, '--file', '-']
        const {stdout, stderr, code} = await tb(words, {
          home,
          service,
          stdin: `[9007199254740993, "7", {"id": ${big}}]`,
        })
        expect(code).to.equal(0)
        expect(sent(service, 'lookup_accounts')).to.deep.equal([
          `["${big}","1000","255","9007199254740993","7","${big}"]`,
        ])
        expect(stdout).to.match(
          /^ +ID +LEDGER +CODE +DEBITS +DEBITS PENDING +CREDITS +CREDITS PENDING +FLAGS +CREATED\n/,
        )
        expect(stdout).to.contain(`${big}`).and.to.contain('debits_must_not_exceed_credits history')
        expect(stderr).to.contain('Not in 11111111-2222-4333-8444-555555555555: 1000, 255, 9007199254740993, 7')
        const json = (await tb(['lookup-accounts', BOOKS, '--id', big, '--json'], {home, service})).json()
        expect(json.responsePayload[0]).to.include({id: big, credits_posted: big, user_data_128: big, ledger: 1})
      }))

    it('an integer that the service sends as a number comes out as text, digit by digit', () =>
      withService(async (service) => {
        const body = JSON.stringify({ok: true, responsePayload: [{id: 'ID', amount: 5, ledger: '700'}]}).replace(
          '"ID"',
          '9007199254740993',
        )
        on(service, 'lookup_transfers', {headers: {'content-type': 'application/json'}, body})
        const {stdout} = await tb(`lookup-transfers ${BOOKS} --id 1 --json`, {home, service})
        expect(JSON.parse(stdout).responsePayload).to.deep.equal([{id: '9007199254740993', amount: '5', ledger: 700}])
      }))

    it('nothing found: exit code 3; no ids, or a wrong one: exit code 2 and nothing is sent', () =>
      withService(async (service) => {
        on(service, 'lookup_transfers', rows('lookup_transfers', []))
        const {code, stderr} = await tb(`lookup-transfers ${BOOKS} --id 5`, {home, service})
        expect(code).to.equal(3)
        expect(stderr).to.contain('There is no transfer 5 in books.')
        expect((await tb(`lookup-transfers ${BOOKS}`, {home, service})).code).to.equal(2)
        expect((await tb(`lookup-transfers ${BOOKS} --ids 1,x`, {home, service})).code).to.equal(2)
        expect(sent(service, 'lookup_transfers')).to.have.length(1)
      }))

    it('a pending transfer says what became of it, by one request for what came later', () =>
      withService(async (service) => {
        const pending = transfer({
          id: '7',
          amount: '300',
          flags: 2,
          code: 9,
          timestamp: '1700000000000000000',
          timeout: 5,
        })
        on(service, 'lookup_transfers', rows('lookup_transfers', [pending, transfer({id: '8'})]))
        const post = (fields: object) => transfer({id: '17', pending_id: '7', flags: 4, amount: '150', ...fields})
        for (const [later, state, shown] of [
          [
            [transfer({id: '16'}), post({})],
            {pending_state: 'posted', resolved_by: '17', posted_amount: '150'},
            'posted 150 of 300 by 17',
          ],
          [[post({amount: '300'})], {pending_state: 'posted', posted_amount: '300'}, 'posted by 17'],
          [[post({flags: 8})], {pending_state: 'voided', resolved_by: '17'}, 'voided by 17'],
          [[transfer({id: '16'})], {pending_state: 'expired'}, 'expired'],
          [Array.from({length: 8189}, () => transfer({})), {pending_state: 'unknown'}, 'unknown'],
        ] as const) {
          on(service, 'get_account_transfers', rows('get_account_transfers', later))
          const {stdout} = await tb(`lookup-transfers ${BOOKS} --ids 7,8`, {home, service})
          expect(stdout).to.match(new RegExp(`^ +7 .* ${shown} +20`, 'm'))
          const [row, other] = (await tb(`lookup-transfers ${BOOKS} --ids 7,8 --json`, {home, service})).json()
            .responsePayload
          expect(row).to.include({...state, expires_at: '2023-11-14T22:13:25.000000000Z'})
          expect(other).not.to.have.property('pending_state')
        }
        expect(JSON.parse(sent(service, 'get_account_transfers')[0]!)).to.deep.equal({
          account_id: '1',
          code: 9,
          timestamp_min: '1700000000000000001',
          timestamp_max: '1700000005000000000',
          limit: 8189,
          flags: 1,
        })
        on(service, 'lookup_transfers', rows('lookup_transfers', [{...pending, timeout: 0}]))
        on(service, 'get_account_transfers', rows('get_account_transfers', []))
        expect((await tb(`lookup-transfers ${BOOKS} --id 7`, {home, service})).stdout).to.contain(' pending ')
      }))

    it('a response that is none to the request is an error, not an empty result', () =>
      withService(async (service) => {
        for (const [script, sentence] of [
          [{json: null}, 'is not what its contract says'],
          [{json: []}, 'is not what its contract says'],
          [{json: {}}, 'is not what its contract says'],
          [{status: 204}, 'is not what its contract says'],
          [rows('lookup_accounts', {}), 'is not what its contract says'],
          [rows('lookup_accounts', [null]), 'is not what its contract says'],
          [rows('lookup_accounts', [account({})], {ok: false, message: 'No.'}), 'ok'],
          [rows('lookup_transfers', []), 'another operation: lookup_transfers'],
          [rows('lookup_accounts', [], {databaseId: BOOKS.replace('1', '9')}), 'about another database'],
        ] as const) {
          on(service, 'lookup_accounts', script)
          const {code, stdout, stderr} = await tb(`lookup-accounts ${BOOKS} --id 1`, {home, service})
          expect({code, stdout}, JSON.stringify(script)).to.deep.equal({code: 75, stdout: ''})
          expect(stderr, JSON.stringify(script)).to.contain(sentence)
        }
      }))

    it('flaw 16: a stub is no ledger', () =>
      withService(async (service) => {
        on(service, 'lookup_accounts', rows('lookup_accounts', [account({})], {mode: 'stub', persisted: false}))
        const {code, stdout, stderr} = await tb(`lookup-accounts ${BOOKS} --id 1`, {home, service})
        expect({code, stdout}).to.deep.equal({code: 1, stdout: ''})
        expect(stderr).to.contain('NOTHING WAS STORED OR READ')
      }))

    it('an id that turns out to be no id of a database is looked for among the names', () =>
      withService(async (service) => {
        service.answer('GET', '/api/v1/databases', {
          json: {ok: true, databases: [{id: BOOKS, name: 'db_books', status: 'READY'}]},
        })
        service.answer('POST', '/api/v1/databases/db_books/tb/lookup_accounts', problem(404, 'not-found'))
        on(service, 'lookup_accounts', rows('lookup_accounts', [account({})]))
        expect((await tb('lookup-accounts db_books --id 1', {home, service})).code).to.equal(0)
      }))
  })

  describe('filters', () => {
    it('flaw 5: debits and credits are the default, also when only reversed is given', () =>
      withService(async (service) => {
        for (const operation of ['get_account_transfers', 'get_account_balances']) {
          on(service, operation, rows(operation, [transfer({})]))
          const command = operation.replaceAll('_', '-')
          await tb(`${command} ${BOOKS} --account-id 1`, {home, service})
          await tb(`${command} ${BOOKS} --account-id 1 --flag reversed`, {home, service})
          await tb(`${command} ${BOOKS} --account-id 1 --flag debits`, {home, service})
          await tb([command, BOOKS, '--payload', '{"account_id": 1}'], {home, service})
          expect(sent(service, operation).map((body) => JSON.parse(body).flags)).to.deep.equal([3, 7, 1, 3])
        }
      }))

    it('flaw 4: reversed is bit 0 of a query, and debits is no flag of one', () =>
      withService(async (service) => {
        on(service, 'query_transfers', rows('query_transfers', []))
        await tb(`query-transfers ${BOOKS} --flag reversed`, {home, service})
        expect(sent(service, 'query_transfers')).to.deep.equal(['{"limit":100,"flags":1}'])
        const {code, stderr} = await tb(`query-transfers ${BOOKS} --flag debits`, {home, service})
        expect(code).to.equal(2)
        expect(stderr).to.contain('"debits" is a flag of account filters')
      }))

    it('flaw 14: what TigerBeetle would answer with silence is an error before sending', () =>
      withService(async (service) => {
        for (const [words, sentence] of [
          ['query-accounts --limit abc', '--limit must be a whole number'],
          ['query-accounts --limit 0', '--limit must be at least 1'],
          ['query-accounts --limit 8190', '--limit must be 8189 at most'],
          ['query-accounts --timestamp-min 9223372036854775808', 'past the last timestamp'],
          ['query-accounts --timestamp-min 2026-01-02T00:00:00Z --timestamp-max 2026-01-01T00:00:00Z', 'is later than'],
          ['query-accounts --timestamp-min 2026-02-30T00:00:00Z', 'is not a time'],
          ['get-account-transfers', '--account-id is missing'],
          ['get-account-transfers --account-id 0', 'must not be 0'],
        ] as const) {
          const result = await tb(words, {home, service, env: {PARIX_DATABASE: BOOKS}})
          expect(result.code, words).to.equal(2)
          expect(result.stderr, words).to.contain(sentence)
        }
        expect(service.requests).to.have.length(0)
      }))

    it('times are RFC 3339 to the nanosecond, in and out', () =>
      withService(async (service) => {
        on(service, 'query_accounts', rows('query_accounts', [account({timestamp: '1700000000123456789'})]))
        const words = `query-accounts ${BOOKS} --timestamp-min 2023-11-14T22:13:20.123456789Z --timestamp-max 2023-11-15T00:13:21+02:00`
        const {stdout} = await tb(words, {home, service})
        expect(JSON.parse(sent(service, 'query_accounts')[0]!)).to.include({
          timestamp_min: '1700000000123456789',
          timestamp_max: '1700000001000000000',
        })
        expect(stdout).to.contain('2023-11-14T22:13:20.123456789Z')
      }))

    it('a full page says where the next one begins', () =>
      withService(async (service) => {
        on(
          service,
          'query_transfers',
          rows('query_transfers', [transfer({timestamp: '10'}), transfer({timestamp: '20'})]),
        )
        const {stderr} = await tb(`query-transfers ${BOOKS} --limit 2`, {home, service})
        expect(stderr).to.contain('2 rows, the limit').and.to.contain('--timestamp-min 21')
        on(service, 'query_accounts', rows('query_accounts', [account({timestamp: '1700000000'})]))
        const one = await tb(`query-accounts ${BOOKS} --limit 1`, {home, service})
        expect(one.stderr)
          .to.contain('1 row, the limit')
          .and.to.contain('--timestamp-min 1970-01-01T00:00:01.700000001Z')
        const hundred = Array.from({length: 100}, (_, index) => account({timestamp: String(index + 1)}))
        on(service, 'query_accounts', rows('query_accounts', hundred))
        expect((await tb(`query-accounts ${BOOKS}`, {home, service})).stderr).to.contain(
          '100 rows, the limit when --limit is left out',
        )
        const json = (await tb(`query-transfers ${BOOKS} --limit 2 --flag reversed --json`, {home, service})).json()
        expect(json.next).to.deep.equal({timestamp_max: '19'})
      }))

    it('--all streams every page as NDJSON, forwards and backwards, each row once', () =>
      withService(async (service) => {
        const all = Array.from({length: 8189 + 5}, (_, index) =>
          transfer({id: String(index + 1), timestamp: String(index + 1)}),
        )
        on(service, 'query_transfers', ({body}) => {
          const {timestamp_min: min = '0', timestamp_max: max, limit, flags} = JSON.parse(body)
          const match = all.filter(
            ({timestamp}) =>
              BigInt(timestamp as string) >= BigInt(min) && (!max || BigInt(timestamp as string) <= BigInt(max)),
          )
          return rows('query_transfers', (flags === 1 ? match.reverse() : match).slice(0, limit))
        })
        for (const [flag, ids] of [
          ['', all],
          ['--flag reversed', all.toReversed()],
        ] as const) {
          const {stdout, code} = await tb(`query-transfers ${BOOKS} --all ${flag} --json`, {home, service})
          expect(code).to.equal(0)
          const lines = stdout
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line).id)
          expect(lines).to.deep.equal(ids.map(({id}) => id))
        }
        expect(sent(service, 'query_transfers')).to.have.length(4)
      }))

    it('balances of an account without history: says so, and which command helps', () =>
      withService(async (service) => {
        on(service, 'get_account_balances', rows('get_account_balances', []))
        on(service, 'lookup_accounts', rows('lookup_accounts', [account({flags: 2})]), rows('lookup_accounts', []))
        const {code, stderr} = await tb(`get-account-balances ${BOOKS} --account-id 1`, {home, service})
        expect(code).to.equal(0)
        expect(stderr).to.contain('created without the flag history').and.to.contain('parix tb balance 1')
        on(service, 'lookup_accounts', rows('lookup_accounts', [account({flags: 2})]), rows('lookup_accounts', []))
        const all = await tb(`get-account-balances ${BOOKS} --account-id 1 --all`, {home, service})
        expect(all.stdout).to.equal('')
        expect(all.stderr).to.contain('created without the flag history')
      }))

    it('an account that does not exist: exit code 3, from every command that reads by account', () =>
      withService(async (service) => {
        for (const operation of ['get_account_balances', 'get_account_transfers', 'lookup_accounts']) {
          on(service, operation, rows(operation, []))
        }
        for (const words of [
          `get-account-balances ${BOOKS} --account-id 42`,
          `get-account-balances ${BOOKS} --account-id 42 --all`,
          `get-account-transfers ${BOOKS} --account-id 42`,
          `get-account-transfers ${BOOKS} --account-id 42 --all`,
          `pending ${BOOKS} --account 42`,
          `balance ${BOOKS} 42`,
          `balance ${BOOKS} 42 --at yesterday`,
          `lookup-accounts ${BOOKS} --id 42`,
        ]) {
          const {code, stdout, stderr} = await tb(words, {home, service})
          expect({code, stdout}, words).to.deep.equal({code: 3, stdout: ''})
          expect(stderr, words).to.contain('There is no account 42 in ')
          const {error} = (await tb(`${words} --json`, {home, service})).json()
          expect(error, words).to.include({code: 'account_not_found', exitCode: 3})
        }
      }))
  })

  describe('balance', () => {
    it('shows both sides, and what the limit leaves', () =>
      withService(async (service) => {
        const row = account({credits_posted: '100', debits_posted: '30', debits_pending: '20', flags: 2})
        on(service, 'lookup_accounts', rows('lookup_accounts', [row]))
        const {stdout} = await tb(`balance ${BOOKS} 1`, {home, service})
        expect(stdout)
          .to.match(/available +50\n/)
          .and.to.match(/credits − debits +70\n/)
        expect((await tb(`balance 1 --json`, {home, service, env: {PARIX_DATABASE: BOOKS}})).json()).to.include({
          available: '50',
          credits_less_debits: '70',
          at: null,
        })
      }))

    it('--at asks for the last balance up to that moment', () =>
      withService(async (service) => {
        on(
          service,
          'lookup_accounts',
          rows('lookup_accounts', [account({flags: 8, timestamp: '1000', credits_posted: '9'})]),
        )
        on(service, 'get_account_balances', rows('get_account_balances', [{credits_posted: '7', timestamp: '1500'}]))
        const {stdout} = await tb(`balance ${BOOKS} 1 --at 2000 --json`, {home, service})
        expect(JSON.parse(sent(service, 'get_account_balances')[0]!)).to.deep.equal({
          account_id: '1',
          timestamp_max: '2000',
          limit: 1,
          flags: 7,
        })
        expect(JSON.parse(stdout)).to.include({credits_posted: '7', debits_posted: '0'})
        expect((await tb(`balance ${BOOKS} 1 --at 999`, {home, service})).code).to.equal(3)
      }))

    it('an account without history has no past: exit code 1, and another way', () =>
      withService(async (service) => {
        on(service, 'lookup_accounts', rows('lookup_accounts', [account({timestamp: '1000'})]))
        const {code, stderr} = await tb(`balance ${BOOKS} 1 --at 2000`, {home, service})
        expect(code).to.equal(1)
        expect(stderr).to.contain('get-account-transfers')
      }))
  })

  it('pending: what was neither posted, voided nor expired', () =>
    withService(async (service) => {
      const now = String(BigInt(Date.now()) * 1_000_000n)
      on(
        service,
        'get_account_transfers',
        rows('get_account_transfers', [
          transfer({id: '10', flags: 2, timestamp: '100'}),
          transfer({id: '11', flags: 2, timestamp: '101'}),
          transfer({id: '12', flags: 2, timestamp: '102', timeout: 5}),
          transfer({id: '13', flags: 2, timestamp: now, timeout: 600}),
          transfer({id: '14', flags: 4, pending_id: '10'}),
        ]),
      )
      const {stdout, stderr} = await tb(`pending ${BOOKS} --account 1`, {home, service})
      expect(stdout.trimEnd().split('\n')).to.have.length(3)
      expect(stdout).to.match(/\n *11 +1 +2 +5 +\S+ +never\n/)
      expect(stderr).to.contain('parix tb post')
      on(service, 'query_transfers', rows('query_transfers', []))
      const none = await tb(`pending ${BOOKS} --json`, {home, service})
      expect(none.json().pending).to.deep.equal([])
    }))
})
