import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, on, rows, sent, transfer} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb query-transfers', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

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
      expect(one.stderr).to.contain('1 row, the limit').and.to.contain('--timestamp-min 1970-01-01T00:00:01.700000001Z')
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
})
