import type {Api} from '@parix/kit/api'
import {UINT128_MAX} from '@parix/kit/integers'
import {readRows} from '../reads/query.js'
import {numberIn, type Row} from '../reads/rows.js'
import {hasFlag} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireIds} from '../records/wire.js'
import type {EventOutcome} from './outcome.js'

/** At most this many refused events are looked into: beyond that, nobody reads. */
const EVENTS_MAX = 100

/**
 * The numbers behind refusals, by the event's index, as far as one lookup of the accounts (and one of the pending
 * transfers) gives them: what the account holds, what its limit leaves, what was asked for.
 *
 * @throws ParixError, TransportError when the lookup fails; the refusal itself stands without it
 */
export async function numbersBehind(
  api: Api,
  databaseId: string,
  records: readonly LedgerRecord[],
  refused: readonly EventOutcome[],
): Promise<Map<number, string>> {
  const looked = refused.slice(0, EVENTS_MAX)
  const accounts = await lookUp(
    api,
    databaseId,
    'lookup_accounts',
    looked.flatMap((event) => accountsOf(event, records)),
  )
  const pending = looked.filter(({result}) => /^(pending_transfer_|exceeds_pending_)/.test(result))
  const transfers = await lookUp(
    api,
    databaseId,
    'lookup_transfers',
    pending.flatMap(({index}) => records[index]?.pending_id ?? []),
  )
  const sentences = new Map<number, string>()
  for (const event of looked) {
    const sentence = describe(event, records[event.index] ?? {}, accounts, transfers)
    if (sentence !== undefined) sentences.set(event.index, sentence)
  }
  return sentences
}

type Rows = ReadonlyMap<string, Row>

async function lookUp(
  api: Api,
  databaseId: string,
  operation: 'lookup_accounts' | 'lookup_transfers',
  ids: readonly bigint[],
): Promise<Rows> {
  if (ids.length === 0) return new Map()
  const response = await readRows(api, databaseId, operation, wireIds([...new Set(ids)]))
  return new Map(response.responsePayload.map((row) => [String(row.id), row]))
}

const ABOUT_ACCOUNTS = /^(exceeds_(credits|debits)|overflows_|accounts_must_have|transfer_must_have)/

function accountsOf({result, index}: EventOutcome, records: readonly LedgerRecord[]): bigint[] {
  const record = records[index]
  if (record === undefined || !ABOUT_ACCOUNTS.test(result)) return []
  return [record.debit_account_id, record.credit_account_id].filter((id) => id !== undefined)
}

function describe({result}: EventOutcome, record: LedgerRecord, accounts: Rows, transfers: Rows): string | undefined {
  const debit = accounts.get(String(record.debit_account_id))
  const credit = accounts.get(String(record.credit_account_id))
  if (result === 'exceeds_credits' && debit) return limitSentence(debit, 'credits', 'debits', record)
  if (result === 'exceeds_debits' && credit) return limitSentence(credit, 'debits', 'credits', record)
  if (/_ledger/.test(result) && debit && credit) {
    return `Account ${debit.id} is on ledger ${debit.ledger}, account ${credit.id} on ledger ${credit.ledger}; the transfer says ${record.ledger}.`
  }
  const pending = transfers.get(String(record.pending_id))
  if (pending) return pendingSentence(pending, record)
  if (result.startsWith('overflows_') && debit && credit) {
    return `${balances(debit)} ${balances(credit)} The amount is ${record.amount}.`
  }
  return undefined
}

/** `Account 1 has credits of 100 and debits of 80 (20 of them pending): 20 is left, 500 was asked for.` */
function limitSentence(
  account: Row,
  limit: 'credits' | 'debits',
  limited: 'credits' | 'debits',
  record: LedgerRecord,
): string {
  const ceiling = numberIn(account, `${limit}_posted`)
  const pending = numberIn(account, `${limited}_pending`)
  const used = numberIn(account, `${limited}_posted`) + pending
  const left = ceiling > used ? ceiling - used : 0n
  const held = pending > 0n ? ` (${pending} of them pending)` : ''
  return `Account ${account.id} has ${limit} of ${ceiling} and ${limited} of ${used}${held}: ${left} is left, ${record.amount} was asked for.`
}

function pendingSentence(pending: Row, record: LedgerRecord): string {
  const isPending = hasFlag('transfer', numberIn(pending, 'flags'), 'pending')
  const {amount = 0n} = record
  // 2^128 − 1 is "all of it", and so is 0 where one voids: neither was a number that anybody asked for.
  const asked = amount === 0n || amount === UINT128_MAX ? '' : `; ${amount} was asked for`
  return isPending
    ? `Pending transfer ${pending.id} holds ${pending.amount}, from ${pending.debit_account_id} to ${pending.credit_account_id}${asked}.`
    : `Transfer ${pending.id} moved ${pending.amount} at once; there is nothing to post or void.`
}

function balances(account: Row): string {
  return `Account ${account.id} has debits of ${account.debits_posted} (+ ${account.debits_pending} pending) and credits of ${account.credits_posted} (+ ${account.credits_pending} pending).`
}
