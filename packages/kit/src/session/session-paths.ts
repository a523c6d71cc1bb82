import {createHash} from 'node:crypto'
import {hostname, tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {sessionDirectory} from '@parix/files/paths'
import {fromFileError, isFileError} from '../file-error.js'
import {originKey} from '../origin.js'
import {organizationKey, type SessionIdentity} from './session-identity.js'

/** Where sessions are kept. */
export interface SessionPaths {
  directory: string
  /** `session.json`: the session in use. */
  active: string
  /** `sessions/`: for each other service the session in use there, and further sessions of any service. */
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

/** The file in `sessions/` of the session in use at an origin: readable, and different origins never share one. */
export function otherPath(paths: SessionPaths, origin: string): string {
  return join(paths.others, `${nameOf(origin)}.json`)
}

/** The file in `sessions/` of a session that is not the one in use at its service. */
export function keptPath(paths: SessionPaths, {baseUrl, user, createdAt, organization}: SessionIdentity): string {
  // By the moment of the sign-in: the same session has the same file, whatever the service says of it later.
  const text = JSON.stringify([user.id, createdAt || organizationKey(organization) || ''])
  const id = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return join(paths.others, `${nameOf(originKey(new URL(baseUrl)))}@${id}.json`)
}

/** Whether a file in `sessions/` is of a session of this origin that is not the one in use there. */
export function isKeptOf(origin: string, path: string): boolean {
  return basename(path).startsWith(`${nameOf(origin)}@`) && path.endsWith('.json')
}

function nameOf(origin: string): string {
  const [scheme = '', host = ''] = origin.split('://')
  const readable = host.replace(/[^a-z0-9.:-]/g, (character) => `%${character.codePointAt(0)?.toString(16)}`)
  return `${scheme}_${readable.replaceAll(':', '_')}`
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
