import {ParixError} from '@parix/kit/errors'
import {type HttpResponse, TransportError} from '@parix/kit/http'
import {expect} from 'chai'
import fc from 'fast-check'
import {type Classified, classifyError, classifyResponse, type SentRequest} from '../../src/submit/classify-response.js'
import {BOOKS, created, problem, refused} from '../support/answers.js'
import {apiOf} from '../support/world.js'

const SENT: SentRequest = {
  kind: 'transfer',
  operation: 'create_transfers',
  database: {id: BOOKS, name: 'books'},
  ids: ['7', '8'],
}
const api = apiOf({baseUrl: 'http://localhost:1'})

function response(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  const bytes = Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body))
  return {status, headers, body: bytes, url: new URL('http://localhost:1/')} as unknown as HttpResponse
}

const classify = (status: number, body?: unknown, headers?: Record<string, string>): Classified =>
  classifyResponse(SENT, response(status, body, headers), api.refusal)

/** `kind`, and of an answer the state of each event, with `?` where it is not to be relied on. */
function summary(classified: Classified): string {
  if (classified.kind !== 'answered') return classified.kind
  return `${classified.events.map(({state}) => state).join(' ')}${classified.doubt === undefined ? '' : ' ?'}`
}

const BOTH = created('created', 'created').json as Record<string, unknown>
const ENVELOPE = (changes: Record<string, unknown>) => ({...BOTH, ...changes})
const ROW = (index: number, result: unknown) => ({index, result, timestamp: '1'})

