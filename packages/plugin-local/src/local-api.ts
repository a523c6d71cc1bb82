/** What the service on this machine can do beyond the API of the hosted one: databases at once, histories and snapshots. */

import {type Api, createApi} from '@parix/kit/api'
import {parseBaseUrl} from '@parix/kit/origin'
import {encodeHistory, type HistoryRows, isLinked, timeOf} from './history.js'

/** The client of a local service, by its own key: whoever is signed in elsewhere does not matter. */
export function localApi({baseUrl, apiKey}: {baseUrl: string; apiKey: string}): Api {
  const base = parseBaseUrl(baseUrl)
  return createApi({
    base,
    credentials: {
      kind: 'apiKey',
      current: async () => ({kind: 'apiKey', key: apiKey, issuer: base.url}),
      afterRefusal: async () => undefined,
      session: async () => undefined,
    },
    userAgent: 'parix-local',
    say: () => undefined,
  })
}

/** A call of a route of the local service alone. @throws ParixError by the status */
export function callLocal<T>(api: Api, method: string, path: string, body?: object | Uint8Array): Promise<T> {
  const isBytes = body instanceof Uint8Array
  return api.json(
    {
      method,
      target: new URL(`/local${path}`, api.base.url),
      ...(body !== undefined && {
        headers: {'content-type': isBytes ? 'application/octet-stream' : 'application/json'},
        body: isBytes ? body : JSON.stringify(body),
      }),
    },
    (json) => json as T,
  )
}

/**
 * A database that is ready, with the history that `fill` sends. Where that fails, the database is removed.
 *
 * @returns its id
 * @throws ParixError CONFLICT where the name is taken; whatever `fill` throws
 */
export async function createDatabase(api: Api, name: string, fill?: (id: string) => Promise<void>): Promise<string> {
  const {database} = await callLocal<{database: {id: string}}>(api, 'POST', '/databases', {name})
  const {id} = database
  try {
    await fill?.(id)
    await callLocal(api, 'POST', `/databases/${id}/ready`)
    return id
  } catch (error) {
    await api.delete(`/databases/${id}`).catch(() => undefined)
    throw error
  }
}

export interface Snapshot {
  name: string
  databaseId: string
  /** As the database was called when it was saved. */
  database: string
  /** ISO 8601, UTC. */
  savedAt: string
  /** Of the copy. */
  bytes: number
}

export async function saveSnapshot(api: Api, name: string, databaseId: string, replace = false): Promise<Snapshot> {
  const {snapshot} = await callLocal<{snapshot: Snapshot}>(api, 'POST', '/snapshots', {name, databaseId, replace})
  return snapshot
}

export async function restoreSnapshot(api: Api, name: string): Promise<Snapshot> {
  const path = `/snapshots/${encodeURIComponent(name)}/restore`
  return (await callLocal<{snapshot: Snapshot}>(api, 'POST', path)).snapshot
}

/** Rows that a request takes: each is 128 bytes, a body at most 16 MiB. */
const PART_ROWS = 30_000

/** For `fill` of `createDatabase`: history, all of it later than what was sent before. @throws ParixError CONFLICT */
export async function sendHistory(api: Api, databaseId: string, history: HistoryRows): Promise<void> {
  const path = `/databases/${encodeURIComponent(databaseId)}/history`
  for (const part of parts(history)) await callLocal(api, 'POST', path, encodeHistory(part))
}

/** Chains are not cut, and no part begins before the one before it ends. */
function* parts({accounts, transfers}: HistoryRows): Generator<HistoryRows> {
  let account = 0
  let transfer = 0
  while (transfer < transfers.length || account < accounts.length) {
    let end = Math.min(transfer + PART_ROWS, transfers.length)
    while (end < transfers.length && isLinked(transfers[end - 1]!)) end++
    const before = end < transfers.length ? timeOf(transfers[end]!) : undefined
    const isNext = (index: number) =>
      index < accounts.length && (before === undefined || timeOf(accounts[index]!) < before)
    let last = account
    while (isNext(last) && last - account < PART_ROWS) last++
    // Accounts that are left over come first: transfers may need them.
    if (isNext(last)) end = transfer
    yield {accounts: accounts.slice(account, last), transfers: transfers.slice(transfer, end)}
    account = last
    transfer = end
  }
}
