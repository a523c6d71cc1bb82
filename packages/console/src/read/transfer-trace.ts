/** Everything that belongs to one transfer, found with a bounded number of reads. */

import {reversalId} from '@parix/books/corrections'
import {isPending, resolvesHold} from '@parix/books/holds'
import {type Trace, trace} from '@parix/books/trace'
import type {Account, Transfer} from '@parix/ledger/schema'
import type {LedgerReader} from '../host.js'
import {accountFilter, queryFilter} from './filters.js'

export interface FoundTrace extends Trace {
  debitAccount: Account | undefined
  creditAccount: Account | undefined
  /** A hold whose end was not found among the transfers that were looked through: it may have been posted or voided later. */
  outcomeUnknown: boolean
}

/** Of a linked chain, on each side. A chain may have 8,189 transfers: who wants all of them asks the command line. */
const CHAIN_SIDE_MAX = 60
const RELATED_MAX = 50
const REVERSALS_MAX = 20
/** Later transfers of the debited account that are looked through for the end of a hold. */
const LATER_PAGE = 2_000
const LATER_PAGES_MAX = 3

/** @returns undefined where there is no such transfer */
export async function readTrace(reader: LedgerReader, id: bigint, now: bigint): Promise<FoundTrace | undefined> {
  const [transfer] = await reader.lookupTransfers([id])
  if (transfer === undefined) return undefined
  const [hold] = resolvesHold(transfer) ? await reader.lookupTransfers([transfer.pending_id]) : []
  const ending = isPending(transfer) ? await resolutionOf(reader, transfer) : undefined
  const accounts = await reader.lookupAccounts([transfer.debit_account_id, transfer.credit_account_id])
  const accountOf = (wanted: bigint) => accounts.find((account) => account.id === wanted)
  return {
    ...trace({
      transfer,
      around: await around(reader, transfer),
      ...(hold !== undefined && {hold}),
      ...(ending?.found !== undefined && {resolution: ending.found}),
      reversals: await reversalsOf(reader, id),
      related: await relatedTo(reader, transfer),
      now,
    }),
    debitAccount: accountOf(transfer.debit_account_id),
    creditAccount: accountOf(transfer.credit_account_id),
    outcomeUnknown: ending !== undefined && ending.found === undefined && !ending.lookedAtAll,
  }
}

async function around(reader: LedgerReader, {timestamp}: Transfer): Promise<Transfer[]> {
  const limit = CHAIN_SIDE_MAX
  const before = await reader.queryTransfers(queryFilter({timestamp_max: timestamp, limit, newestFirst: true}))
  const after = await reader.queryTransfers(queryFilter({timestamp_min: timestamp + 1n, limit}))
  return [...before.reverse(), ...after]
}

/** A post or void has the debited account and the code of its hold, and comes later. */
async function resolutionOf(
  reader: LedgerReader,
  hold: Transfer,
): Promise<{found: Transfer | undefined; lookedAtAll: boolean}> {
  let from = hold.timestamp + 1n
  for (let pages = 0; pages < LATER_PAGES_MAX; pages++) {
    const page = await reader.getAccountTransfers(
      accountFilter({
        account_id: hold.debit_account_id,
        code: hold.code,
        timestamp_min: from,
        limit: LATER_PAGE,
        side: 'debits',
      }),
    )
    const found = page.find((transfer) => resolvesHold(transfer) && transfer.pending_id === hold.id)
    if (found !== undefined || page.length < LATER_PAGE) return {found, lookedAtAll: true}
    from = page.at(-1)!.timestamp + 1n
  }
  return {found: undefined, lookedAtAll: false}
}

async function reversalsOf(reader: LedgerReader, id: bigint): Promise<Transfer[]> {
  const ids = Array.from({length: REVERSALS_MAX}, (_, k) => reversalId(id, k))
  return reader.lookupTransfers(ids)
}

async function relatedTo(reader: LedgerReader, {user_data_128}: Transfer): Promise<Transfer[]> {
  return user_data_128 === 0n ? [] : reader.queryTransfers(queryFilter({user_data_128, limit: RELATED_MAX}))
}