describe('what a response to a create request says', () => {
  for (const [title, status, body, expected] of [
    ['200 with a row for each event', 200, BOTH, 'created created'],
    ['201 with a row for each event', 201, BOTH, 'created created'],
    ['exists', 200, created('exists', 'created').json, 'exists created'],
    ['a refused event among them', 200, created('exceeds_credits', 'created').json, 'refused created'],
    ['202: accepted is not created', 202, BOTH, 'unnamed unnamed ?'],
    ['204, empty', 204, undefined, 'unnamed unnamed ?'],
    ['200, empty', 200, undefined, 'unnamed unnamed ?'],
    ['200 with a list', 200, [1], 'unnamed unnamed ?'],
    ['200 with a web page', 200, '<html>Welcome</html>', 'unclear'],
    ['200 with half a document', 200, JSON.stringify(BOTH).slice(0, -5), 'unclear'],
    ['ok: false', 200, ENVELOPE({ok: false}), 'unnamed unnamed ?'],
    ['success: false', 200, ENVELOPE({success: false}), 'unnamed unnamed ?'],
    ['an error beside the rows', 200, ENVELOPE({error: 'ledger down'}), 'unnamed unnamed ?'],
    ['another database', 200, ENVELOPE({databaseId: 'other'}), 'unnamed unnamed ?'],
    ['another operation', 200, ENVELOPE({operation: 'create_accounts'}), 'unnamed unnamed ?'],
    ['not persisted, and no stub', 200, ENVELOPE({persisted: false}), 'unnamed unnamed ?'],
    ['a stub', 200, ENVELOPE({persisted: false, mode: 'stub'}), 'stub'],
    ['no rows', 200, ENVELOPE({responsePayload: undefined}), 'unnamed unnamed ?'],
    [
      'rows of another request: too many',
      200,
      ENVELOPE({responsePayload: [0, 1, 2].map((i) => ROW(i, 'created'))}),
      'unnamed unnamed ?',
    ],
    ['a row for the first only', 200, ENVELOPE({responsePayload: [ROW(0, 'created')]}), 'created unnamed'],
    [
      'a result that nobody knows',
      200,
      ENVELOPE({responsePayload: [ROW(0, 'new_rule'), ROW(1, 'created')]}),
      'unfamiliar created',
    ],
    ['a redirect', 302, undefined, 'unnamed unnamed ?'],
    ['not modified', 304, undefined, 'unnamed unnamed ?'],
    ['a bad request', 400, problem(400, 'bad').json, 'rejected'],
    ['no credential', 401, problem(401, 'who').json, 'rejected'],
    ['no such database', 404, problem(404, 'database-not-found').json, 'rejected'],
    ['a time-out at the service', 408, problem(408, 'timeout').json, 'unclear'],
    ['refused events', 409, refused({index: 0, result: 'exceeds_credits', code: 54}).json, 'refused unnamed'],
    ['a conflict without a word', 409, {}, 'unnamed unnamed ?'],
    ['a conflict without a body', 409, undefined, 'unnamed unnamed ?'],
    ['a conflict that says which', 409, problem(409, 'name-taken').json, 'rejected'],
    ['not ready', 409, problem(409, 'database-not-ready').json, 'later'],
    ['not ready, in words alone', 409, {detail: 'The database is not yet ready.'}, 'later'],
    ['too much, by its status', 413, problem(413, 'anything').json, 'too_much'],
    ['too much, by its name', 400, problem(400, 'too-much-data').json, 'too_much'],
    ['too much, in words', 400, {detail: 'TooMuchData: too much data'}, 'too_much'],
    ['too early', 425, undefined, 'later'],
    ['too many requests', 429, problem(429, 'slow-down').json, 'later'],
    ['an error of the service', 500, problem(500, 'oops').json, 'unclear'],
    ['a gateway that got no answer', 502, '<h1>Bad gateway</h1>', 'unclear'],
    ['an unavailable service', 503, undefined, 'unclear'],
    ['a gateway that waited too long', 504, undefined, 'unclear'],
    [
      'tbResults beside a 500: the status decides',
      500,
      refused({index: 0, result: 'exceeds_credits', code: 54}).json,
      'unclear',
    ],
  ] as [string, number, unknown, string][]) {
    it(`${status} ${title}: ${expected}`, () => {
      expect(summary(classify(status, body))).to.equal(expected)
    })
  }

  it('the text of a gateway is reported without its markup, and cut', () => {
    const {reason} = classify(502, `<html><h1>Bad\n gateway</h1>${'x'.repeat(500)}</html>`) as {reason: string}
    expect(reason)
      .to.match(/^status 502: Bad gateway/)
      .and.not.contain('<')
    expect(reason.length).to.be.lessThan(240)
    expect((classify(503) as {reason: string}).reason).to.equal('status 503, an empty response')
  })

  it('how long to wait is taken from Retry-After', () => {
    for (const status of [409, 425, 429, 503])
      expect(classify(status, problem(status, 'busy').json, {'retry-after': '7'}), String(status)).to.include({
        afterMs: 7000,
      })
    expect(classify(409, problem(409, 'busy').json, {'retry-after': '7'}).kind).to.equal('later')
    expect(classify(429, undefined)).to.include({afterMs: undefined})
  })

  it('of a 409 only refusals count: what it names as created, or does not name, is looked up', () => {
    const body = refused({index: 1, result: 'exceeds_credits', code: 54}, {index: 0, result: 'created', code: 0})
    expect(summary(classify(409, body.json))).to.equal('unnamed refused')
  })

  it('a 409 about another database, or with results nobody can match, leaves everything open', () => {
    const one = {index: 0, result: 'exceeds_credits', code: 54}
    const other = {...(refused(one).json as object), databaseId: 'other'}
    expect(summary(classify(409, other))).not.to.contain('refused')
    for (const tbResults of [[{...one, index: 5}], [one, one], 'none', [{index: 0}]]) {
      const found = classify(409, {...(refused(one).json as object), tbResults})
      expect(summary(found), JSON.stringify(tbResults)).not.to.contain('refused')
      expect(found.kind, JSON.stringify(tbResults)).to.be.oneOf(['answered', 'rejected'])
    }
  })

  it('no response at all makes an event created, unless a row says so under a status of success', () => {
    const status = fc.integer({min: 200, max: 599})
    const value = fc.constantFrom('created', 'exists', 'ok', 'nonsense', 0, 46, 54, null)
    const rows = fc.array(fc.record({index: fc.integer({min: 0, max: 3}), result: value}), {maxLength: 3})
    const body = fc.record(
      {
        ok: fc.boolean(),
        responsePayload: rows,
        tbResults: rows,
        mode: fc.constantFrom('live', 'stub'),
        persisted: fc.boolean(),
      },
      {requiredKeys: [], noNullPrototype: true},
    )
    fc.assert(
      fc.property(status, body, (code, json) => {
        const found = classify(code, json)
        if (found.kind !== 'answered') return
        const there = found.events.filter(({state}) => state === 'created' || state === 'exists')
        if (there.length === 0) return
        expect(code).to.be.oneOf([200, 201])
        expect(json.ok).not.to.equal(false)
        expect(found.doubt).to.equal(undefined)
        for (const {index, state} of there) {
          const says = json.responsePayload!.find((row) => row.index === index)!.result
          expect(says).to.be.oneOf(state === 'created' ? ['created', 'ok', 0] : ['exists', 46])
        }
      }),
      {numRuns: 500},
    )
  })

  it('every event has one outcome, at its place and with its id, whatever came', () => {
    const anything = fc.oneof(fc.json(), fc.constant(JSON.stringify(BOTH)), fc.string())
    fc.assert(
      fc.property(fc.integer({min: 200, max: 599}), anything, (status, text) => {
        const found = classify(status, text)
        if (found.kind === 'answered')
          expect(found.events.map(({index, id}) => [index, id])).to.deep.equal([
            [0, '7'],
            [1, '8'],
          ])
      }),
    )
  })
})

describe('what an attempt without a response says', () => {
  const broke = (sent: 'no' | 'maybe') =>
    new TransportError('connection_lost', 'The connection broke (ECONNRESET).', sent)

  it('what was never sent may be sent later, and how it failed says that nobody was reached', () => {
    expect(classifyError(SENT, broke('no'))).to.include({kind: 'later', unreachable: true})
  })

  it('what may have arrived has to be sent again as it is, with the reason that the network gave', () => {
    const found = classifyError(SENT, broke('maybe'))
    expect(found).to.include({kind: 'unclear'})
    expect((found as {reason: string}).reason).to.contain('ECONNRESET')
  })

  it('an error of this machine before sending is one for good; a redirect leaves everything open', () => {
    const rejected = new ParixError('NOT_SIGNED_IN', 'Sign in.')
    expect(classifyError(SENT, rejected)).to.deep.equal({kind: 'rejected', error: rejected})
    expect(summary(classifyError(SENT, new ParixError('FAILED', 'It redirects elsewhere.')))).to.equal(
      'unnamed unnamed ?',
    )
  })

  it('a fault of the program passes on as it is', () => {
    expect(() => classifyError(SENT, new TypeError('x is undefined'))).to.throw(TypeError)
  })
})
