import {mkdirSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {cleanLine} from '@parix/kit/text'

/**
 * Names of databases for completion. A key press must not wait for a network, so it takes what the last look at the service
 * found, and a look in the background keeps that fresh. Names of one organization are never offered to another.
 */
export interface NameCache {
  /** Whose names they are, as `identity` tells. */
  identity: string
  names: string[]
}

const FRESH_MS = 30_000
/** A look that is under way, or just failed, is not started again by every key press. */
const PAUSE_MS = 10_000

export function cacheFile(cacheFolder: string): string {
  return join(cacheFolder, 'database-names.json')
}

export function readNames(cacheFolder: string, identity: string): {names: string[]; fresh: boolean} {
  try {
    const path = cacheFile(cacheFolder)
    const cache = JSON.parse(readFileSync(path, 'utf8')) as NameCache
    if (cache.identity !== identity || !Array.isArray(cache.names)) return {names: [], fresh: false}
    return {names: cache.names.map(String).filter(isOffered), fresh: Date.now() - statSync(path).mtimeMs < FRESH_MS}
  } catch {
    return {names: [], fresh: false}
  }
}

/**
 * A name is somebody else's text. One that begins with a dash would be taken for a flag when it stands on the line, and
 * one with a control character would be two answers to the shell, or move its cursor (threats 7.9).
 */
function isOffered(name: string): boolean {
  return name !== '' && !name.startsWith('-') && cleanLine(name) === name
}

export function writeNames(cacheFolder: string, cache: NameCache): void {
  mkdirSync(cacheFolder, {recursive: true, mode: 0o700})
  const path = cacheFile(cacheFolder)
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(cache), {mode: 0o600})
  renameSync(`${path}.${process.pid}`, path)
}

/** Whether a look may be started now; if so, the next call within the pause says no. */
export function mayLook(cacheFolder: string): boolean {
  const mark = join(cacheFolder, 'database-names.asked')
  try {
    if (Date.now() - statSync(mark).mtimeMs < PAUSE_MS) return false
  } catch {
    // Nobody has looked yet.
  }
  try {
    mkdirSync(cacheFolder, {recursive: true, mode: 0o700})
    writeFileSync(mark, '', {mode: 0o600})
    return true
  } catch {
    return false
  }
}

/**
 * Whose databases commands are about now: the service and the organization, or the key. Undefined when nobody is signed
 * in, or more than one file must be read to know.
 */
export function identity(environment: NodeJS.ProcessEnv): string | undefined {
  const key = environment.PARIX_API_KEY
  if (key) return `${environment.PARIX_BASE_URL ?? ''} ${fingerprint(key)}`
  try {
    const folder = environment.XDG_CONFIG_HOME || (environment.HOME && join(environment.HOME, '.config'))
    if (!folder) return undefined
    const session = JSON.parse(readFileSync(join(folder, 'parix', 'session.json'), 'utf8')) as {
      baseUrl?: string
      organization?: {id?: string | null}
      user?: {id?: string}
    }
    return `${session.baseUrl} ${session.user?.id ?? ''} ${session.organization?.id ?? ''}`
  } catch {
    return undefined
  }
}

/** Tells keys apart without keeping them (FNV-1a, 32 bits): a key is not to be found in a cache. */
function fingerprint(key: string): string {
  let hash = 0x811c9dc5
  for (const character of key) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0
  return hash.toString(16)
}
