import {chmodSync, lstatSync, readdirSync, renameSync, rmSync, statSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {renameDurably} from './atomic-write.js'

const TEMPORARY = /\.[0-9a-f]{12}\.tmp$/
const ASIDE = /\.aside-[0-9]+$/

/** Temporary files that writers of `target` left; while the lock is held, nobody else is writing. */
export function temporaryFiles(target: string): string[] {
  return besides(target, TEMPORARY)
}

/** Files that `moveAside` made. */
export function asideFiles(path: string): string[] {
  return besides(path, ASIDE)
}

/**
 * Finishes the work of a writer that was killed between writing its temporary file and the rename: the newest one that
 * `isWhole` accepts is put into place if it is not older than `target`, and the others are removed. For the holder of the
 * lock (threats 4.13).
 *
 * @returns whether `target` was replaced
 */
export function recoverTempFiles(target: string, isWhole: (path: string) => boolean): boolean {
  const found = temporaryFiles(target)
  const newest = found
    .map((path) => ({path, modifiedMs: modifiedMs(path)}))
    .filter(({path, modifiedMs: since}) => since >= modifiedMs(target) && isWhole(path))
    .sort((a, b) => b.modifiedMs - a.modifiedMs)[0]
  if (newest !== undefined) renameDurably(newest.path, target)
  for (const path of found) rmSync(path, {force: true})
  return newest !== undefined
}

/** Keeps a damaged file under another name, 0600: it may hold the only copy of something. @returns its new path */
export function moveAside(path: string): string {
  let stamp = Date.now()
  while (lstatSync(`${path}.aside-${stamp}`, {throwIfNoEntry: false}) !== undefined) stamp++
  const aside = `${path}.aside-${stamp}`
  renameSync(path, aside)
  if (lstatSync(aside).isFile()) chmodSync(aside, 0o600)
  return aside
}

function besides(path: string, ending: RegExp): string[] {
  const name = basename(path)
  try {
    return readdirSync(dirname(path))
      .filter((one) => ending.test(one) && one.replace(ending, '') === name)
      .map((one) => join(dirname(path), one))
  } catch {
    return []
  }
}

function modifiedMs(path: string): number {
  return statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? 0
}
