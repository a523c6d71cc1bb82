import {lstatSync, readdirSync, rmdirSync, statSync, unlinkSync} from 'node:fs'
import {join} from 'node:path'
import {otherFiles, type SessionFiles, writeTarget} from './files.js'
import {lostAnswerPath} from './lost-answer.js'
import {otherPath, type Place} from './place.js'
import {asideFiles, temporaryFiles} from './whole-write.js'

export interface Removal {
  /** Origins of removed sessions; damaged files have none. */
  origins: string[]
  /** Every file that was removed. */
  removed: string[]
  /** What could not be removed, and why. */
  kept: {path: string; reason: string}[]
}

export type WhichSessions = 'active' | 'all' | {origin: string}

/** For whoever holds the lock. Never throws: it removes what it may, and tells what it couldn't (threats 6.3, 6.5). */
export function removeSessions(files: SessionFiles, place: Place, which: WhichSessions): Removal {
  const removal: Removal = {origins: [], removed: [], kept: []}
  for (const path of pathsOf(files, place, which)) {
    const origin = originAt(files, path)
    const removed = removeWithTraces(path, removal)
    if (removed && origin !== undefined && !removal.origins.includes(origin)) removal.origins.push(origin)
  }
  removeFile(lostAnswerPath(place.folder), removal)
  if (which === 'all') removeLeftovers(place, removal)
  return removal
}

function pathsOf(files: SessionFiles, place: Place, which: WhichSessions): string[] {
  if (which === 'active') return [place.active]
  if (which === 'all') return [place.active, ...otherFiles(place)]
  const other = otherPath(place, which.origin)
  return originAt(files, place.active) === which.origin ? [place.active, other] : [other]
}

function originAt(files: SessionFiles, path: string): string | undefined {
  try {
    return files.at(path)?.origin
  } catch {
    return undefined
  }
}

/** The file, the one behind it if it is a link to ours, and what writers and logins left beside it. */
function removeWithTraces(path: string, removal: Removal): boolean {
  const target = targetOf(path)
  const traces = [...temporaryFiles(path), ...asideFiles(path)]
  if (target !== path) traces.push(...temporaryFiles(target), ...(isOurs(target) ? [target] : []))
  for (const trace of traces) removeFile(trace, removal)
  return removeFile(path, removal)
}

function targetOf(path: string): string {
  try {
    return writeTarget(path)
  } catch {
    return path
  }
}

function isOurs(path: string): boolean {
  const stats = statSync(path, {throwIfNoEntry: false})
  return stats?.isFile() === true && (process.geteuid === undefined || stats.uid === process.geteuid())
}

function removeFile(path: string, removal: Removal): boolean {
  try {
    if (lstatSync(path, {throwIfNoEntry: false}) === undefined) return false
    unlinkSync(path)
    removal.removed.push(path)
    return true
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    const reason = code === 'EISDIR' || code === 'EPERM' ? `it can't be removed, or is a folder (${code})` : `${code}`
    removal.kept.push({path, reason})
    return false
  }
}

/** Nothing is left when everybody has been signed out: no files of crashed writers and lock holders either. */
function removeLeftovers(place: Place, removal: Removal): void {
  for (const path of [...entries(place.others), ...entries(place.folder)]) {
    const isLeftover = /\.([0-9a-f]{12}\.tmp|aside-[0-9]+)$|session\.lock\.[0-9a-z-]+$/.test(path)
    if (isLeftover) removeFile(path, removal)
  }
  try {
    rmdirSync(place.others)
  } catch {
    // Not there, or with something in it that isn't ours.
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name))
  } catch {
    return []
  }
}
