import {type Api, isUnreadable, readRemovedDatabase} from '@parix/kit/api'
import type {DatabaseInfoResponse, RemoveDatabaseResponse} from '@parix/kit/contract'
import {isParixError, ParixError} from '@parix/kit/errors'
import {isTransportError} from '@parix/kit/http'
import {nextCommand} from '@parix/kit/next-command'
import {type Confirmation, confirmByName, type Subject, type Terminal} from '@parix/kit/output'
import {cleanLine} from '@parix/kit/text'
import {databaseInfo} from './databases.js'

/** Everything that tells one database from another, for the person who says yes. */
export interface RemovalTarget {
  /** Where: the base URL. */
  environment: string
  /** Asked for only when there is a question to show it in. */
  organization: () => Promise<string | null>
  name: string
  id: string
  /** Whether it is a name for a cluster that outlives it, with all that is in it. */
  isName: boolean
}

/** @throws ParixError CANCELLED, BAD_INPUT (another name was confirmed), USAGE (nobody can be asked) */
export async function confirmRemoval(
  doomed: RemovalTarget,
  consent: Confirmation,
  terminal: Pick<Terminal, 'ask' | 'warn'>,
) {
  const {name, id} = doomed
  const subject: Subject = {
    name,
    // A name that begins with a dash may be confirmed by the id as well: not every shell and script passes it on.
    alike: name.startsWith('-') ? [id] : [],
    asked: async () => question(doomed, await doomed.organization()),
    prompt: 'Type its name to remove it for good:',
    undone: 'Nothing was removed',
    next: nextCommand('database remove', {args: [name], flags: {confirm: name}}),
  }
  await confirmByName(subject, consent, terminal)
}

function question({environment, name, id, isName}: RemovalTarget, organization: string | null): string {
  const rows: [string, string | null][] = [
    ['environment', environment],
    ['organization', organization],
    ['name', name],
    ['id', id],
  ]
  const shown = rows.filter((row): row is [string, string] => row[1] !== null && row[1] !== '')
  return [
    isName
      ? 'This name for a cluster will be gone. The cluster keeps its accounts and transfers.'
      : "This database and all that is in it will be gone. It can't be undone.",
    ...shown.map(([label, value]) => `  ${label.padEnd(12)}  ${cleanLine(value)}`),
  ].join('\n')
}

/**
 * Asks for the removal. If its response was lost, the database itself says whether it was asked for.
 *
 * @throws ParixError NOT_FOUND, CONFLICT, OUTCOME_UNKNOWN
 */
export async function removeDatabase(api: Api, id: string, again: string): Promise<RemoveDatabaseResponse> {
  try {
    return await api.delete(`/databases/${encodeURIComponent(id)}`, {read: readRemovedDatabase})
  } catch (error) {
    if (!isParixError(error)) throw error
    const failed = isTransportError(error) ? error.sent === 'maybe' : (error.details.status ?? 0) >= 500
    if (!failed && !isUnreadable(error)) throw error
    const found = await stateAfterLoss(api, id)
    if (found !== undefined) return found
    throw new ParixError('OUTCOME_UNKNOWN', `${error.message} Whether the removal was asked for is not known.`, {
      ...error.details,
      code: 'outcome_unknown',
      retryable: true,
      next: again,
      cause: error,
    })
  }
}

async function stateAfterLoss(api: Api, id: string): Promise<RemoveDatabaseResponse | undefined> {
  let info: DatabaseInfoResponse
  try {
    info = await databaseInfo(api, id)
  } catch (error) {
    if (!isParixError(error) || error.kind !== 'NOT_FOUND') return undefined
    return {
      ok: true,
      databaseId: id,
      status: 'removed',
      workflowId: null,
      message: 'The response was lost, but it is gone.',
    }
  }
  if (!info.decommissionState) return undefined
  const {status, workflowId} = info.decommissionState
  return {ok: true, databaseId: id, status, workflowId, message: 'The response was lost, but the removal is under way.'}
}
