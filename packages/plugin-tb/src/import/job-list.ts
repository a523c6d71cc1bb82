/** The imports of this user, as the state directory has them. */

import {readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {errnoOf, reasonOf} from '@parix/files/errors'
import {describeHolder, tryLock} from '@parix/files/lock'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {busy, type JobFile, readJob} from './job.js'
import {type Progress, readLog, readTextIfThere} from './job-log.js'

/** What can't be read is never taken for empty: it may hold an import that has not finished. */
function jobNames(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw new ParixError('FAILED', `The list of imports can't be read: ${reasonOf(error)}.`, {
      code: 'imports_unreadable',
      errors: [`directory: ${directory}`],
      cause: error,
    })
  }
}

/** Jobs of this user, newest first. Those that can't be read are named and left out. */
export function listJobs(
  directory: string,
  warn: (text: string) => void,
): {file: JobFile; progress: Progress; path: string}[] {
  return jobNames(directory)
    .flatMap((name) => {
      const path = join(directory, name)
      try {
        const file = readJob(path)
        return file === undefined
          ? []
          : [{file, path, progress: readLog(readTextIfThere(join(path, 'progress.log'))).progress}]
      } catch (error) {
        warn(`${path} is left out: ${error instanceof Error ? error.message : String(error)}`)
        return []
      }
    })
    .sort((a, b) => (a.file.createdAt < b.file.createdAt ? 1 : -1))
}

/** Removes what is known of an import; the ledger is not touched. @throws ParixError CONFLICT while a process is at it */
export function forgetJob(directory: string, id: string): void {
  const path = join(directory, id)
  const attempt = tryLock(join(path, 'lock'), {stale: 'process'})
  if ('heldBy' in attempt) throw busy(id, describeHolder(attempt.heldBy.holder))
  rmSync(path, {recursive: true, force: true})
}

/** An import, as `--json` shows it. */
export interface JobSummary {
  id: string
  kind: 'account' | 'transfer'
  /** Null for what came by stdin. */
  file: string | null
  baseUrl: string
  database: {id: string; name: string}
  createdAt: string
  finishedAt: string | null
  rows: number
  created: number
  existed: number
  refused: number
  /** `complete`, `interrupted` after some rows, or `unanswered` with a request under way. */
  state: 'complete' | 'interrupted' | 'unanswered'
}

export function summarizeJob({file, progress}: {file: JobFile; progress: Progress}): JobSummary {
  const {id, kind, baseUrl, database, createdAt} = file
  const {totals, finished, pending} = progress
  const state = finished !== undefined ? 'complete' : pending.size > 0 ? 'unanswered' : 'interrupted'
  const path = file.file?.startsWith('stdin:') ? null : file.file
  return {id, kind, file: path, baseUrl, database, createdAt, finishedAt: finished?.at ?? null, ...totals, state}
}

/** @throws ParixError NOT_FOUND when there is no import with this id, or a prefix of it that is the only one */
export function findJob(directory: string, id: string): {file: JobFile; progress: Progress; path: string} {
  const found = listJobs(directory, () => {}).filter(
    ({file}) => file.id === id || (id.length >= 4 && file.id.startsWith(id)),
  )
  if (found.length === 1) return found[0]!
  throw new ParixError('NOT_FOUND', `There is no import ${JSON.stringify(id.slice(0, 60))}.`, {
    next: nextCommand('tb import list'),
  })
}
