import {expect} from 'chai'
import fc from 'fast-check'
import {after, asked, exportFilter} from '../../src/export/filter.js'
import {rowForm} from '../../src/export/rows.js'
import type {ExportFlags} from '../../src/export-command.js'
import type {PagedRead} from '../../src/reads/paginate.js'
import {refused} from '../support/refusal.js'

const FLAGS: ExportFlags = {output: '-', resume: false, format: 'ndjson'}
const DAY = 86_400_000_000_000n
const NEW_YEAR = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n

const query = (flags: Partial<ExportFlags>, kind: 'account' | 'transfer' = 'transfer', said: string[] = []) =>
  exportFilter(kind, {...FLAGS, ...flags}, (text) => said.push(text))

describe('the query of an export', () => {
  it('of everything has no bound, in pages as large as a response', () => {
    expect(query({})).to.deep.equal({
      operation: 'query_transfers',
      kind: 'query_filter',
      filter: {flags: 0n, limit: 8189n},
    })
    expect(query({}, 'account').operation).to.equal('query_accounts')
  })

  it('of a ledger or a code has it', () => {
    expect(query({ledger: '700', code: '0x10'}).filter).to.include({ledger: 700n, code: 16n})
    for (const flags of [{ledger: '-1'}, {ledger: '4294967296'}, {code: '65536'}, {code: 'x'}])
      expect(refused(() => query(flags)).kind, JSON.stringify(flags)).to.equal('BAD_INPUT')
  })

  it('of a day is all of it: the first nanosecond of --since to the last of --until, and that is said', () => {
    const said: string[] = []
    expect(query({since: '2026-01-01', until: '2026-01-01'}, 'transfer', said).filter).to.include({
      timestamp_min: NEW_YEAR,
      timestamp_max: NEW_YEAR + DAY - 1n,
    })
    expect(said).to.have.lengthOf(2)
  })

  it('of one account has its debits and its credits', () => {
    expect(query({account: '7', since: '2026-01-01'})).to.deep.equal({
      operation: 'get_account_transfers',
      kind: 'account_filter',
      filter: {flags: 3n, limit: 8189n, timestamp_min: NEW_YEAR, account_id: 7n},
    })
    for (const account of ['0', String(2n ** 128n - 1n), 'x', '-1', ''])
      expect(refused(() => query({account})).kind, account).to.equal('BAD_INPUT')
  })

  it('that ends before it begins, or at 0, is refused: the service would answer it with nothing', () => {
    expect(refused(() => query({since: '2026-01-02', until: '2026-01-01'})).message).to.contain('--since is later')
    expect(refused(() => query({until: '0'})).message).to.contain('--until must not be 0')
    expect(query({since: '0'}).filter).to.not.have.property('timestamp_min')
    const same = '2026-01-01T00:00:00.000000001Z'
    expect(query({since: same, until: same}).filter.timestamp_max).to.equal(NEW_YEAR + 1n)
  })

  it('any two moments are a query exactly where the first is not later', () =>
    fc.assert(
      fc.property(
        fc.bigInt({min: 10n ** 17n, max: 2n ** 63n - 2n}),
        fc.bigInt({min: 10n ** 17n, max: 2n ** 63n - 2n}),
        (since, until) => {
          const flags = {since: String(since), until: String(until)}
          if (since > until) expect(refused(() => query(flags)).kind).to.equal('BAD_INPUT')
          else expect(query(flags).filter).to.include({timestamp_min: since, timestamp_max: until})
        },
      ),
    ))
})

describe('what comes after a row', () => {
  const read = (filter: PagedRead['filter']) =>
    ({operation: 'query_transfers', kind: 'query_filter', filter}) as PagedRead

  it('is the same query from the next nanosecond on', () => {
    const query = read({limit: 10n, ledger: 7n, timestamp_min: 3n, timestamp_max: 9n})
    expect(after(query, 5n)?.filter).to.deep.equal({limit: 10n, ledger: 7n, timestamp_min: 6n, timestamp_max: 9n})
    expect(after(query, undefined)).to.equal(query)
  })

  it('is nothing where that is beyond the bound, or beyond all time', () => {
    expect(after(read({limit: 1n, timestamp_max: 9n}), 9n)).to.equal(undefined)
    expect(after(read({limit: 1n, timestamp_max: 9n}), 8n)?.filter.timestamp_min).to.equal(9n)
    expect(after(read({limit: 1n}), 2n ** 63n - 1n)).to.equal(undefined)
  })
})

describe('what makes two runs the same export', () => {
  const words = (flags: Partial<ExportFlags>, service = 'https://parix.io/', database = 'db') => {
    const given = {...FLAGS, ...flags}
    const form = rowForm('transfer', given.format as 'csv', given.fields)
    return JSON.stringify(asked(form, given, service, database, query(given)))
  }

  it('are the service, the database, and everything that chooses rows or their form', () => {
    const same = words({})
    const others = [
      words({}, 'https://other/'),
      words({}, 'https://parix.io/', 'db2'),
      words({format: 'csv'}),
      words({fields: 'id,timestamp'}),
      words({fields: 'timestamp,id'}),
      words({since: '2026-01-01'}),
      words({until: '2026-01-01'}),
      words({account: '7'}),
      words({ledger: '7'}),
      words({code: '7'}),
    ]
    expect(new Set([same, ...others]).size).to.equal(others.length + 1)
  })

  it('where it is written, and that it is resumed, are none of them', () => {
    expect(words({output: 'f', resume: true})).to.equal(words({}))
  })

  it('a moment is the same however it is written, and a span before now is the same by its words', () => {
    expect(words({since: '2026-01-01T01:00:00+01:00'})).to.equal(words({since: '2026-01-01T00:00:00Z'}))
    expect(words({since: '2026-01-01'})).to.equal(words({since: String(NEW_YEAR)}))
    expect(words({since: ' 7d '})).to.equal(words({since: '7d'}))
    expect(words({since: '7d'})).to.not.equal(words({since: '8d'}))
    expect(words({until: 'yesterday'})).to.equal(words({until: 'yesterday'}))
  })
})
