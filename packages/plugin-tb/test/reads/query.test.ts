import type {HttpResponse} from '@parix/kit/http'
import {expect} from 'chai'
import {readOnce} from '../../src/reads/paginate.js'
import {readEnvelope, readRows, stubResponse} from '../../src/reads/query.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {BOOKS, rows} from '../support/answers.js'
import {type MemoryService, startMemoryService} from '../support/memory-service.js'
import {refusalOf, refused, textOf} from '../support/refusal.js'

const respond = (json: unknown) =>
  ({
    status: 200,
    headers: {},
    body: Buffer.from(JSON.stringify(json)),
    url: new URL('http://localhost'),
  }) as unknown as HttpResponse
const read = (changes: Record<string, unknown>) =>
  readEnvelope(respond({...(rows('lookup_accounts', []).json as object), ...changes}), BOOKS, 'lookup_accounts')

describe('a response to a reading operation', () => {
  it('is taken where nothing in it speaks against it', () => {
    expect(read({})).to.include({operation: 'lookup_accounts'})
  })

  it('of a stub is an error that can not be missed: its rows mean nothing', () => {
    const error = refused(() => read({mode: 'stub', persisted: false, message: 'Preview.'}))
    expect(error).to.include({kind: 'FAILED', code: 'not_persisted', exitCode: 1})
    expect(textOf(error)).to.equal(
      'NOTHING WAS STORED OR READ: this database is a stub, with no ledger behind it.\nThe service says: Preview.',
    )
    expect(textOf(stubResponse('', BOOKS))).not.to.contain('The service says')
  })

  for (const change of [
    {ok: false},
    {mode: 'demo'},
    {operation: 'lookup_transfers'},
    {databaseId: 'other'},
    {error: 'x'},
  ]) {
    it(`${JSON.stringify(change)} is not a result, and can be asked for again`, () => {
      expect(refused(() => read(change))).to.include({kind: 'UNAVAILABLE', code: 'unreadable_answer'})
    })
  }
})

describe('one page of a query', () => {
  let books: MemoryService
  let ids: number[]
  before(async () => {
    books = await startMemoryService()
    ids = []
    for (let index = 0; index < 5; index++) ids.push(await books.pay(1, 2, 10 + index))
  })
  after(() => books.stop())

  const query = (
    filter: LedgerRecord,
    operation: 'query_transfers' | 'get_account_balances' | 'get_account_transfers' = 'query_transfers',
  ) =>
    readOnce(
      {
        ...{api: books.api, databaseId: books.database, operation, filter},
        kind: operation === 'query_transfers' ? 'query_filter' : 'account_filter',
      },
      'books',
    )
  const found = (answer: {responsePayload: {[field: string]: unknown}[]}) =>
    answer.responsePayload.map(({id}) => Number(id))

  it('a full page says where the next one begins, and there it goes on without gap or overlap', async () => {
    const first = await query({limit: 2n, flags: 0n})
    expect(found(first)).to.deep.equal(ids.slice(0, 2))
    const {timestamp_min: min} = first.next as {timestamp_min: string}
    const second = await query({limit: 2n, flags: 0n, timestamp_min: BigInt(min)})
    expect(found(second)).to.deep.equal(ids.slice(2, 4))
  })

  it('backwards as well', async () => {
    const first = await query({limit: 2n, flags: 1n})
    expect(found(first)).to.deep.equal(ids.toReversed().slice(0, 2))
    const {timestamp_max: max} = first.next as {timestamp_max: string}
    expect(found(await query({limit: 2n, flags: 1n, timestamp_max: BigInt(max)}))).to.deep.equal(
      ids.toReversed().slice(2, 4),
    )
  })

  it('a page that is not full has no next one; nor has one that ends with the range', async () => {
    expect(await query({limit: 6n, flags: 0n})).not.to.have.property('next')
    const {responsePayload} = await query({limit: 2n, flags: 0n})
    const last = BigInt(responsePayload[1]!.timestamp as string)
    expect(await query({limit: 2n, flags: 0n, timestamp_max: last})).not.to.have.property('next')
  })

  it('nothing found for an account says why: unknown, without a history of balances, or simply without transfers', async () => {
    expect(await refusalOf(() => query({account_id: 77n, limit: 5n, flags: 3n}, 'get_account_transfers'))).to.include({
      kind: 'NOT_FOUND',
      exitCode: 3,
    })
    expect((await query({account_id: 6n, limit: 5n, flags: 3n}, 'get_account_transfers')).note).to.equal(undefined)
    const {note} = await query({account_id: 2n, limit: 5n, flags: 3n}, 'get_account_balances')
    expect(note).to.match(
      /^Account 2 was created without the flag history, .* Its balance now: parix tb balance books 2/,
    )
    expect(
      (await query({account_id: 1n, limit: 9n, flags: 3n}, 'get_account_balances')).responsePayload,
    ).to.have.length(5)
  })

  it('a database that is not there is not found', async () => {
    expect(await refusalOf(() => readRows(books.api, 'nosuch', 'lookup_accounts', '["1"]'))).to.include({
      kind: 'NOT_FOUND',
    })
  })
})
