import {makeHome, type ScriptedResponse, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, on, problem, refused, rows, sent, transfer} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

/**
 * threats: success is only what the service says in so many words. Every response here leaves at least one of three events open;
 * the outcome of those is what the ledger holds, and where it can't be asked, unknown.
 */
const KINDS = {
  accounts: {
    events: [1, 2, 3].map((id) => ({id, ledger: 1, code: 1})),
    stored: (id: number) => account({id: String(id)}),
    refusal: {result: 'exists_with_different_code', code: 20},
  },
  transfers: {
    events: [1, 2, 3].map((id) => ({id, from: 1, to: 2, amount: 5, ledger: 1, code: 1})),
    stored: (id: number) => transfer({id: String(id)}),
    refusal: {result: 'exceeds_credits', code: 54},
  },
} as const

type Kind = keyof typeof KINDS
const ALL = [1, 2, 3]

/** Responses to three events after which nothing is known of at least one. */
function responses(operation: string): Record<string, ScriptedResponse> {
  const row = (index: unknown, result: unknown = 'created') => ({index, result, timestamp: '5'})
  const three = ALL.map((_, index) => row(index))
  const whole = (more: Record<string, unknown>) => rows(operation, three, more)
  const payload = (responsePayload: unknown) => rows(operation, responsePayload)
  const status = (code: number, outcome: ScriptedResponse) => ({...outcome, status: code})
  return {
    'ok false, no rows': rows(operation, [], {ok: false, success: false}),
    'ok false': whole({ok: false}),
    'ok null': whole({ok: null}),
    'ok "true"': whole({ok: 'true'}),
    'success false': whole({success: false}),
    'an error beside the rows': whole({error: 'ledger down'}),
    'an error object': whole({error: {code: 7}}),
    'mode STUB, persisted null': whole({mode: 'STUB', persisted: null}),
    'persisted null': whole({persisted: null}),
    'mode dry-run': whole({mode: 'dry-run'}),
    'persisted false, though live': whole({persisted: false}),
    'status 202': status(202, payload([])),
    'status 202 with rows': status(202, whole({})),
    'status 204': {status: 204},
    'status 203 with rows': status(203, whole({})),
    'status 304': {status: 304},
    'a redirect': {status: 307, headers: {location: '/elsewhere'}},
    'an empty body': {status: 200, headers: {'content-type': 'application/json'}, body: ''},
    'the body null': {json: null},
    'the body {}': {json: {}},
    'the body []': {json: []},
    'rows that are not a list': payload({accepted: 3}),
    'rows that are null': payload(null),
    'no rows at all': payload([]),
    'another databaseId': whole({databaseId: '99999999-2222-4333-8444-555555555555', databaseName: 'other'}),
    'a databaseId that is a number': whole({databaseId: 7}),
    'another operation': whole({operation: 'lookup_transfers'}),
    'one row of three': payload([row(0)]),
    'two rows of three': payload([row(0), row(1)]),
    'the same index three times': payload([row(0), row(0), row(0)]),
    'fractional indexes': payload([row(0.5), row(1.5), row(1.7)]),
    'a negative index': payload([row(-1), row(0), row(1)]),
    'an index out of range': payload([row(0), row(1), row(3)]),
    'indexes that are text': payload([row('0'), row('1'), row('2')]),
    'one row without an index': payload([row(0), row(1), {result: 'created'}]),
    'more rows than events': payload([...three, row(3)]),
    'a row that is null': payload([row(0), row(1), null]),
    'a row without a result': payload([row(0), row(1), {index: 2}]),
    'results that are empty': payload(ALL.map((_, index) => row(index, ''))),
    'an unfamiliar result': payload([row(0), row(1), row(2, 'queued')]),
    'rows with ids of others': payload(three.map((one) => ({...one, id: '77'}))),
    '409 with no tbResults': refused(),
    '409 that names exists': refused({index: 0, result: 'exists', code: 46}),
    '409 that names created': refused(...ALL.map((_, index) => ({index, result: 'created', code: 0}))),
    '409 with an index that is not there': refused({index: 9, result: 'linked_event_failed', code: 1}),
    '409 with tbResults that are not a list': {status: 409, json: {tbResults: {index: 0}}},
    '409 about another database': {
      status: 409,
      json: {databaseId: 'other', tbResults: [{index: 0, result: 'linked_event_failed'}]},
    },
    '409 without a word': {status: 409, json: {}},
  }
}

