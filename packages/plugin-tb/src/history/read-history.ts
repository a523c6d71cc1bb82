import {lstatSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {errnoOf, reasonOf} from '@parix/files/errors'
import type {Environment} from '@parix/files/paths'
import {readPrivateText} from '@parix/files/read-private-file'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {parseTimestamp} from '@parix/kit/timestamps'
import {type HistoryEvent, type HistoryLine, type HistoryOutcome, historyDirectory} from './record.js'

/** A call with all that became of it: where it was resumed, the last line is how it ended. */
export interface HistoryEntry extends Omit<HistoryLine, 'version'> {
  /** When it was given first; `at` is the last time. */
  begun: string
}

export interface HistoryFilter {
  /** Name or id. */
  database?: string | undefined
  /** Of the call or of an event. */
  id?: string | undefined
  /** ISO 8601, UTC: calls that ended at this time or later. */
  since?: string | undefined
  refused?: boolean
  limit: number
}

const FILE = /^\d{4}-\d\d-\d\d\.ndjson$/
const FILE_BYTES_MAX = 256 * 1024 * 1024

/** Days that have a file, newest first. @throws ParixError FAILED where the directory can't be read */
function days(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => FILE.test(name))
      .sort()
      .reverse()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw new ParixError('FAILED', `The history can't be read: ${reasonOf(error)}.`, {
      code: 'history_unreadable',
      errors: [`directory: ${directory}`],
      cause: error,
    })
  }
}

/** The calls that fit, newest first. Lines that a crash cut off or that are damaged are passed over. @throws FileError, ParixError FAILED */
export function readHistory(environment: Environment, filter: HistoryFilter): HistoryEntry[] {
  const directory = historyDirectory(environment)
  const found = new Map<string, HistoryEntry>()
  const seen = new Set<string>()
  for (const name of days(directory)) {
    if (filter.since !== undefined && name.slice(0, 10) < filter.since.slice(0, 10)) break
    for (const line of linesOf(join(directory, name)).reverse()) {
      const known = found.get(line.id)
      // Of a call that was resumed the last line says how it ended: one that is in the ledger by now was not refused.
      const isOver = filter.refused === true && seen.has(line.id)
      seen.add(line.id)
      if (known !== undefined) known.begun = line.at
      else if (!isOver && fits(line, filter)) found.set(line.id, entryOf(line))
    }
    if (found.size >= filter.limit) break
  }
  return [...found.values()].slice(0, filter.limit)
}

function entryOf({version: _, ...line}: HistoryLine): HistoryEntry {
  return {...line, begun: line.at}
}

/** A time as people write it, as ISO 8601 in UTC. @throws ParixError BAD_INPUT */
export function isoTime(field: string, text: string, note: (sentence: string) => void): string {
  const nanoseconds = parseTimestamp(field, text, {role: 'start', note})
  return new Date(Number(nanoseconds / 1_000_000n)).toISOString()
}

/** @throws ParixError FAILED where a newer version has written to the file: what it says may not be taken for nothing */
function linesOf(path: string): HistoryLine[] {
  const text = readPrivateText(path, {bytesMax: FILE_BYTES_MAX}) ?? ''
  return text.split('\n').flatMap((line) => {
    const value = parsed(line)
    if (typeof value?.version === 'number' && value.version > 1) throw newer(path)
    return isLine(value) ? [value] : []
  })
}

function parsed(line: string): Partial<HistoryLine> | undefined {
  try {
    return (JSON.parse(line) as Partial<HistoryLine> | null) ?? undefined
  } catch {
    return undefined
  }
}

const OUTCOMES: readonly unknown[] = ['created', 'refused', 'unknown', 'not_sent'] satisfies HistoryOutcome[]

function isLine(value: Partial<HistoryLine> | undefined): value is HistoryLine {
  return (
    value?.version === 1 &&
    [value.id, value.at, value.command, value.baseUrl, value.operation].every(isText) &&
    (value.organization === undefined || isText(value.organization)) &&
    isText(value.database?.id) &&
    isText(value.database?.name) &&
    OUTCOMES.includes(value.outcome) &&
    Number.isSafeInteger(value.count) &&
    Array.isArray(value.events) &&
    value.events.every((event) => isText(event?.id) && isText(event.result) && isObject(event.sent)) &&
    (value.error === undefined ||
      (isText(value.error?.code) && isText(value.error.message) && Array.isArray(value.error.details)))
  )
}

const isText = (value: unknown) => typeof value === 'string'
const isObject = (value: unknown) => typeof value === 'object' && value !== null

function newer(path: string): ParixError {
  return new ParixError('FAILED', `${path} was written by a newer version of parix.`, {
    code: 'history_newer',
    hint: 'Read it with that version. It is left as it is.',
  })
}

function fits(line: HistoryLine, {database, id, since, refused}: HistoryFilter): boolean {
  if (database !== undefined && line.database.id !== database && line.database.name !== database) return false
  if (since !== undefined && line.at < since) return false
  if (refused === true && line.outcome !== 'refused') return false
  return id === undefined || line.id === id || line.events.some((event: HistoryEvent) => event.id === id)
}

/** @throws ParixError NOT_FOUND */
export function findInHistory(environment: Environment, id: string): HistoryEntry[] {
  const found = readHistory(environment, {id, limit: Number.POSITIVE_INFINITY})
  if (found.length > 0) return found
  throw new ParixError('NOT_FOUND', `There is no ${JSON.stringify(id.slice(0, 60))} in the history of this machine.`, {
    code: 'history_not_found',
    hint: 'It may have been written by another machine or user, before the history began, or be pruned.',
    next: nextCommand('history'),
  })
}

/** Removes days, whole ones, that ended before `until` (ISO 8601); all of them where it is undefined. @returns their names */
export function pruneHistory(environment: Environment, until: string | undefined): string[] {
  const directory = historyDirectory(environment)
  const old = days(directory).filter((name) => until === undefined || name.slice(0, 10) < until.slice(0, 10))
  for (const name of old) {
    const path = join(directory, name)
    if (lstatSync(path, {throwIfNoEntry: false})?.isDirectory())
      throw new ParixError('FAILED', `${path} is a directory, not a file of the history.`, {
        code: 'history_unreadable',
        hint: `Move it away: ${path}`,
      })
    rmSync(path, {force: true})
  }
  return old.map((name) => name.slice(0, 10))
}
