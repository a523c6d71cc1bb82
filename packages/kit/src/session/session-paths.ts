import {createHash} from 'node:crypto'
import {hostname, tmpdir} from 'node:os'
import {join} from 'node:path'
import {sessionDirectory} from '@parix/files/paths'
import {fromFileError, isFileError} from '../file-error.js'

/** Where sessions are kept. */
export interface SessionPaths {
  directory: string
  /** `session.json`: the session in use. */
  active: string
  /** `sessions/`: the sessions of other services, one file per origin. */
  others: string
  lock: string
  /** Where the lock is when `directory` can't be written to. */
  fallbackLock: string
  /** Fingerprint of a refresh token whose response never came. */
  pendingRefresh: string
}

/** @throws ParixError FAILED when there is no home, BAD_INPUT for a relative PARIX_CONFIG_DIR */
export function sessionPaths(environment: NodeJS.ProcessEnv): SessionPaths {
  try {
    return pathsIn(sessionDirectory(environment))
  } catch (error) {
    throw isFileError(error) ? fromFileError(error) : error
  }
}

/** The file of an origin in `sessions/`: readable, and different origins never share one. */
export function otherPath(paths: SessionPaths, origin: string): string {
  const [scheme = '', host = ''] = origin.split('://')
  const readable = host.replace(/[^a-z0-9.:-]/g, (character) => `%${character.codePointAt(0)?.toString(16)}`)
  return join(paths.others, `${scheme}_${readable.replaceAll(':', '_')}.json`)
}

function pathsIn(directory: string): SessionPaths {
  return {
    directory,
    active: join(directory, 'session.json'),
    others: join(directory, 'sessions'),
    lock: join(directory, 'session.lock'),
    pendingRefresh: join(directory, 'session.lost-answer'),
    // Computed when it is asked for: hashing is slow to load, and the lock is rarely elsewhere.
    get fallbackLock() {
      const name = createHash('sha256').update(directory).digest('hex').slice(0, 16)
      return join(tmpdir(), `parix-${process.geteuid?.() ?? hostname()}`, `${name}.lock`)
    },
  }
}
