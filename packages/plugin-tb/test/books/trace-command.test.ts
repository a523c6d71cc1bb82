import {reversalId} from '@parix/books/corrections'
import {type Transfer, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import {around, runTrace, type TraceCall} from '../../src/books/trace-command.js'
import {type MemoryBooks, memoryBooks, SECOND} from '../support/memory-books.js'
import {refusalOf} from '../support/refusal.js'
import {TYPED_ACCOUNTS, TYPED_CHART} from '../support/typed-chart.js'

const [PENDING, POST, VOID, LINKED] = [
  TransferFlags.pending,
  TransferFlags.post_pending_transfer,
  TransferFlags.void_pending_transfer,
  TransferFlags.linked,
]

describe('a trace', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await memoryBooks({id: 1n}, {id: 2n}, {id: 3n})
  })
  afterEach(() => books.close())

  const run = (id: bigint, more: Partial<TraceCall> = {}) =>
    runTrace({
      ...{api: books.api, database: books.database, id, chart: undefined, mermaid: false, now: books.clock.now},
      ...more,
    })
  const ids = (rows: readonly {id: string | number}[]) => rows.map(({id}) => Number(id))
  const move = (id: bigint, more: Partial<Transfer> = {}) => ({
    id,
    debit_account_id: 1n,
    credit_account_id: 2n,
    amount: 5n,
    ...more,
  })

  it('of a transfer that belongs to nothing has the transfer alone, every field exact', async () => {
    const data = {user_data_128: 2n ** 127n, user_data_64: 2n ** 64n - 1n}
    await books.transfers(move(7n, data))
    const {result, text} = await run(7n)
    expect(result.transfer).to.include({
      id: '7',
      amount: '5',
      user_data_128: String(2n ** 127n),
      user_data_64: '18446744073709551615',
      code: 1,
    })
    expect(result).to.deep.include({chain: [result.transfer], reversals: [], related: []})
    expect(result).not.to.have.any.keys('hold', 'outcome')
    expect(text).to.equal('7  5 on ledger 700  1 → 2  2023-11-02T00:00:02.000000000Z\n')
  })

  it('of a transfer that is not there is not found', async () => {
    expect(await refusalOf(() => run(77n))).to.include({
      kind: 'NOT_FOUND',
      exitCode: 3,
      message: 'There is no transfer 77 in books.',
    })
  })

  it('has the whole chain from any of its transfers, and nothing of the same request beside it', async () => {
    await books.transfers(
      move(1n),
      move(2n, {flags: LINKED}),
      move(3n, {flags: LINKED}),
      move(4n),
      move(5n, {flags: LINKED}),
      move(6n),
      move(7n),
    )
    for (const id of [2n, 3n, 4n]) expect(ids((await run(id)).result.chain), `${id}`).to.deep.equal([2, 3, 4])
    for (const id of [5n, 6n]) expect(ids((await run(id)).result.chain), `${id}`).to.deep.equal([5, 6])
    for (const id of [1n, 7n]) expect(ids((await run(id)).result.chain), `${id}`).to.deep.equal([Number(id)])
    expect((await run(3n)).text).to.match(/├─ chain: 2 of 3\n│ {5}2 .*\n│ {3}▸ 3 .*\n│ {5}4 /)
  })

  it('of a chain as long as a request has all of it, from either end', async () => {
    const length = 8189
    await books.transfers(move(9_001n))
    await books.transfers(
      ...Array.from({length}, (_, index) => move(BigInt(index + 1), index < length - 1 ? {flags: LINKED} : {})),
    )
    for (const id of [1n, BigInt(length)]) {
      const {chain} = (await run(id)).result
      expect([chain.length, chain[0]!.id, chain.at(-1)!.id]).to.deep.equal([length, '1', String(length)])
    }
  }).timeout(20_000)

  it('asks for what is around a transfer from the first nanosecond on', async () => {
    const rows = await around(books.reader, {timestamp: 5n} as Transfer)
    expect(rows).to.deep.equal([])
    expect(books.seen.at(-1)!.body).to.include({timestamp_max: '8195'})
  })

  it('of a hold says what became of it: open, posted in part, voided, lapsed', async () => {
    await books.transfers(
      move(1n, {flags: PENDING}),
      move(2n, {flags: PENDING}),
      move(3n, {flags: PENDING}),
      move(4n, {flags: PENDING, timeout: 10}),
    )
    const made = (await books.ledger.lookupTransfers([4n]))[0]!.timestamp
    await books.transfers({id: 12n, pending_id: 2n, amount: 3n, flags: POST}, {id: 13n, pending_id: 3n, flags: VOID})
    const outcome = async (id: bigint, now = books.clock.now) => (await run(id, {now})).result.outcome
    expect(await outcome(1n)).to.deep.equal({state: 'open'})
    expect((await outcome(2n))!.by).to.include({id: '12', amount: '3'})
    expect(await outcome(2n)).to.include({state: 'posted'})
    expect(await outcome(3n)).to.include({state: 'voided'})
    const expiry = made + 10n * SECOND
    expect(await outcome(4n, expiry - 1n)).to.deep.equal({state: 'open', at: String(expiry)})
    expect(await outcome(4n, expiry)).to.deep.equal({state: 'lapsed', at: String(expiry)})
  })

  it('of a post or a void has the hold as well, and the same outcome', async () => {
    await books.transfers(move(2n, {flags: PENDING}), move(3n, {flags: PENDING}))
    await books.transfers({id: 12n, pending_id: 2n, amount: 3n, flags: POST}, {id: 13n, pending_id: 3n, flags: VOID})
    for (const [id, hold, state] of [
      [12n, '2', 'posted'],
      [13n, '3', 'voided'],
    ] as const) {
      const {result} = await run(id)
      expect(result.hold).to.include({id: hold, amount: '5'})
      expect(result.outcome!.state).to.equal(state)
      expect(result.outcome!.by).to.include({id: String(id)})
    }
  })

  it('finds the post of a hold among other transfers of the account, and not that of another hold', async () => {
    await books.transfers(move(1n, {flags: PENDING}), move(2n, {flags: PENDING}))
    await books.transfers(move(3n), {id: 4n, pending_id: 2n, amount: 5n, flags: POST}, move(5n))
    await books.transfers({id: 6n, pending_id: 1n, amount: 1n, flags: POST})
    expect((await run(1n)).result.outcome!.by).to.include({id: '6'})
    expect((await run(2n)).result.outcome!.by).to.include({id: '4'})
  })

  it('has its reversals, in their order', async () => {
    await books.transfers(move(7n, {amount: 10n}))
    await books.pay(2n, 1n, 4n, {id: reversalId(7n, 0)})
    await books.pay(2n, 1n, 6n, {id: reversalId(7n, 1)})
    const {result, text} = await run(7n)
    expect(result.reversals.map(({amount}) => amount)).to.deep.equal(['4', '6'])
    expect(text.match(/reversed by/g)).to.have.length(2)
  })

  it('has the others with the same user_data_128, which 0 does not make related; a thousand at the most', async () => {
    await books.transfers(
      move(1n),
      move(2n),
      move(3n, {user_data_128: 9n}),
      move(4n, {user_data_128: 8n}),
      move(5n, {user_data_128: 9n}),
    )
    expect((await run(1n)).result.related).to.deep.equal([])
    expect(ids((await run(3n)).result.related)).to.deep.equal([5])
    await books.transfers(...Array.from({length: 1200}, (_, index) => move(BigInt(100 + index), {user_data_128: 9n})))
    const {related} = (await run(3n)).result
    expect([related.length, related[0]!.id]).to.deep.equal([999, '5'])
  })

  it('is shown with the names and money of a chart, as a tree or as a diagram', async () => {
    const own = await memoryBooks(...TYPED_ACCOUNTS)
    await own.transfers({id: 1n, debit_account_id: 1n, credit_account_id: 1001n, amount: 1250n, flags: PENDING})
    await own.transfers({id: 2n, pending_id: 1n, amount: 1000n, flags: POST})
    const call = {api: own.api, database: own.database, chart: TYPED_CHART, now: own.clock.now}
    const tree = (await runTrace({...call, id: 1n, mermaid: false})).text
    expect(tree)
      .to.match(/^1 {2}12\.50 USD {2}@bank\/usd → @customer\/1 {2}2023-/)
      .and.contain('├─ hold is posted by 2  10.00 USD')
    const diagram = (await runTrace({...call, id: 2n, mermaid: true})).text
    expect(diagram.split('\n').slice(0, 1)).to.deep.equal(['flowchart LR'])
    expect(diagram).to.contain('  t1 -- posted --> t2\n')
    await own.close()
  })
})
