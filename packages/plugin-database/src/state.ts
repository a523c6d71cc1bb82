import type {DatabaseInfoResponse} from '@parix/kit/contract'

export type DatabaseState =
  | {kind: 'ready'}
  /** `status` in the service's words. */
  | {kind: 'on its way'; status: string}
  | {kind: 'failed'; status: string; reason: string | null}
  | {kind: 'being removed'; status: string}

/** What the response says of a database. Statuses that we don't know count as 'on its way': only the service knows them all. */
export function stateOf({profile, latestProvisionJob: job, decommissionState}: DatabaseInfoResponse): DatabaseState {
  if (decommissionState && !isFailure(decommissionState.status)) {
    return {kind: 'being removed', status: decommissionState.status}
  }
  const status = String(profile?.status ?? job?.status ?? 'unknown')
  if (status.toUpperCase() === 'READY') return {kind: 'ready'}
  if (isFailure(status)) return {kind: 'failed', status, reason: job?.error ?? null}
  if (job && isFailure(job.status)) return {kind: 'failed', status: job.status, reason: job.error}
  return {kind: 'on its way', status}
}

function isFailure(status: string): boolean {
  return /FAIL|ERROR|CANCEL|TERMINATED|TIMED?_?OUT/i.test(status)
}
