import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {hasFlag} from '../records/flags.js'
import {wireObject} from '../records/wire.js'
import {lookUpAccount} from './lookup.js'
import {nextPage, type PagedRead} from './paginate.js'
import {readRows} from './query.js'
import type {ReadResult} from './read-result.js'
import {numberIn} from './rows.js'

/** One page, where the next one would begin, and for balances why there are none. */
export async function readOnce(read: PagedRead, databaseName: string): Promise<ReadResult> {
  const {api, databaseId, operation, kind, filter} = read
  const response: ReadResult = await readRows(api, databaseId, operation, wireObject(kind, filter))
  const rows = response.responsePayload
  const reversed = hasFlag(kind, filter.flags, 'reversed')
  const page =
    rows.length === 0 || BigInt(rows.length) < filter.limit!
      ? undefined
      : nextPage(filter, numberIn(rows.at(-1)!, 'timestamp'), reversed)
  if (page) {
    response.next = reversed ? {timestamp_max: String(page.timestamp_max)} : {timestamp_min: String(page.timestamp_min)}
  }
  if (rows.length === 0 && kind === 'account_filter') {
    const note = await whyEmpty(read, databaseName)
    if (note !== undefined) response.note = note
  }
  return response
}

/**
 * Why an account filter found nothing: TigerBeetle returns no rows for an account that does not exist, or that keeps no
 * history, as it does for one without transfers.
 *
 * @returns a sentence, or undefined where there are simply no transfers
 * @throws ParixError NOT_FOUND when there is no such account
 */
export async function whyEmpty(
  {api, databaseId, operation, filter}: PagedRead,
  name: string,
): Promise<string | undefined> {
  const id = filter.account_id!
  const account = await lookUpAccount(api, databaseId, name, id)
  if (operation !== 'get_account_balances' || hasFlag('account', numberIn(account, 'flags'), 'history'))
    return undefined
  return `Account ${id} was created without the flag history, so the ledger keeps no balance for each of its transfers. Its balance now: ${renderCommand(nextCommand('tb balance', {args: [name, String(id)]}), api.base)}`
}
