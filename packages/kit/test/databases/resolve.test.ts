import {type RecordingService, withService} from '@parix/testkit'
import {expect} from 'chai'
import {type Api, createApi} from '../../src/api/index.js'
import {resolveDatabase, withDatabase} from '../../src/databases/index.js'
import {ParixError} from '../../src/errors.js'
import {parseBaseUrl} from '../../src/origin.js'
import {thrown} from '../thrown.js'

const ID = '11111111-2222-4333-8444-555555555555'

function apiOf(service: RecordingService): Api {
  const base = parseBaseUrl(service.baseUrl)
  const credential = {kind: 'apiKey' as const, key: 'px_1', issuer: base.url}
  const credentials = {
    kind: 'apiKey' as const,
    current: async () => credential,
    afterRefusal: async () => undefined,
    session: async () => undefined,
  }
  return createApi({base, credentials, userAgent: 'test', say: () => {}})
}

function databases(...rows: [id: string, name: string][]) {
  return {
    json: {ok: true, databases: rows.map(([id, name]) => ({id, name, provider: 'gcp', region: 'r', status: 'READY'}))},
  }
}

describe('which database is meant', () => {
  it('what looks like an id is tried as one, without a request', () =>
    withService(async (service) => {
      expect(await resolveDatabase(apiOf(service), ID)).to.deep.equal({id: ID, name: ID, checked: false})
      expect(await resolveDatabase(apiOf(service), 'db_123')).to.include({id: 'db_123', checked: false})
    }))

  it('a name is the one that is exactly the same, among those that contain it', () =>
    withService(async (service) => {
      service.answer('GET', '/api/v1/databases', databases(['a', 'books-old'], ['b', 'books'], ['c', 'my books']))
      const found = await resolveDatabase(apiOf(service), 'books')
      expect(found).to.deep.equal({id: 'b', name: 'books', status: 'READY', checked: true})
      expect(service.requests[0]!.query.search).to.equal('books')
    }))

  const others = (count: number) =>
    Array.from({length: count}, (_, index): [string, string] => [`id-${index}`, `ci-books-${index}`])

  it('a name is found however many others contain it', () =>
    withService(async (service) => {
      const all = [...others(2500), ['b', 'books'] as [string, string]]
      service.answer('GET', '/api/v1/databases', ({query}) => databases(...all.slice(0, Number(query.limit))))
      expect(await resolveDatabase(apiOf(service), 'books')).to.include({id: 'b', name: 'books'})
      expect(service.requests.map(({query}) => query.limit)).to.deep.equal(['100', '1000', '10000'])
    }))

  it('a service that caps its list is not asked for ever, and the name is not said to be missing', () =>
    withService(async (service) => {
      service.answer('GET', '/api/v1/databases', databases(...others(100)))
      const error = await thrown(resolveDatabase(apiOf(service), 'books'))
      expect(error).to.include({kind: 'FAILED', code: 'too_many_databases'})
      expect(service.requests).to.have.length(2)
    }))

  /** A service that gives at most `cap` rows a page, and tells of further ones as `paging` does. */
  const capped = (
    rows: [string, string][],
    cap: number,
    paging: (from: number, query: Record<string, string>) => {fields?: object; headers?: Record<string, string>},
    first = (query: Record<string, string>) => Number(query.offset ?? 0),
  ) => {
    return ({query}: {query: Record<string, string>}) => {
      const from = first(query)
      const {json} = databases(...rows.slice(from, from + Math.min(cap, Number(query.limit ?? cap))))
      const {fields, headers} = paging(from, query)
      return {json: {...json, ...fields}, ...(headers && {headers})}
    }
  }
  const rows = [...others(57), ['b', 'books'] as [string, string]]
  const SERVICES = {
    'knows an offset and says nothing': capped(rows, 25, () => ({})),
    'caps at a number that is not round': capped(rows, 7, () => ({})),
    'says how many there are': capped(rows, 25, () => ({fields: {total: rows.length}})),
    'says so in a header': capped(rows, 25, () => ({headers: {'x-total-count': String(rows.length)}})),
    'says that there are more': capped(rows, 25, (from) => ({fields: {hasMore: from + 25 < rows.length}})),
    'gives a cursor': capped(
      rows,
      25,
      (from) => ({fields: {nextCursor: from + 25 < rows.length ? `c${from + 25}` : null}}),
      ({cursor = 'c0'}) => Number(cursor.slice(1)),
    ),
    'names the next page': capped(
      rows,
      25,
      (from) => ({headers: {link: `</api/v1/databases?page=${from + 25}>; rel="next"`}}),
      ({page = '0'}) => Number(page),
    ),
  }

  for (const [title, script] of Object.entries(SERVICES)) {
    it(`a name is found after the first page of a service that ${title}`, () =>
      withService(async (service) => {
        service.answer('GET', '/api/v1/databases', script)
        service.answer('GET', /^\/api\/v1\/databases\//, {status: 404, json: {detail: 'no'}})
        expect(await resolveDatabase(apiOf(service), 'books')).to.include({id: 'b', name: 'books'})
        expect(await thrown(resolveDatabase(apiOf(service), 'ooks'))).to.include({code: 'database_not_found'})
      }))
  }

  it('a service that refuses to be asked for more is taken at its word, unless its list looks cut', () =>
    withService(async (service) => {
      const strict = (count: number) =>
        service.answer('GET', '/api/v1/databases', ({query}) =>
          query.offset === undefined ? databases(...others(count)) : {status: 422, json: {detail: 'offset?'}},
        )
      service.answer('GET', /^\/api\/v1\/databases\//, {status: 404, json: {detail: 'no'}})
      strict(3)
      expect(await thrown(resolveDatabase(apiOf(service), 'books'))).to.include({code: 'database_not_found'})
      strict(50)
      expect(await thrown(resolveDatabase(apiOf(service), 'books'))).to.include({code: 'too_many_databases'})
    }))

  it('the ledger behind it is known where the service says so along with the name', () =>
    withService(async (service) => {
      const {json} = databases(['b', 'books'])
      service.answer('GET', '/api/v1/databases', {json: {...json, databases: [{...json.databases[0], ledgerId: 'l1'}]}})
      expect(await resolveDatabase(apiOf(service), 'books')).to.include({id: 'b', ledger: 'l1'})
    }))

  it('a name that several have is an error that lists them', () =>
    withService(async (service) => {
      service.answer('GET', '/api/v1/databases', databases(['a', 'books'], ['b', 'books']))
      const error = await thrown(resolveDatabase(apiOf(service), 'books'))
      expect(error).to.include({kind: 'BAD_INPUT', code: 'ambiguous_database'})
      expect(error.details.errors).to.deep.equal(['a (gcp, r, READY)', 'b (gcp, r, READY)'])
    }))

  it('threat 7.9: an answer of another shape is an error in words, and never a database called undefined', () =>
    withService(async (service) => {
      for (const json of [null, {ok: true, databases: {a: 1}}, {databases: 'books'}]) {
        service.answer('GET', '/api/v1/databases', {json})
        service.answer('GET', '/api/v1/databases/books', {json: {ok: true, database: {a: []}}})
        const error = await thrown(resolveDatabase(apiOf(service), 'books'))
        expect(error).to.include({kind: 'UNAVAILABLE', code: 'unreadable_answer'})
      }
      service.answer('GET', '/api/v1/databases', {
        json: {databases: [null, 7, {name: 'books'}, {id: 'b', name: 'books'}]},
      })
      expect(await resolveDatabase(apiOf(service), 'books')).to.include({id: 'b', name: 'books'})
    }))

  it('not found: exit code 3, with what was probably meant', () =>
    withService(async (service) => {
      service.answer('GET', '/api/v1/databases', ({query}) =>
        query.search ? databases() : databases(['a', 'books'], ['b', 'zoo']),
      )
      service.answer('GET', '/api/v1/databases/boks', {status: 404, json: {detail: 'no'}})
      const error = await thrown(resolveDatabase(apiOf(service), 'boks'))
      expect(error).to.include({kind: 'NOT_FOUND', exitCode: 3})
      expect(error.message).to.contain('Did you mean "books"?')
    }))

  it('an id of another shape works as well', () =>
    withService(async (service) => {
      service.answer('GET', '/api/v1/databases', databases())
      service.answer('GET', '/api/v1/databases/k%2F9', {
        json: {ok: true, database: {id: 'k/9', name: 'odd'}, profile: null},
      })
      expect(await resolveDatabase(apiOf(service), 'k/9')).to.deep.equal({id: 'k/9', name: 'odd', checked: true})
    }))

  it('what is not an id is looked for among the names, once, and the work is done there', () =>
    withService(async (service) => {
      service.answer('GET', '/api/v1/databases', databases(['b', 'db_books']))
      const seen: string[] = []
      const result = await withDatabase(apiOf(service), 'db_books', async ({id}) => {
        seen.push(id)
        if (id !== 'b') throw new ParixError('NOT_FOUND', 'no such database', {status: 404})
        return 'done'
      })
      expect({result, seen}).to.deep.equal({result: 'done', seen: ['db_books', 'b']})
    }))

  it('something else that was not found is passed on', () =>
    withService(async (service) => {
      const error = new ParixError('NOT_FOUND', 'no such account')
      expect(await thrown(withDatabase(apiOf(service), ID, () => Promise.reject(error)))).to.equal(error)
    }))
})
