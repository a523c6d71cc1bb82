import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import {hasFlag} from '../records/flags.js'
import {CALLED} from '../records/kinds.js'
import {wireIds} from '../records/wire.js'
import {readRows} from './query.js'
import {numberIn, type ReadResult, type Row} from './rows.js'

/**
 * Looks up ids, as many as you like: what one request doesn't take goes out in several.
 *
 * @throws ParixError NOT_FOUND when the ledger knows none of them
 */
export async function lookUpIds(
  api: Api,
  database: ResolvedDatabase,
  kind: 'account' | 'transfer',
  ids: readonly bigint[],
): Promise<ReadResult> {
  const operation = kind === 'account' ? 'lookup_accounts' : 'lookup_transfers'
  const first = await readRows(api, database.id, operation, wireIds(ids.slice(0, BATCH_EVENTS_MAX)))
  const rows = [...first.responsePayload]
  for (let from = BATCH_EVENTS_MAX; from < ids.length; from += BATCH_EVENTS_MAX) {
    const next = await readRows(api, database.id, operation, wireIds(ids.slice(from, from + BATCH_EVENTS_MAX)))
    for (const row of next.responsePayload) rows.push(row)
  }
  const found = new Set(rows.map((row) => String(row.id)))
  const missing = ids.map(String).filter((id) => !found.has(id))
  if (rows.length === 0) throw notFound(kind, missing, first.databaseName ?? database.name)
  return {...first, responsePayload: rows, ...(missing.length > 0 && {missing})}
}

const STATES_MAX = 10

/** Adds to each pending transfer among the rows what became of it; one request each, so to the first ten only. */
export async function addPendingStates(api: Api, databaseId: string, response: ReadResult): Promise<void> {
  const pending = response.responsePayload.filter((row) => hasFlag('transfer', numberIn(row, 'flags'), 'pending'))
  if (pending.length === 0) return
  const {pendingState} = await import('./pending-state.js')
  for (const row of pending.slice(0, STATES_MAX))
    Object.assign(row, await pendingState(api, databaseId, row, Date.now()))
}

/** @throws ParixError NOT_FOUND when the ledger has no such account */
export async function lookUpAccount(api: Api, databaseId: string, databaseName: string, id: bigint): Promise<Row> {
  const {responsePayload} = await readRows(api, databaseId, 'lookup_accounts', wireIds([id]))
  const account = responsePayload[0]
  if (account === undefined) throw notFound('account', [String(id)], databaseName)
  return account
}

function notFound(kind: 'account' | 'transfer', missing: readonly string[], name: string): ParixError {
  const {one, many} = CALLED[kind]
  const shown =
    missing.length > 5 ? `${missing.slice(0, 5).join(', ')} and ${missing.length - 5} more` : missing.join(', ')
  const message =
    missing.length === 1 ? `There is no ${one} ${shown} in ${name}.` : `There are no ${many} ${shown} in ${name}.`
  return new ParixError('NOT_FOUND', message, {
    code: `${kind}_not_found`,
    ids: [...missing],
    // A refusal leaves nothing to look up: where one is retried, its id is answered id_already_failed.
    ...(kind === 'transfer' && {
      errors: [
        `A refused transfer leaves nothing in the ledger. A call without an outcome is in the outbox: ${renderCommand(nextCommand('tb outbox list'))}`,
      ],
    }),
    next: nextCommand(`tb query-${many}`, {args: [name]}),
  })
}
