import {UINT128_MAX} from '@parix/kit/integers'
import {expect} from 'chai'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {wireList} from '../../src/records/wire.js'
import {lookUpMoved, type Moved} from '../../src/results/moved.js'
import type {EventOutcome} from '../../src/results/outcome.js'
import {type MemoryService, startMemoryService} from '../support/memory-service.js'
import {apiOf} from '../support/world.js'

const move = (id: bigint, from: bigint, to: bigint, amount: bigint, more: LedgerRecord = {}): LedgerRecord => ({
  ...{id, debit_account_id: from, credit_account_id: to, amount, ledger: 700n, code: 1n},
  ...more,
})

describe('what a transfer moved that does not say so itself', () => {
  let local: MemoryService
  let nextId = 1000n
  before(async () => {
    local = await startMemoryService([])
    await local.operate(
      'create_accounts',
      wireList(
        'account',
        [1n, 2n, 3n].map((id) => ({id, ledger: 700n, code: 1n})),
      ),
    )
    // Account 1 has credits that are 10 less than its debits.
    await local.operate('create_transfers', wireList('transfer', [move(51n, 1n, 2n, 100n), move(52n, 3n, 1n, 90n)]))
  })
  after(() => local.stop())

  const moved = async (record: LedgerRecord, state: EventOutcome['state'] = 'created'): Promise<Moved | undefined> => {
    await local.operate('create_transfers', wireList('transfer', [record]))
    const call = {operation: 'create_transfers', database: {id: local.database, name: 'books'}} as const
    const found = await lookUpMoved(
      local.api,
      call,
      [record],
      [{index: 0, id: String(record.id), state, result: state}],
    )
    return found!.get(0)
  }
  const hold = async (amount: bigint) => {
    const id = ++nextId
    await local.operate('create_transfers', wireList('transfer', [move(id, 1n, 2n, amount, {flags: 2n})]))
    return id
  }
  const post = (pending_id: bigint, amount: bigint) => ({id: ++nextId, pending_id, amount, flags: 4n})

  it('a balancing transfer: what there was, beside what was asked for', async () => {
    expect(await moved(move(++nextId, 3n, 1n, 70n, {flags: 32n}))).to.deep.equal({
      from: 3n,
      to: 1n,
      requested: 70n,
      amount: 10n,
    })
  })

  it('a post of a part gives the rest back', async () => {
    const pending = await hold(30n)
    expect(await moved(post(pending, 12n))).to.deep.equal({
      ...{from: 1n, to: 2n, requested: 12n, amount: 12n, pending: {id: pending, held: 30n, givenBack: 18n}},
    })
  })

  it('a post of all of it gives nothing back', async () => {
    const pending = await hold(30n)
    const all = await moved(post(pending, UINT128_MAX))
    expect(all).to.deep.include({amount: 30n, pending: {id: pending, held: 30n, givenBack: 0n}})
  })

  it('a void moves nothing, and gives all of it back', async () => {
    const pending = await hold(30n)
    expect(await moved({id: ++nextId, pending_id: pending, flags: 8n})).to.deep.equal({
      ...{from: 1n, to: 2n, requested: undefined, amount: 0n, pending: {id: pending, held: 30n, givenBack: 30n}},
    })
  })

  it('a plain transfer says it itself, and an account moves nothing: neither is asked about', async () => {
    const closed = apiOf({baseUrl: 'http://localhost:1'})
    const call = {operation: 'create_transfers', database: {id: local.database, name: 'books'}} as const
    const event = {index: 0, id: '1', state: 'created', result: 'created'} as const
    expect(await lookUpMoved(closed, call, [move(1n, 1n, 2n, 5n)], [event])).to.deep.equal(new Map())
    expect(
      await lookUpMoved(closed, {...call, operation: 'create_accounts'}, [{id: 1n, flags: 4n}], [event]),
    ).to.deep.equal(new Map())
  })

  it('a refused one moved nothing, so it is not among them', async () => {
    const call = {operation: 'create_transfers', database: {id: local.database, name: 'books'}} as const
    const event = {index: 0, id: '1', state: 'refused', result: 'pending_transfer_not_found'} as const
    expect(await lookUpMoved(local.api, call, [post(99n, 1n)], [event])).to.deep.equal(new Map())
  })

  it('where the ledger can not be asked, or does not have them all, nothing is claimed', async () => {
    const call = {operation: 'create_transfers', database: {id: local.database, name: 'books'}} as const
    const record = post(99n, 1n)
    const event = {index: 0, id: String(record.id), state: 'created', result: 'created'} as const
    expect(await lookUpMoved(local.api, call, [record], [event]), 'not there').to.equal(undefined)
    const other = {...call, database: {id: 'no-such-database', name: 'x'}}
    expect(await lookUpMoved(local.api, other, [record], [event]), 'no answer').to.equal(undefined)
  })
})