for (const kind of Object.keys(KINDS) as Kind[]) {
  const {events, stored, refusal} = KINDS[kind]
  const operation = `create_${kind}`
  const lookup = `lookup_${kind}`
  const command = `create-${kind} ${BOOKS} --file - --json`
  const stdin = JSON.stringify(events)

  describe(`create-${kind}: success only where the service said so`, () => {
    let home: TestHome
    beforeEach(() => {
      home = makeHome()
    })
    afterEach(() => home.remove())

    const entries = async () => (await tb('outbox list --json', {home})).json().entries

    for (const [title, response] of Object.entries(responses(operation))) {
      it(`${title}: looked up, and success where the ledger holds all of it`, () =>
        withService(async (service) => {
          on(service, operation, response)
          on(service, lookup, rows(lookup, ALL.map(stored)))
          const {code, json, stdout, stderr} = await tb(command, {home, service, stdin})
          expect(code, stdout + stderr).to.equal(0)
          expect(json().responsePayload.map(({id}: {id: string}) => id)).to.deep.equal(['1', '2', '3'])
          expect(sent(service, operation)).to.have.length(1)
          expect(sent(service, lookup)).to.have.length(1)
          expect(await entries()).to.deep.equal([])
        }))

      it(`${title}: unknown, and kept, where the ledger can not be asked`, () =>
        withService(async (service) => {
          on(service, operation, response)
          on(service, lookup, problem(403, 'scope-missing'))
          const {code, json, stdout} = await tb(command, {home, service, stdin})
          expect(code, stdout).to.equal(75)
          expect(stdout).not.to.contain('"stored"')
          const [entry] = await entries()
          expect(json().error.outbox).to.equal(entry.id)
          expect(json().error.ids).to.include('3')
        }))
    }

    it('a lookup that answers for another database, or is not ok, confirms nothing', () =>
      withService(async (service) => {
        for (const more of [
          {databaseId: 'other'},
          {ok: false},
          {operation},
          {error: 'down'},
          {mode: 'stub', persisted: false},
        ]) {
          on(service, operation, rows(operation, []))
          on(service, lookup, rows(lookup, ALL.map(stored), more))
          const {code, stdout} = await tb(command, {home, service, stdin})
          expect(code, JSON.stringify(more) + stdout).to.equal(75)
          const [entry] = await entries()
          await tb(`outbox forget ${entry.id} --yes`, {home})
        }
      }))

    it('an object with other contents under the same id is not the one that was sent', () =>
      withService(async (service) => {
        on(service, operation, rows(operation, []))
        on(service, lookup, rows(lookup, [stored(1), stored(2), {...stored(3), code: 9}]))
        const {code, stdout, json} = await tb(command, {home, service, stdin})
        expect(code, stdout).to.equal(75)
        expect(json().error.ids).to.deep.equal(['3'])
      }))

    it('beside a refusal, what the response does not name is looked up, and unknown where it is not there', () =>
      withService(async (service) => {
        on(service, operation, refused({index: 1, ...refusal}))
        on(service, lookup, rows(lookup, [stored(1)]))
        on(service, 'lookup_accounts', rows('lookup_accounts', kind === 'accounts' ? [account({id: '1'})] : []))
        const {code, json} = await tb(command, {home, service, stdin})
        expect(code).to.equal(75)
        expect(json().error.ids).to.deep.equal(['3'])
        expect(json().error.tbResults).to.deep.equal([{index: 1, ...refusal, id: '2'}])
        expect(json().error.created).to.deep.equal([
          {index: 0, id: '1', result: 'stored', timestamp: String(stored(1).timestamp)},
        ])
        expect(await entries()).to.have.length(1)
      }))

    it('an unfamiliar result is a refusal where the ledger does not hold the event', () =>
      withService(async (service) => {
        const named = ['created', 'created', 'moon_too_full'].map((result, index) => ({index, result, timestamp: '5'}))
        on(service, operation, rows(operation, named))
        on(service, lookup, rows(lookup, []))
        const {code, json} = await tb(command, {home, service, stdin})
        expect(code).to.equal(6)
        expect(json().error.tbResults).to.deep.equal([{index: 2, result: 'moon_too_full', code: -1, id: '3'}])
        // The events beside it are in the ledger, each with its time.
        expect(json().error.created).to.deep.equal(
          [0, 1].map((index) => ({index, id: `${index + 1}`, result: 'created', timestamp: '5'})),
        )
        expect(sent(service, lookup)).to.deep.equal(['["3"]'])
      }))
  })
}
