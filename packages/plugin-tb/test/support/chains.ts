import {BLANK_TRANSFER, type Transfer, TransferFlags} from '@parix/ledger'
import {statusName} from '@parix/ledger/schema'
import type {ChainPlan} from '../../src/chains/run-chain.js'
import {type MemoryBooks, memoryBooks} from './memory-books.js'
import {accountsOf, chartOf, TYPED_CHART_TEXT} from './typed-chart.js'

/** As `TYPED_CHART`, with control, operator and liquidity accounts. */
export const CHAIN_CHART = chartOf(`${TYPED_CHART_TEXT}  control: {id: 20, ledger: USD, code: control}
  control/limit: {id: 21, ledger: USD, code: control, flags: [debits_must_not_exceed_credits]}
  control/opposite: {id: 22, ledger: USD, code: control, flags: [credits_must_not_exceed_debits]}
  operator: {id: 23, ledger: USD, code: operator}
  fx/usd: {id: 24, ledger: USD, code: capital}
  fx/jpy: {id: 25, ledger: JPY, code: capital}
  fx/wei: {id: 26, ledger: WEI, code: capital}
`)

/** The accounts of `CHAIN_CHART` and customers 1 to 3; customer 1 has 200.00, customer 2 has 50.00. */
export async function chainBooks(): Promise<MemoryBooks> {
  const books = await memoryBooks(...accountsOf(CHAIN_CHART))
  await books.accounts(...[1, 2, 3].map((n) => ({id: BigInt(1000 + n), code: 20, flags: 2})))
  await books.pay(1n, 1001n, 20_000n)
  await books.pay(1n, 1002n, 5_000n)
  return books
}

/** The transfers of a plan. @throws Error where it says that there is nothing to send */
export function planned(plan: ChainPlan): Transfer[] {
  if ('nothing' in plan) throw new Error(`There is nothing to send: ${JSON.stringify(plan.nothing.view)}`)
  return plan.transfers.map((transfer) => ({...BLANK_TRANSFER, ...transfer}))
}

/** Sends a plan as one request: the name of each result. */
export async function execute(books: MemoryBooks, plan: ChainPlan): Promise<string[]> {
  books.clock.now += 1_000_000_000n
  const results = await books.ledger.createTransfers(planned(plan))
  return results.map(({status}) => statusName('transfer', status)!)
}

/** `[debit, credit, amount, flags]` of each transfer; in place of a pending id its place in the chain, from 1. */
export function movesOf(plan: ChainPlan): (bigint | string | number)[][] {
  const transfers = planned(plan)
  return transfers.map(({debit_account_id, credit_account_id, amount, flags, pending_id}) => {
    const names = Object.entries(TransferFlags).filter(([, bit]) => typeof bit === 'number' && (flags & bit) !== 0)
    const pending = transfers.findIndex(({id}) => id === pending_id) + 1
    return [
      debit_account_id,
      credit_account_id,
      amount,
      names.map(([name]) => name).join(),
      ...(pending > 0 ? [pending] : []),
    ]
  })
}
