import {UINT128_MAX} from '@parix/kit/integers'
import {expect} from 'chai'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {wireList} from '../../src/records/wire.js'
import {numbersBehind} from '../../src/results/numbers.js'
import type {EventOutcome} from '../../src/results/outcome.js'
import {type MemoryService, startMemoryService} from '../support/memory-service.js'
import {refusalOf} from '../support/refusal.js'

/**
 * Accounts: 1 without limits, 2 whose debits must not exceed its credits (100, of which 30 are spent and 20 held), 3 the other
 * way round, 4 on another ledger. Transfer 50 is the hold, 51 moved at once.
 */
const ACCOUNTS = [
  {id: 1n, ledger: 700n, code: 1n},
  {id: 2n, ledger: 700n, code: 1n, flags: 2n},
  {id: 3n, ledger: 700n, code: 1n, flags: 4n},
  {id: 4n, ledger: 978n, code: 1n},
]
const move = (id: bigint, from: bigint, to: bigint, amount: bigint, more: LedgerRecord = {}): LedgerRecord => ({
  ...{id, debit_account_id: from, credit_account_id: to, amount, ledger: 700n, code: 1n},
  ...more,
})

describe('the numbers of the ledger behind a result', () => {
  let local: MemoryService
  before(async () => {
    local = await startMemoryService([])
    await local.operate('create_accounts', wireList('account', ACCOUNTS))
    await local.operate(
      'create_transfers',
      wireList('transfer', [
        move(51n, 1n, 2n, 100n),
        move(52n, 2n, 1n, 30n),
        move(50n, 2n, 1n, 20n, {flags: 2n}),
        move(53n, 3n, 1n, 40n),
      ]),
    )
  })
  after(() => local.stop())

  const behind = async (result: string, record: LedgerRecord, databaseId = local.database) => {
    const event: EventOutcome = {index: 0, id: String(record.id), state: 'refused', result}
    return (await numbersBehind(local.api, databaseId, [record], [event])).get(0)
  }

  it('exceeds_credits: what the account has, what of it is used and held, what is left, what was asked for', async () => {
    expect(await behind('exceeds_credits', move(9n, 2n, 1n, 500n))).to.equal(
      'Account 2 has credits of 100 and debits of 50 (20 of them pending): 50 is left, 500 was asked for.',
    )
  })

  it('exceeds_debits: the other way round, and nothing is said of a hold where there is none', async () => {
    expect(await behind('exceeds_debits', move(9n, 1n, 3n, 41n))).to.equal(
      'Account 3 has debits of 40 and credits of 0: 40 is left, 41 was asked for.',
    )
  })

  it('a wrong ledger: those of both accounts, and the one that the transfer says', async () => {
    expect(await behind('accounts_must_have_the_same_ledger', move(9n, 1n, 4n, 1n))).to.equal(
      'Account 1 is on ledger 700, account 4 on ledger 978; the transfer says 700.',
    )
    expect(await behind('transfer_must_have_the_same_ledger_as_accounts', move(9n, 1n, 2n, 1n, {ledger: 9n}))).to.match(
      /the transfer says 9\.$/,
    )
  })

  it('an overflow: the balances of both accounts, and the amount', async () => {
    expect(await behind('overflows_debits', move(9n, 1n, 2n, UINT128_MAX))).to.equal(
      `Account 1 has debits of 100 (+ 0 pending) and credits of 70 (+ 20 pending). Account 2 has debits of 30 (+ 20 pending) and credits of 100 (+ 0 pending). The amount is ${UINT128_MAX}.`,
    )
  })

  it('a post of too much: what the pending transfer holds, between which accounts', async () => {
    expect(await behind('exceeds_pending_transfer_amount', {id: 9n, pending_id: 50n, amount: 21n, flags: 4n})).to.equal(
      'Pending transfer 50 holds 20, from 2 to 1; 21 was asked for.',
    )
  })

  it('all of it is not a number that anybody asked for', async () => {
    for (const amount of [0n, UINT128_MAX])
      expect(
        await behind('pending_transfer_has_different_code', {id: 9n, pending_id: 50n, amount, flags: 4n}),
      ).to.equal('Pending transfer 50 holds 20, from 2 to 1.')
  })

  it('a post of what was never pending says that it moved at once', async () => {
    expect(await behind('pending_transfer_not_pending', {id: 9n, pending_id: 51n, amount: 1n, flags: 4n})).to.equal(
      'Transfer 51 moved 100 at once; there is nothing to post or void.',
    )
  })

  it('nothing is said where there is nothing to say, or nothing to be found', async () => {
    expect(await behind('exceeds_credits', move(9n, 99n, 1n, 5n))).to.equal(undefined)
    expect(await behind('pending_transfer_not_found', {id: 9n, pending_id: 99n, flags: 8n})).to.equal(undefined)
    expect(await behind('linked_event_failed', move(9n, 2n, 1n, 5n))).to.equal(undefined)
    expect(await behind('exceeds_credits', {})).to.equal(undefined)
  })

  it('of many refused events the first hundred are looked into', async () => {
    const records = Array.from({length: 101}, (_, index) => move(BigInt(5000 + index), 2n, 1n, 500n))
    const events = records.map(({id}, index) => ({
      index,
      id: String(id),
      state: 'refused' as const,
      result: 'exceeds_credits',
    }))
    const numbers = await numbersBehind(local.api, local.database, records, events)
    expect([...numbers.keys()]).to.deep.equal(Array.from({length: 100}, (_, index) => index))
  })

  it('a lookup that fails is an error: the caller decides that the refusal stands without it', async () => {
    expect(await refusalOf(() => behind('exceeds_credits', move(9n, 2n, 1n, 5n), 'no-such-database'))).to.include({
      kind: 'NOT_FOUND',
    })
  })
})
