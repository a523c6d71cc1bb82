import {createHash} from 'node:crypto'
import {lstatSync} from 'node:fs'
import {hostname, tmpdir, userInfo} from 'node:os'
import {isAbsolute, join} from 'node:path'
import {ParixError} from '../errors.js'

/** Where sessions are kept. */
export interface Place {
  folder: string
  /** `session.json`: the active session. */
  active: string
  /** The sessions of other environments, one file an origin. */
  others: string
  lock: string
  /** Where the lock is when `folder` can't be written to. */
  fallbackLock: string
}

/**
 * `$XDG_CONFIG_HOME/parix` if that is an absolute path, else `~/.config/parix` (XDG base directory specification). Where
 * only `~/.config/parix/session.json` exists, that folder is used: older versions know no other, and one refresh token must
 * not live in two files.
 *
 * @throws ParixError FAILED when there is no home
 */
export function sessionPlace(environment: NodeJS.ProcessEnv): Place {
  const xdg = environment.XDG_CONFIG_HOME
  if (xdg === undefined || !isAbsolute(xdg)) return place(homeFolder(environment))
  const folder = join(xdg, 'parix')
  if (exists(join(folder, 'session.json')) || exists(join(folder, 'sessions'))) return place(folder)
  const home = homeFolder(environment, true)
  return place(home !== undefined && exists(join(home, 'session.json')) ? home : folder)
}

/** The file of an origin among `others`: readable, and different origins never share one. */
export function otherPath(place: Place, origin: string): string {
  const [scheme = '', host = ''] = origin.split('://')
  const readable = host.replace(/[^a-z0-9.:-]/g, (character) => `%${character.codePointAt(0)?.toString(16)}`)
  return join(place.others, `${scheme}_${readable.replaceAll(':', '_')}.json`)
}

function place(folder: string): Place {
  return {
    folder,
    active: join(folder, 'session.json'),
    others: join(folder, 'sessions'),
    lock: join(folder, 'session.lock'),
    // Made when it is asked for: hashing is slow to load, and the lock is seldom elsewhere.
    get fallbackLock() {
      const name = createHash('sha256').update(folder).digest('hex').slice(0, 16)
      return join(tmpdir(), `parix-${process.geteuid?.() ?? hostname()}`, `${name}.lock`)
    },
  }
}

function homeFolder(environment: NodeJS.ProcessEnv): string
function homeFolder(environment: NodeJS.ProcessEnv, optional: true): string | undefined
function homeFolder(environment: NodeJS.ProcessEnv, optional = false): string | undefined {
  const home = environment.HOME !== undefined && isAbsolute(environment.HOME) ? environment.HOME : systemHome()
  if (home !== undefined) return join(home, '.config', 'parix')
  if (optional) return undefined
  throw new ParixError('FAILED', 'There is no home folder to keep a session in.', {
    code: 'no_home',
    next: 'Set HOME or XDG_CONFIG_HOME to an absolute path, or use PARIX_API_KEY.',
  })
}

/** HOME unset, empty or relative: what the system's user database says. */
function systemHome(): string | undefined {
  try {
    const {homedir} = userInfo()
    return isAbsolute(homedir) ? homedir : undefined
  } catch {
    return undefined
  }
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, {throwIfNoEntry: false}) !== undefined
  } catch {
    return false
  }
}
