/**
 * Ids of rows that are sent once more after they were refused. Some refusals use an id up for good, so such a row gets another
 * id, from the same columns and the number of the attempt: `--retry-refused N`. Rows that were not refused keep theirs.
 */

import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {hashId} from '@parix/books/chart'
import {replaceFile} from '@parix/files/atomic-write'
import {ParixError} from '@parix/kit/errors'
import {type CreateKind, idFate} from '@parix/ledger/schema'
import type {Job} from './job.js'
import {readTextIfThere} from './job-log.js'
import {importId, type MakeId} from './mapping.js'

/** By attempt, from 1: the ids that the attempt before used up. */
export type Retries = readonly ReadonlySet<string>[]

/** The same row has the same id in every attempt unless the one before used it up. */
export function idMaker(namespace: string, retries: Retries): MakeId {
  return (values) => {
    let id = importId(namespace, values)
    for (const [index, burnt] of retries.entries()) {
      if (burnt.has(id)) id = hashId('parix-import-retry/1', String(index + 1), namespace, ...values).toString()
    }
    return id
  }
}

/** @param path directory of the job */
export function readRetries(path: string): Retries {
  const text = readTextIfThere(join(path, RETRIES_FILE))
  return text === undefined ? [] : (JSON.parse(text) as string[][]).map((ids) => new Set(ids))
}

const RETRIES_FILE = 'retries.json'

/**
 * Begins an attempt: the whole file is sent again, refused rows with other ids. Where it was begun before, it goes on.
 *
 * @throws ParixError USAGE for a number other than the next, BAD_INPUT where no id was used up
 */
export function beginAttempt(job: Job, kind: CreateKind, refusedPath: string, attempt: number): void {
  const before = job.progress.attempt
  if (attempt === before) return
  if (attempt !== before + 1) {
    throw new ParixError('USAGE', `--retry-refused must be ${before + 1}: this import has had ${before} of them.`, {
      code: 'bad_attempt',
    })
  }
  const burnt = burntIds(kind, refusedPath)
  if (burnt.length === 0) {
    throw new ParixError(
      'BAD_INPUT',
      `No refused row needs another id: ${refusedPath} has none whose id is used up. Nothing was sent.`,
      {
        code: 'nothing_to_retry',
        hint: 'Correct the file and give the same command with --restart in place of --retry-refused.',
      },
    )
  }
  const all = [...readRetries(job.path).slice(0, before), burnt].map((ids) => [...ids])
  replaceFile(join(job.path, RETRIES_FILE), JSON.stringify(all))
  job.restart(attempt)
}

function burntIds(kind: CreateKind, refusedPath: string): string[] {
  let text: string
  try {
    text = readFileSync(refusedPath, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap((line) => {
    if (line === '') return []
    const {result, row} = JSON.parse(line) as {result: string; row: {id: string}}
    return idFate(kind, result) === 'burnt' ? [row.id] : []
  })
}
