import type {Api, Reader} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import {isTransportError} from '@parix/kit/http'

interface Backup {
  id: string
}

/** Checks what came: a response of another shape never becomes a JavaScript error. */
const readBackup: Reader<Backup> = (body) => {
  const {id} = (body ?? {}) as {id?: unknown}
  if (typeof id === 'string') return {id}
  throw new ParixError('UNAVAILABLE', 'The service did not say which backup it started.')
}

/** Starts a backup. After a failure it is known whether the request may have reached the service. */
export async function startBackup(api: Api, databaseId: string): Promise<Backup> {
  try {
    return await api.post(`/databases/${encodeURIComponent(databaseId)}/backups`, {}, {read: readBackup})
  } catch (error) {
    if (!isTransportError(error) || error.sent === 'no') throw error
    throw new ParixError('OUTCOME_UNKNOWN', `${error.message} The backup may have been started.`, {cause: error})
  }
}
