import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {FLAGS, hasFlag} from '../records/flags.js'
import {formatTimestamp} from '../records/times.js'
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
}

/**
 * The balance now, or at a moment: then of the last transfer up to it, which only an account with the flag `history` keeps.
 *
 * @throws ParixError NOT_FOUND where there is no such account, or was none then; FAILED where it keeps no history
 */
export async function readBalance(
  api: Api,
  database: ResolvedDatabase,
  id: bigint,
  at: bigint | undefined,
): Promise<Balance> {
  const account = await lookUpAccount(api, database.id, database.name, id)
  if (at === undefined) return shape(account, account, null)
  return shape(account, await balanceAt(api, database, account, at), formatTimestamp(at))
}

async function balanceAt(api: Api, database: ResolvedDatabase, account: Row, at: bigint): Promise<Row> {
  const when = formatTimestamp(at)
  if (numberIn(account, 'timestamp') > at) {
    throw new ParixError(
      'NOT_FOUND',
      `Account ${account.id} did not exist at ${when}: it was created at ${formatTimestamp(numberIn(account, 'timestamp'))}.`,
      {
        code: 'account_not_found',
      },
    )
  }
  if (!hasFlag('account', numberIn(account, 'flags'), 'history')) {
    throw new ParixError(
      'FAILED',
      `Account ${account.id} was created without the flag history, so the ledger does not know what it held at ${when}.`,
      {
        code: 'no_history',
        next: nextCommand('tb get-account-transfers', {
          args: [database.name],
          flags: {'account-id': String(account.id), 'timestamp-max': when, all: true},
        }),
      },
    )
  }
  const {debits, credits, reversed} = FLAGS.account_filter
  const filter = {
    account_id: numberIn(account, 'id'),
    timestamp_max: at,
    limit: 1n,
    flags: debits! | credits! | reversed!,
  }
  const answer = await readRows(api, database.id, 'get_account_balances', wireObject('account_filter', filter))
  return answer.responsePayload[0] ?? {}
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
