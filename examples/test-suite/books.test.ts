/** A test suite of a program that pays by Parix: each test begins with the same books. `node --test`; vitest, jest and mocha alike. */

import assert from 'node:assert/strict'
import {after, before, beforeEach, test} from 'node:test'
import {startParix, type TestParix} from '@parix/plugin-local/testing'

const ANN = '1001'
const SHOP = '2001'
const LEDGER = 700

let parix: TestParix

before(async () => {
  parix = await startParix({database: 'shop'})
  // debits_must_not_exceed_credits: Ann can't spend more than she has.
  await call('create_accounts', [
    {id: ANN, ledger: LEDGER, code: 20, flags: 2},
    {id: SHOP, ledger: LEDGER, code: 30},
  ])
  await pay({id: '1', from: SHOP, to: ANN, amount: 100_00n})
  await parix.snapshot('ann-has-100')
})
beforeEach(() => parix.restore('ann-has-100'))
after(() => parix.close())

test('what Ann pays, the shop has', async () => {
  await pay({id: '2', from: ANN, to: SHOP, amount: 60_00n})
  assert.equal(await balance(ANN), 40_00n)
})

test('she pays 60.00 again: the payment of the test before is gone', async () => {
  await pay({id: '2', from: ANN, to: SHOP, amount: 60_00n})
  assert.equal(await balance(ANN), 40_00n)
})

test('more than she has is refused, and nothing moves', async () => {
  await assert.rejects(pay({id: '2', from: ANN, to: SHOP, amount: 100_01n}), /exceeds_credits/)
  assert.equal(await balance(ANN), 100_00n)
})

/** The program under test would do this; here it is three lines. */
async function pay({id, from, to, amount}: {id: string; from: string; to: string; amount: bigint}): Promise<void> {
  const transfer = {id, debit_account_id: from, credit_account_id: to, amount: String(amount), ledger: LEDGER, code: 1}
  await call('create_transfers', [transfer])
}

async function balance(id: string): Promise<bigint> {
  const [account] = await call('lookup_accounts', [id])
  return BigInt(account!.credits_posted!) - BigInt(account!.debits_posted!)
}

async function call(operation: string, body: unknown): Promise<Record<string, string>[]> {
  const response = await fetch(`${parix.baseUrl}/api/v1/databases/${parix.database.id}/tb/${operation}`, {
    method: 'POST',
    headers: {'x-api-key': parix.apiKey, 'content-type': 'application/json'},
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as {
    responsePayload?: Record<string, string>[]
    tbResults?: {result: string}[]
    detail?: string
  }
  if (!response.ok) throw new Error(`${answer.detail} ${answer.tbResults?.map(({result}) => result).join(', ')}`)
  return answer.responsePayload ?? []
}
