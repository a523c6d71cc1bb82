import {rmSync, statSync} from 'node:fs'
import {type SessionFiles, type StoredSession, writeTarget} from './files.js'
import {finishReplacing, temporaryFiles} from './whole-write.js'

/**
 * A writer that was killed between writing its temporary file and the rename has left the only living refresh token in it.
 * Whoever holds the lock finishes its work: the newest whole file, if it is newer than the session and of the same origin.
 * The rest is removed (threats 4.13).
 */
export function adoptOrphan(stored: StoredSession, files: SessionFiles): StoredSession {
  const target = writeTarget(stored.path)
  const orphans = temporaryFiles(target)
  if (orphans.length === 0) return stored
  const newest = orphans
    .map((path) => ({path, session: whole(path, stored.origin, files), modifiedMs: modifiedMs(path)}))
    .filter(({session, modifiedMs: since}) => session !== undefined && since >= modifiedMs(target))
    .sort((a, b) => b.modifiedMs - a.modifiedMs)[0]
  if (newest !== undefined) finishReplacing(newest.path, target)
  for (const path of orphans) rmSync(path, {force: true})
  return newest === undefined ? stored : (files.at(stored.path) ?? stored)
}

function whole(path: string, origin: string, files: SessionFiles): StoredSession | undefined {
  try {
    const stored = files.at(path)
    return stored?.origin === origin && stored.session.accessToken !== '' ? stored : undefined
  } catch {
    return undefined
  }
}

function modifiedMs(path: string): number {
  return statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? 0
}
