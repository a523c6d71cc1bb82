import {setTimeout as sleep} from 'node:timers/promises'
import {type Api, readDatabaseInfo} from '@parix/kit/api'
import type {DatabaseInfoResponse} from '@parix/kit/contract'
import {formatDuration} from '@parix/kit/duration'
import {isParixError, ParixError} from '@parix/kit/errors'
import {nextCommand, plainCommand} from '@parix/kit/next-command'
import {stateOf} from './databases.js'

/** The database that is waited for. */
export interface PendingDatabase {
  id: string
  name: string
}

export interface WaitWorld {
  timeoutMs: number
  /** What is the case, each time the service was asked: `books is PROVISIONING`. */
  progress: (text: string) => void
  now?: () => number
  sleepMs?: (milliseconds: number) => Promise<unknown>
}

/** Hosted, provisioning takes minutes. */
export const READY_TIMEOUT = '30m'
export const REMOVED_TIMEOUT = '15m'

/**
 * Asks until the database takes operations.
 *
 * @throws ParixError FAILED (provisioning failed, or it is being removed), NOT_READY when `timeoutMs` is over, NOT_FOUND
 */
export function waitUntilReady(api: Api, database: PendingDatabase, world: WaitWorld): Promise<DatabaseInfoResponse> {
  return poll(api, database, world, (info) => {
    if (info === undefined) throw gone(database)
    const state = stateOf(info)
    if (state.kind === 'failed') throw provisioningFailed(database, state.status, state.reason)
    if (state.kind === 'being removed') throw beingRemoved(database, state.status)
    return state.kind === 'ready' ? {done: info} : {status: state.status}
  })
}

/**
 * Asks until the service no longer knows the database.
 *
 * @throws ParixError NOT_READY when `timeoutMs` is over
 */
export async function waitUntilRemoved(api: Api, database: PendingDatabase, world: WaitWorld): Promise<void> {
  await poll(api, database, world, (info) => {
    if (info === undefined) return {done: undefined}
    return {status: info.decommissionState?.status ?? info.profile?.status ?? 'being removed'}
  })
}

type Verdict<T> = {done: T} | {status: string}

const FIRST_PAUSE_MS = 250
const PAUSE_MS_MAX = 5000

async function poll<T>(
  api: Api,
  database: PendingDatabase,
  {timeoutMs, progress, now = Date.now, sleepMs = sleep}: WaitWorld,
  judge: (info: DatabaseInfoResponse | undefined) => Verdict<T>,
): Promise<T> {
  const startedAt = now()
  let status = 'unknown'
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, PAUSE_MS_MAX)) {
    const response = await ask(api, database.id)
    if ('fault' in response) {
      if (now() - startedAt >= timeoutMs) throw response.fault
      progress(`${database.name} was ${status}; the service can't be reached`)
    } else {
      const verdict = judge(response.info)
      if ('done' in verdict) return verdict.done
      status = verdict.status
      progress(`${database.name} is ${status}`)
    }
    const left = timeoutMs - (now() - startedAt)
    if (left <= 0) throw notInTime(database, status, timeoutMs)
    const askedMs = 'fault' in response ? (response.fault.details.retryAfterSeconds ?? 0) * 1000 : 0
    await sleepMs(Math.min(Math.max(pause, askedMs), left))
  }
}

/** A fault of the network in half an hour of waiting is nothing to give up for: the next look is the retry. */
async function ask(api: Api, id: string): Promise<{info: DatabaseInfoResponse | undefined} | {fault: ParixError}> {
  try {
    return {info: await look(api, id)}
  } catch (error) {
    if (!isParixError(error)) throw error
    if (error.kind === 'NOT_FOUND') return {info: undefined}
    if (error.kind === 'UNAVAILABLE') return {fault: error}
    throw error
  }
}

function look(api: Api, id: string): Promise<DatabaseInfoResponse> {
  return api.json({method: 'GET', target: `/databases/${encodeURIComponent(id)}`, retries: 'none'}, readDatabaseInfo)
}

function notInTime({name}: PendingDatabase, status: string, timeoutMs: number): ParixError {
  return new ParixError('NOT_READY', `${name} is still ${status} after ${formatDuration(timeoutMs)}.`, {
    code: 'not_ready_in_time',
    retryable: true,
    next: nextCommand('database wait', {args: [name]}),
  })
}

function provisioningFailed({name, id}: PendingDatabase, status: string, reason: string | null): ParixError {
  const why = reason === null || reason === '' ? '.' : `: ${reason}`
  return new ParixError('FAILED', `Provisioning ${name} ended as ${status}${why}`, {
    code: 'provisioning_failed',
    next: [nextCommand('database info', {args: [id]}), nextCommand('database remove', {args: [name]})],
  })
}

function beingRemoved({name, id}: PendingDatabase, status: string): ParixError {
  return new ParixError('FAILED', `${name} is being removed (${status}), so it won't become ready.`, {
    code: 'being_removed',
    next: nextCommand('database info', {args: [id]}),
  })
}

function gone({name, id}: PendingDatabase): ParixError {
  return new ParixError('NOT_FOUND', `${name} (${id}) is no longer there.`, {
    code: 'database_not_found',
    next: plainCommand('database list'),
  })
}
