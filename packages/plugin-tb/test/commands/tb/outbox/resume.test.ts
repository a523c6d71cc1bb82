import {makeHome, type RecordingService, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, created, entryFiles, on, problem, rows, sent, transfer} from '../../../support/answers.js'
import {tb} from '../../../support/tb.js'

describe('parix tb outbox resume', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('an entry goes to the service that it was made for, and an API key to no other than the one in use', () =>
    withService(async (service) => {
      on(service, 'create_transfers', {drop: true})
      const words = `create-transfers ${BOOKS} --id 8 --from 1 --to 2 --amount 5 --ledger 1 --code 1`
      await tb(words, {home, service, env: {PARIX_RETRY_FOR: '1ms'}})
      const {entries} = (await tb('outbox list --json', {home})).json()
      const other = await tb(`outbox resume ${entries[0].id}`, {home, env: {PARIX_BASE_URL: 'http://localhost:9'}})
      expect(other.code).to.equal(2)
      expect(other.stderr).to.contain(`--base-url ${service.baseUrl}`)
      on(service, 'create_transfers', created('created'))
      const right = await tb(`outbox resume ${entries[0].id} --base-url ${service.baseUrl}`, {home})
      expect(right.code).to.equal(0)
    }))

  const MOVE = `create-transfers ${BOOKS} --from 1 --to 2 --amount 5 --ledger 1 --code 1`

  /** Leaves a call behind whose outcome is unknown; its id in the outbox. */
  async function leave(service: RecordingService, words = MOVE): Promise<string> {
    on(service, 'create_transfers', {drop: true})
    expect((await tb(words, {home, service, env: {PARIX_RETRY_FOR: '1ms'}})).code).to.equal(75)
    return (await tb('outbox list --json', {home})).json().entries[0].id
  }

  it('an id that is announced is an id that is sent, also where the call is resumed by the same command', () =>
    withService(async (service) => {
      for (const words of [
        MOVE,
        `create-accounts ${BOOKS} --ledger 1 --code 1`,
        `post ${BOOKS} 9`,
        `void ${BOOKS} 9`,
      ]) {
        const operation = words.startsWith('create-accounts') ? 'create_accounts' : 'create_transfers'
        const before = sent(service, operation).length
        on(service, operation, {drop: true})
        const first = await tb(words, {home, service, env: {PARIX_RETRY_FOR: '1ms'}})
        on(service, operation, rows(operation, [{index: 0, result: 'created'}]))
        on(service, 'lookup_accounts', rows('lookup_accounts', []))
        on(service, 'lookup_transfers', ({body}) =>
          rows(
            'lookup_transfers',
            (JSON.parse(body) as string[]).map((id) => transfer({id, flags: id === '9' ? 2 : 4})),
          ),
        )
        const again = await tb(words, {home, service})
        expect(again.code, again.stderr).to.equal(0)
        const ids = sent(service, operation)
          .slice(before)
          .map((body) => JSON.parse(body)[0].id)
        const announced = [first, again].map(
          ({stderr}) => /^(?:Transfer|Account) (\d+) \(generated id\)$/m.exec(stderr)![1],
        )
        expect(announced, words).to.deep.equal([ids[0], ids[0]])
        expect(new Set(ids).size, words).to.equal(1)
      }
    }))

  it('of several objects, those with generated ids are announced', () =>
    withService(async (service) => {
      const events = [{id: 5}, {}, {}].map((event) => ({...event, from: 1, to: 2, amount: 1, ledger: 1, code: 1}))
      const options = {home, service, stdin: JSON.stringify(events)}
      on(service, 'create_transfers', {drop: true})
      await tb(`create-transfers ${BOOKS} --file -`, {...options, env: {PARIX_RETRY_FOR: '1ms'}})
      on(service, 'create_transfers', created('created', 'created', 'created'))
      const {stderr} = await tb(`create-transfers ${BOOKS} --file -`, options)
      const ids = JSON.parse(sent(service, 'create_transfers').at(-1)!).map(({id}: {id: string}) => id)
      expect([...stderr.matchAll(/^Transfer (\d+) \(generated/gm)].map((match) => match[1])).to.deep.equal(ids.slice(1))
    }))

  it('says that the database is gone, with the command that forgets the entry, and ends with 0 again after it', () =>
    withService(async (service) => {
      const id = await leave(service)
      on(service, 'create_transfers', problem(404, 'not-found'))
      service.answer('GET', `/api/v1/databases/${BOOKS}`, problem(404, 'not-found'))
      for (const words of ['outbox resume', `outbox resume ${id}`]) {
        const {code, stderr} = await tb(words, {home, service})
        expect(code, words).to.equal(3)
        expect(stderr).to.contain(`is gone from ${service.baseUrl}`).and.to.contain(`parix tb outbox forget ${id}`)
      }
      const {json} = await tb('outbox resume --json', {home, service})
      expect(json().error).to.include({code: 'database_gone', exitCode: 3, outbox: id, retryable: false})
      const forget = json().error.next[0].split(' ').slice(2)
      expect((await tb(forget, {home})).code).to.equal(0)
      expect((await tb('outbox resume', {home, service})).code).to.equal(0)
    }))

  it('is not told that a database is gone by a 404 of something else', () =>
    withService(async (service) => {
      await leave(service)
      on(service, 'create_transfers', problem(404, 'not-found'))
      service.answer('GET', `/api/v1/databases/${BOOKS}`, {json: {ok: true, database: {id: BOOKS, name: 'books'}}})
      expect((await tb('outbox resume', {home, service})).code).to.equal(75)
      expect(entryFiles(home)).to.have.length(1)
    }))

  for (const [name, ledger] of [
    ['ledgerId', (id: string) => ({ledgerId: `ledger-${id}`, clusterId: '0'})],
    ['clusterId', (id: string) => ({clusterId: id})],
  ] as const) {
    it(`sends nothing to a ledger other than the one that the entry was created for, as ${name} tells`, () =>
      withService(async (service) => {
        const results = (id: string) => {
          on(service, 'create_transfers', rows('create_transfers', [{index: 0, result: 'created'}], ledger(id)))
          on(service, 'lookup_transfers', rows('lookup_transfers', [], ledger(id)))
        }
        results('1')
        expect((await tb(MOVE, {home, service})).code).to.equal(0)
        const id = await leave(service)
        const calls = sent(service, 'create_transfers').length
        results('2')
        for (const words of ['outbox resume', `outbox resume ${id}`, MOVE]) {
          const {code, stderr} = await tb(words, {home, service})
          expect(code, words).to.equal(6)
          expect(stderr).to.match(
            /another ledger now \((ledger-|cluster )2\).*\((ledger-|cluster )1\).*nothing was sent/,
          )
        }
        expect(sent(service, 'create_transfers')).to.have.length(calls)
        results('1')
        expect((await tb('outbox resume', {home, service})).code).to.equal(0)
      }))
  }

  it('sends nothing to another ledger, also where not even the first call had a response', () =>
    withService(async (service) => {
      const listed = (ledgerId: string) =>
        service.answer('GET', '/api/v1/databases', {
          json: {ok: true, databases: [{id: BOOKS, name: 'books', status: 'READY', ledgerId}]},
        })
      const words = MOVE.replace(BOOKS, 'books')
      listed('ledger-1')
      const id = await leave(service, words)
      listed('ledger-2')
      const calls = sent(service, 'create_transfers').length
      on(service, 'create_transfers', rows('create_transfers', [{index: 0, result: 'created'}]))
      on(service, 'lookup_transfers', rows('lookup_transfers', [], {ledgerId: 'ledger-2'}))
      for (const again of ['outbox resume', `outbox resume ${id}`, words]) {
        const {code, stderr} = await tb(again, {home, service})
        expect(code, again).to.equal(6)
        expect(stderr).to.match(/another ledger now \(ledger-2\).*\(ledger-1\)/)
      }
      expect(sent(service, 'create_transfers')).to.have.length(calls)
    }))
})
