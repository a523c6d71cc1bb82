import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import {formatTimestamp} from '@parix/kit/timestamps'
import {FLAGS, hasFlag} from '../records/flags.js'
import {wireObject} from '../records/wire.js'
import {lookUpAccount} from './lookup.js'
import {readRows} from './query.js'
import {numberIn, type Row} from './rows.js'

/** What an account holds. Amounts are decimal strings, in the smallest unit. */
export interface Balance {
  id: string
  ledger: number
  code: number
  flags: number
  debits_posted: string
  debits_pending: string
  credits_posted: string
  credits_pending: string
  /** Credits less debits, posted: what a credit account (a customer's) holds. Negative for a debit account. */
  credits_less_debits: string
  /** What the account's limit leaves, where it has one: pending amounts count as spent. */
  available: string | null
  /** The moment that was asked for; null: now. */
  at: string | null
  /** Transfers that were added up, where the ledger keeps no balances of the past for the account. */
  folded?: number
}

/**
 * The balance now, or at a moment: then of the last transfer up to it. An account without the flag `history` keeps no such
 * balances, so all its transfers up to then are added up.
 *
 * @throws ParixError NOT_FOUND where there is no such account, or was none then
 */
export async function readBalance(
  api: Api,
  database: ResolvedDatabase,
  id: bigint,
  at: bigint | undefined,
): Promise<Balance> {
  const account = await lookUpAccount(api, database.id, database.name, id)
  if (at === undefined) return shape(account, account, null)
  if (numberIn(account, 'timestamp') > at) throw notYet(account, at)
  const when = formatTimestamp(at)
  if (hasFlag('account', numberIn(account, 'flags'), 'history'))
    return shape(account, await balanceAt(api, database, account, at), when)
  const {balance, rows} = await foldedAt(api, database, id, at)
  return {...shape(account, balance, when), folded: rows}
}

/** Every transfer of the account up to `at`, and the holds that expired by then. */
async function foldedAt(
  api: Api,
  database: ResolvedDatabase,
  id: bigint,
  at: bigint,
): Promise<{balance: Row; rows: number}> {
  const {Fold} = await import('@parix/books/fold')
  const {accountTransferPages} = await import('../books/read-books.js')
  const fold = new Fold()
  for await (const page of accountTransferPages({api, databaseId: database.id}, id, {to: at}))
    for (const transfer of page) fold.add(transfer)
  fold.release(at)
  const {debitsPosted = 0n, debitsPending = 0n, creditsPosted = 0n, creditsPending = 0n} = fold.columns.get(id) ?? {}
  const balance = {
    debits_posted: String(debitsPosted),
    debits_pending: String(debitsPending),
    credits_posted: String(creditsPosted),
    credits_pending: String(creditsPending),
  }
  return {balance, rows: fold.rows}
}

async function balanceAt(api: Api, database: ResolvedDatabase, account: Row, at: bigint): Promise<Row> {
  const {debits, credits, reversed} = FLAGS.account_filter
  const filter = {
    account_id: numberIn(account, 'id'),
    timestamp_max: at,
    limit: 1n,
    flags: debits! | credits! | reversed!,
  }
  const response = await readRows(api, database.id, 'get_account_balances', wireObject('account_filter', filter))
  return response.responsePayload[0] ?? {}
}

function shape(account: Row, balance: Row, at: string | null): Balance {
  const of = (field: string) => numberIn(balance, field)
  return {
    id: String(account.id),
    ledger: Number(account.ledger),
    code: Number(account.code),
    flags: Number(account.flags),
    debits_posted: String(of('debits_posted')),
    debits_pending: String(of('debits_pending')),
    credits_posted: String(of('credits_posted')),
    credits_pending: String(of('credits_pending')),
    credits_less_debits: String(of('credits_posted') - of('debits_posted')),
    available: available(numberIn(account, 'flags'), of),
    at,
  }
}

function notYet(account: Row, at: bigint): ParixError {
  const created = formatTimestamp(numberIn(account, 'timestamp'))
  return new ParixError(
    'NOT_FOUND',
    `Account ${account.id} did not exist at ${formatTimestamp(at)}: it was created at ${created}.`,
    {code: 'account_not_found'},
  )
}

/** semantics §11.2. */
function available(flags: bigint, of: (field: string) => bigint): string | null {
  if (hasFlag('account', flags, 'debits_must_not_exceed_credits')) {
    return String(of('credits_posted') - of('debits_posted') - of('debits_pending'))
  }
  if (hasFlag('account', flags, 'credits_must_not_exceed_debits')) {
    return String(of('debits_posted') - of('credits_posted') - of('credits_pending'))
  }
  return null
}
