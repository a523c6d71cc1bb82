import {type RecordedRequest, withParix, withService} from '@parix/testkit'
import {expect} from 'chai'

const QUERY = '/api/v1/databases/db_1/tb/query_transfers'
const HISTORY = '/api/v1/databases/db_1/tb/get_account_transfers'
const FIRST = 1_700_000_000_000_000_000n

/** A ledger of `count` transfers that answers filters as TigerBeetle does. */
function ledger(count: number, reversedBit: number) {
  const all = Array.from({length: count}, (_, index) => ({
    id: `${2n ** 127n + BigInt(index)}`,
    timestamp: String(FIRST + BigInt(index)),
  }))
  return ({body}: RecordedRequest) => {
    const filter = JSON.parse(body) as Record<string, string | number | undefined>
    const min = BigInt(filter.timestamp_min ?? 0)
    const max = BigInt(filter.timestamp_max ?? 0) || 2n ** 63n
    const found = all.filter(({timestamp}) => BigInt(timestamp) >= min && BigInt(timestamp) <= max)
    if ((Number(filter.flags ?? 0) & reversedBit) !== 0) found.reverse()
    return {json: {ok: true, requestPayload: [1, 2], responsePayload: found.slice(0, Number(filter.limit))}}
  }
}

const idsOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as {id: string}).id)

describe('parix api --paginate', () => {
  for (const [path, reversedBit] of [
    [QUERY, 1],
    [HISTORY, 4],
  ] as const) {
    for (const flags of [0, reversedBit]) {
      it(`${path.split('/').at(-1)} with flags ${flags}: every row once, in order, one per line`, () =>
        withParix(async ({service, parix}) => {
          service.answer('POST', path, ledger(25, reversedBit))
          const fields = ['-f', 'limit=10', '-f', `flags=${flags}`, '-f', 'ledger=1']
          const {code, stdout} = await parix(['api', path, ...fields, '--paginate'])
          const ids = Array.from({length: 25}, (_, index) => `${2n ** 127n + BigInt(index)}`)
          expect(code).to.equal(0)
          expect(idsOf(stdout)).to.deep.equal(flags === 0 ? ids : ids.reverse())
          expect(service.requests).to.have.length(3)
          expect(JSON.parse(service.requests[1]!.body)).to.include({limit: 10, flags, ledger: 1})
        }))
    }
  }

  it('asks once more when the last page is full, and stays inside the filter', () =>
    withParix(async ({service, parix}) => {
      service.answer('POST', QUERY, ledger(20, 1))
      const {stdout} = await parix(['api', QUERY, '-f', 'limit=10', '--paginate', '--jq', '.responsePayload|length'])
      expect(stdout).to.equal('10\n10\n0\n')
      const bounded = ['-f', 'limit=10', '-f', `timestamp_max=${FIRST + 9n}`]
      expect(idsOf((await parix(['api', QUERY, ...bounded, '--paginate'])).stdout)).to.have.length(10)
      expect(service.requests).to.have.length(4)
    }))

  it('lists: follows a Link header and an address in "next"', () =>
    withParix(async ({service, parix}) => {
      service
        .answer('GET', '/api/v1/a', ({query}) =>
          query.page === '2'
            ? {json: {items: [3]}}
            : {json: {items: [1, 2]}, headers: {link: '</other>; rel="prev", <?page=2>; rel="next"'}},
        )
        .answer('GET', '/api/v1/b', ({query}) =>
          query.page === '2'
            ? {json: {items: [{n: 3}], next: null}}
            : {json: {items: [{n: 1}], next: '/api/v1/b?page=2'}},
        )
        .answer('GET', '/api/v1/databases', {json: {ok: true, databases: [{id: 'x'}]}})
      expect((await parix(['api', 'a', '--paginate'])).stdout).to.equal('1\n2\n3\n')
      expect((await parix(['api', 'b', '--paginate', '--json'])).stdout).to.equal('{"n":1}\n{"n":3}\n')
      expect((await parix(['api', 'databases', '--paginate'])).stdout).to.equal('{"id":"x"}\n')
    }))

  it('lists: asks for the rows after the last one where the service says how many there are, and never prints a page twice', () =>
    withParix(async ({service, parix}) => {
      const page = (offset: number) => ({items: [1, 2, 3, 4, 5].slice(offset, offset + 2)})
      service
        .answer('GET', '/api/v1/header', ({query}) => ({
          json: page(Number(query.offset ?? 0)),
          headers: {'x-total-count': '5'},
        }))
        .answer('GET', '/api/v1/field', ({query}) => ({json: {...page(Number(query.offset ?? 0)), total: 5}}))
        .answer('GET', '/api/v1/deaf', {json: {items: [1, 2], total: 5}})
      expect((await parix(['api', 'header', '--paginate'])).stdout).to.equal('1\n2\n3\n4\n5\n')
      expect((await parix(['api', 'field', '-X', 'GET', '-f', 'offset=2', '--paginate'])).stdout).to.equal('3\n4\n5\n')
      const deaf = await parix(['api', 'deaf', '--paginate'])
      expect(deaf).to.include({code: 1, stdout: '1\n2\n'})
      expect(deaf.stderr).to.match(/gives the same page again/)
    }))

  it('threat 3.1: a next page of another origin is not asked for', () =>
    withParix(({service, parix}) =>
      withService(async (stranger) => {
        service.answer('GET', '/api/v1/a', {json: {items: [1], next: `${stranger.baseUrl}/x`}})
        const {code, stderr} = await parix(['api', 'a', '--paginate'])
        expect(code).to.equal(2)
        expect(stderr).to.match(/Not sent/)
        expect(stranger.requests).to.deep.equal([])
      }),
    ))

  it('never takes a part for the whole: a cursor that it does not know, a loop, a fault on page two', () =>
    withParix(async ({service, parix}) => {
      service
        .answer('GET', '/api/v1/cursor', {json: {items: [1], nextCursor: 'abc'}})
        .answer('GET', '/api/v1/loop', {json: {items: [1], next: '/api/v1/loop'}})
        .answer('POST', QUERY, ledger(25, 1), {status: 403, json: {detail: 'No more.'}})
      const cursor = await parix(['api', 'cursor', '--paginate'])
      expect(cursor.code).to.equal(1)
      expect(cursor.stderr).to.match(/There are more pages, but "nextCursor"/)
      expect((await parix(['api', 'loop', '--paginate'])).code).to.equal(1)
      const broken = await parix(['api', QUERY, '-f', 'limit=10', '--paginate'])
      expect(broken.code).to.equal(5)
      expect(idsOf(broken.stdout)).to.have.length(10)
    }))
})
