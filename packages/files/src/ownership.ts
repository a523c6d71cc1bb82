import {type Stats, statSync} from 'node:fs'
import {userInfo} from 'node:os'
import {dirname} from 'node:path'
import {FileError} from './errors.js'

/**
 * Who else could have written a file: whoever can decides what parix believes. There is one rule. The owner is this user, and
 * neither the group nor others have write permission. Two exceptions, by name: root may own a directory or a file that is not
 * secret, and a project's settings may be writable by a group that shares the checkout.
 *
 * Windows has neither owner nor mode of this kind; there a profile directory is private.
 */
export interface Trust {
  /** Accept what root owns. */
  root?: boolean
  /** Accept group write permission. */
  group?: boolean
  /** It holds a secret: the fix takes read permission away, too. */
  secret?: boolean
}

type Owner = Pick<Stats, 'uid' | 'mode'>

/** Why `stats` is not trusted; undefined when it is. */
export function distrust({uid, mode}: Owner, trust: Trust = {}): 'not_owned' | 'writable_by_others' | undefined {
  const me = process.geteuid?.()
  if (me === undefined) return undefined
  if (uid !== me && !(trust.root === true && uid === 0)) return 'not_owned'
  return (mode & (trust.group === true ? 0o002 : 0o022)) === 0 ? undefined : 'writable_by_others'
}

/** @throws FileError not_owned, writable_by_others, with the command that fixes it */
export function assertTrusted(path: string, stats: Stats, trust: Trust = {}): void {
  const reason = distrust(stats, trust)
  if (reason === undefined) return
  const what = stats.isDirectory() ? 'directory' : 'file'
  if (reason === 'writable_by_others') {
    throw new FileError(reason, `Other users can write to the ${what} ${path}, so its contents can't be trusted.`, {
      path,
      fix: ['chmod', privateMode(stats, trust), path],
    })
  }
  throw new FileError(reason, `The ${what} ${path} belongs to user ${stats.uid}, but you are ${currentUser()}.`, {
    path,
    ...ownershipFix(path, stats),
  })
}

/** As `assertTrusted`, for a directory that may belong to root. @throws also Node's error when there is none */
export function assertTrustedDirectory(path: string, trust: Pick<Trust, 'secret'> = {}): void {
  assertTrusted(path, statSync(path), {...trust, root: true})
}

function privateMode(stats: Stats, {group, secret}: Trust): string {
  if (secret === true) return stats.isDirectory() ? '700' : '600'
  return group === true ? 'o-w' : 'go-w'
}

/** `alice (1000)`, or `user 12345` where the system knows no name. */
export function currentUser(): string {
  const uid = process.geteuid?.()
  const name = userName()
  return name === undefined ? `user ${uid}` : `${name} (${uid})`
}

/**
 * What root owns below a directory of this user was left by `sudo parix`: hand it back, with the directories that were made
 * with it. What another user owns is theirs.
 */
export function ownershipFix(path: string, stats: Owner): {fix: string[]} | {hint: string} {
  if (stats.uid !== 0) return {hint: 'Run parix as the user who owns it, or set HOME to a directory of your own.'}
  return {fix: ['sudo', 'chown', '-R', userName() ?? String(process.geteuid?.()), topOfRoots(path)]}
}

/** The highest ancestor of root's below a directory of ours; `path` itself where none of them is ours. */
function topOfRoots(path: string): string {
  let top = path
  for (let parent = dirname(path); parent !== dirname(parent); parent = dirname(parent)) {
    const owner = statSync(parent, {throwIfNoEntry: false})?.uid
    if (owner === process.geteuid?.()) return top
    if (owner !== 0) break
    top = parent
  }
  return path
}

function userName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}
