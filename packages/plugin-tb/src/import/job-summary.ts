import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import type {JobFile} from './job.js'
import {listJobs} from './job-list.js'
import type {Progress} from './job-log.js'

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
