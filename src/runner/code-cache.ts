import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import {dirname, join} from 'node:path'

/**
 * Compiled code, kept between runs. It is executed, so it is believed only when this user alone could have written it: a
 * regular file of theirs that nobody else may write, in a folder of theirs that nobody else may write. Whatever fails here,
 * the CLI runs as it would without: nothing is reported, nothing is retried.
 */
export interface CacheKey {
  /** Made anew by each build. */
  hash: string
  /** V8's version and flags, as V8 itself checks them. */
  v8: number
  /** Which part of the CLI was run: each has a file with just the functions it needs. */
  part: string
}

const OTHERS_MAY_WRITE = 0o022

export function cachePath(folder: string, {hash, v8, part}: CacheKey): string {
  return join(folder, 'code', `${hash}-${process.arch}-${v8.toString(16)}`, `${part}.bin`)
}

/** The cached bytes, or undefined where there are none to be trusted. */
export function readCodeCache(path: string): Buffer | undefined {
  let file: number | undefined
  try {
    if (!isOurs(statSync(dirname(path)))) return undefined
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
    const found = fstatSync(file)
    return found.isFile() && isOurs(found) ? readFileSync(file) : undefined
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/**
 * Writes what `make` makes, whole or not at all, and removes what earlier builds left. `make` isn't called where nothing
 * can be written.
 */
export function writeCodeCache(path: string, make: () => Buffer): void {
  const temporary = `${path}.${process.pid}`
  let file: number | undefined
  try {
    mkdirSync(dirname(path), {recursive: true, mode: 0o700})
    if (!isOurs(statSync(dirname(path)))) return
    file = openSync(temporary, 'wx', 0o600)
    writeSync(file, make())
    closeSync(file)
    file = undefined
    renameSync(temporary, path)
    removeOlder(dirname(path))
  } catch {
    if (file !== undefined) closeSync(file)
    rmSync(temporary, {force: true})
  }
}

function isOurs({uid, mode}: {uid: number; mode: number}): boolean {
  // Windows has neither; there the folder is inside the user's profile.
  return process.getuid === undefined || (uid === process.getuid() && (mode & OTHERS_MAY_WRITE) === 0)
}

/** Of other builds only: another Node's cache of this one stays. */
function removeOlder(current: string): void {
  const hash = current.slice(dirname(current).length + 1).split('-', 1)[0]!
  for (const name of readdirSync(dirname(current))) {
    if (!name.startsWith(hash)) rmSync(join(dirname(current), name), {recursive: true, force: true})
  }
}
