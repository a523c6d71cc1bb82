import {reversalId} from '@parix/books/corrections'
import {ParixError} from '@parix/kit/errors'
import {type Transfer, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {type ReverseFlags, reversalPlanner} from '../../src/chains/plan-reverse.js'
import {CHAIN_CHART, chainBooks, execute, movesOf, planned} from '../support/chains.js'
import type {MemoryBooks} from '../support/memory-books.js'
import {allTransfers, someSteps, withRandomBooks} from '../support/random-books.js'
import {refusalOf} from '../support/refusal.js'
import {chartOf, TYPED_CHART_TEXT} from '../support/typed-chart.js'

const [PENDING, POST, VOID, LINKED] = [
  TransferFlags.pending,
  TransferFlags.post_pending_transfer,
  TransferFlags.void_pending_transfer,
  TransferFlags.linked,
]

describe('a reversal', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await chainBooks()
  })
  afterEach(() => books.close())

  const plan = (id: bigint, flags: ReverseFlags = {}, chart: typeof CHAIN_CHART | null = CHAIN_CHART) =>
    reversalPlanner(id, flags, chart ?? undefined)(books.reading)
  const reverse = async (id: bigint, flags: ReverseFlags = {}) => execute(books, await plan(id, flags))
  const nothing = async (id: bigint, flags: ReverseFlags = {}) => {
    const made = await plan(id, flags)
    if (!('nothing' in made)) throw new Error('there was something to send')
    return made.nothing
  }

  it('is the opposite, with the same code and user data, and an id that follows from the original', async () => {
    const data = {user_data_128: 7n, user_data_64: 8n, user_data_32: 9}
    const {id} = await books.pay(1n, 6n, 1250n, {code: 2, ...data})
    expect(planned(await plan(id))).to.deep.equal([
      {
        ...{id: reversalId(id, 0), debit_account_id: 6n, credit_account_id: 1n, amount: 1250n, ledger: 700, code: 2},
        ...{pending_id: 0n, timeout: 0, flags: 0, timestamp: 0n, ...data},
      },
    ])
  })

  it('has the code that was given, else the one that the chart calls correction', async () => {
    const {id} = await books.pay(1n, 6n, 1250n, {code: 2})
    const correcting = chartOf(TYPED_CHART_TEXT.replace('payment: 2}', 'payment: 2, correction: 7}'))
    const code = async (flags: ReverseFlags, chart: typeof CHAIN_CHART | null) =>
      planned(await plan(id, flags, chart))[0]!.code
    expect([await code({}, CHAIN_CHART), await code({}, correcting), await code({}, null)]).to.deep.equal([2, 7, 2])
    expect(await code({code: 'deposit'}, correcting)).to.equal(1)
    expect(await code({code: '9'}, null)).to.equal(9)
    expect((await refusalOf(async () => plan(id, {code: '0'}))).kind).to.equal('BAD_INPUT')
  })

  it('in parts takes what is left, and never more', async () => {
    const {id} = await books.pay(1n, 6n, 1000n)
    expect(await reverse(id, {amount: '3.00'})).to.deep.equal(['created'])
    expect(await reverse(id, {'amount-raw': '200'})).to.deep.equal(['created'])
    const error = await refusalOf(() => plan(id, {amount: '5.01'}))
    expect(error).to.include({kind: 'BAD_INPUT', code: 'more_than_left'})
    expect(error.message).to.equal(
      `Of transfer ${id}, 5.00 USD of 10.00 USD is reversed already; 5.00 USD is left, 5.01 USD was asked for. Nothing was sent.`,
    )
    expect(movesOf(await plan(id))[0]).to.deep.equal([6n, 1n, 500n, ''])
    expect(await reverse(id)).to.deep.equal(['created'])
    expect((await books.columns())[6]!.slice(0, 2)).to.deep.equal([1000n, 1000n])
  })

  it('of what is reversed sends nothing, and shows when and by what; an amount more is refused', async () => {
    const {id} = await books.pay(1n, 6n, 1000n)
    await reverse(id, {amount: '3.00'})
    await reverse(id)
    const {result, notices} = await nothing(id)
    expect(result.responsePayload.map(({result: name, amount}) => [name, amount])).to.deep.equal([
      ['exists', '300'],
      ['exists', '700'],
    ])
    expect(notices).to.deep.equal([`Transfer ${id} was reversed at 2023-11-02T00:00:07.000000000Z. Nothing was sent.`])
    expect((await refusalOf(() => plan(id, {amount: '0.01'}))).code).to.equal('more_than_left')
  })

  it('of a hold voids it, as a whole; then it is done', async () => {
    const {id} = await books.pay(1n, 6n, 1000n, {flags: PENDING})
    expect((await refusalOf(() => plan(id, {amount: '1.00'}))).message).to.contain('voided as a whole')
    expect(movesOf(await plan(id))[0]).to.deep.equal([0n, 0n, 0n, 'void_pending_transfer'])
    expect(await reverse(id)).to.deep.equal(['created'])
    expect((await books.columns())[6]).to.deep.equal([0n, 0n, 0n, 0n])
    expect((await nothing(id)).notices[0]).to.contain('was reversed at')
  })

  it('of what moved nothing sends nothing; a hold of nothing is voided, which opens an account that it closed', async () => {
    const {id} = await books.pay(1n, 6n, 0n)
    expect((await nothing(id)).view).to.equal(`Transfer ${id} moved nothing that could be reversed. Nothing was sent.`)
    const closing = await books.pay(1003n, 6n, 0n, {flags: PENDING | TransferFlags.closing_debit})
    expect(await reverse(closing.id)).to.deep.equal(['created'])
    await books.pay(1n, 1003n, 1n)
  })

  it('of the post of a hold gives back what was posted, and of a void there is nothing to give', async () => {
    const [one, two] = [
      await books.pay(1n, 6n, 1000n, {flags: PENDING}),
      await books.pay(1n, 6n, 1000n, {flags: PENDING}),
    ]
    await books.transfers(
      {id: 71n, pending_id: one.id, amount: 400n, flags: POST},
      {id: 72n, pending_id: two.id, flags: VOID},
    )
    expect(movesOf(await plan(71n))[0]).to.deep.equal([6n, 1n, 400n, ''])
    expect((await refusalOf(() => plan(72n))).message).to.contain('voids a hold: nothing was moved')
  })

  it('of a transfer that is not there is not found', async () => {
    expect(await refusalOf(() => plan(77n))).to.include({kind: 'NOT_FOUND', code: 'transfer_not_found'})
  })

  describe('of a chain', () => {
    const chain = () =>
      books.transfers(
        {id: 71n, debit_account_id: 1n, credit_account_id: 6n, amount: 100n, flags: LINKED},
        {id: 72n, debit_account_id: 6n, credit_account_id: 4n, amount: 60n, flags: LINKED},
        {id: 73n, debit_account_id: 6n, credit_account_id: 5n, amount: 40n},
      )

    it('takes back all of it, the last transfer first, as one chain', async () => {
      await chain()
      expect(movesOf(await plan(72n, {chain: true}))).to.deep.equal([
        [5n, 6n, 40n, 'linked'],
        [4n, 6n, 60n, 'linked'],
        [6n, 1n, 100n, ''],
      ])
      expect(await reverse(72n, {chain: true})).to.deep.equal(['created', 'created', 'created'])
      const again = await nothing(71n, {chain: true})
      expect(again.result.responsePayload).to.have.length(3)
      expect(again.notices[0]).to.contain('The chain of 3 transfers was reversed at')
    })

    it('takes back what is left of it, where a part was reversed before', async () => {
      await chain()
      await reverse(72n)
      await reverse(73n, {'amount-raw': '15'})
      expect(movesOf(await plan(71n, {chain: true}))).to.deep.equal([
        [5n, 6n, 25n, 'linked'],
        [6n, 1n, 100n, ''],
      ])
    })

    it('without --chain takes back one transfer, and says that there is more', async () => {
      await chain()
      const made = await plan(72n)
      expect(movesOf(made)).to.deep.equal([[4n, 6n, 60n, '']])
      expect('notes' in made && made.notes).to.deep.equal([
        'The transfer is part of a chain; --chain reverses all of it.',
      ])
      const last = await plan(73n)
      expect('notes' in last && last.notes, 'the last has no flag').to.deep.equal([])
      const whole = await plan(72n, {chain: true})
      expect('notes' in whole && whole.notes).to.deep.equal([])
    })

    it('that held and let go moves nothing back', async () => {
      await books.transfers(
        {id: 71n, debit_account_id: 1n, credit_account_id: 6n, amount: 100n, flags: PENDING | LINKED},
        {id: 72n, pending_id: 71n, flags: VOID},
      )
      expect((await nothing(71n, {chain: true})).view).to.contain('moved nothing that could be reversed')
    })

    it('of which one reversal is refused leaves all of it in place', async () => {
      await books.transfers(
        {id: 71n, debit_account_id: 1n, credit_account_id: 1003n, amount: 100n, flags: LINKED},
        {id: 72n, debit_account_id: 1n, credit_account_id: 6n, amount: 60n},
      )
      await books.pay(1003n, 4n, 50n)
      const before = await books.columns()
      expect(await reverse(71n, {chain: true})).to.deep.equal(['linked_event_failed', 'exceeds_credits'])
      expect(await books.columns()).to.deep.equal(before)
    })
  })

  describe('that somebody else made first', () => {
    const refusedBy = (code: string, tbResults: object[]) =>
      new ParixError('REFUSED', code, {code, tbResults: tbResults as never})

    it('is planned again from what is in the ledger by then', async () => {
      const {id} = await books.pay(1n, 6n, 1000n)
      const planner = reversalPlanner(id, {amount: '3.00'}, CHAIN_CHART)
      const first = await planner(books.reading)
      await reverse(id, {amount: '2.00'})
      const [result] = await execute(books, first)
      expect(result).to.equal('exists_with_different_amount')
      const ids = planned(first).map(({id: own}) => ({id: own, result}))
      expect('again' in first && first.again!(refusedBy(result!, ids))).to.equal(true)
      const second = await planner(books.reading)
      expect(planned(second)[0]).to.include({id: reversalId(id, 1), amount: 300n})
      expect(await execute(books, second)).to.deep.equal(['created'])
    })

    it('or that the ledger refused before, gets the number after the ones that are used up', async () => {
      const {id} = await books.pay(1n, 1003n, 1000n)
      const spent = await books.pay(1003n, 4n, 1000n)
      const planner = reversalPlanner(id, {}, CHAIN_CHART)
      const first = await planner(books.reading)
      expect(await execute(books, first)).to.deep.equal(['exceeds_credits'])
      await books.pay(4n, 1003n, 1000n)
      expect(await execute(books, first)).to.deep.equal(['id_already_failed'])
      const again = 'again' in first ? first.again! : undefined
      expect(
        again!(refusedBy('id_already_failed', [{id: planned(first)[0]!.id, result: 'id_already_failed'}])),
      ).to.equal(true)
      const second = await planner(books.reading)
      expect(planned(second)[0]!.id).to.equal(reversalId(id, 1))
      expect(await execute(books, second)).to.deep.equal(['created'])
      expect(spent.amount).to.equal(1000n)
      // Another process finds it after the number that is used up.
      expect((await nothing(id)).result.responsePayload[0]!.id).to.equal(String(reversalId(id, 1)))
    })

    it('is not planned again for what is no matter of who was faster', async () => {
      const {id} = await books.pay(1n, 6n, 1000n)
      const made = await plan(id)
      const again = (code: string) => 'again' in made && made.again!(refusedBy(code, []))
      for (const code of ['exists', 'id_already_failed', 'linked_event_failed', 'exists_with_different_flags'])
        expect(again(code), code).to.equal(true)
      for (const code of [
        'exceeds_credits',
        'debit_account_already_closed',
        'exists_with',
        'not_exists',
        'overflows_debits',
      ])
        expect(again(code), code).to.equal(false)
    })
  })

  it('of any transfers brings back the balances from before, or changes nothing', () =>
    fc.assert(
      fc.asyncProperty(someSteps, fc.array(fc.nat(), {minLength: 1, maxLength: 4}), async (steps, places) => {
        await withRandomBooks(steps, async (random) => {
          const rows = await allTransfers(random)
          for (const place of places) {
            const row = rows[place % Math.max(rows.length, 1)]
            if (row === undefined) return
            const before = await random.columns()
            const reversed = await reverseOne(random, row)
            const after = await random.columns()
            if (reversed === 0n) {
              for (const [id, columns] of Object.entries(after))
                expect(columns.slice(0, 2), id).to.deep.equal(before[id]!.slice(0, 2))
              continue
            }
            const [debit, credit] = [String(row.debit_account_id), String(row.credit_account_id)]
            expect(after[debit]![1]! - before[debit]![1]!).to.equal(reversed)
            expect(after[credit]![0]! - before[credit]![0]!).to.equal(reversed)
            expect(reversed, 'and not a second time').to.equal(row.amount)
            expect('nothing' in (await reversalPlanner(row.id, {}, undefined)(random.reading))).to.equal(true)
          }
        })
      }),
      {numRuns: 7},
    ))
})

/** What it moved back: 0 where there was nothing to reverse, or the ledger did not allow it. */
async function reverseOne(books: MemoryBooks, {id}: Transfer): Promise<bigint> {
  const made = await reversalPlanner(id, {}, undefined)(books.reading).catch(() => undefined)
  if (made === undefined || 'nothing' in made) return 0n
  const [transfer] = planned(made)
  const [result] = await execute(books, made)
  return result === 'created' && transfer!.pending_id === 0n ? transfer!.amount : 0n
}
