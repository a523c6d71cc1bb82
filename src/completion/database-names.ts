import {readdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeDirectory, replaceFile} from '@parix/files/atomic-write'
import {sessionDirectory} from '@parix/files/paths'
import {readPrivateText} from '@parix/files/read-private-file'
import {originKey} from '@parix/kit/origin'
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

const FILE_BYTES_MAX = 4 * 1024 * 1024
const FRESH_MS = 30_000
/** A look that is under way, or just failed, is not started again by every key press. */
const PAUSE_MS = 10_000

export function cacheFile(cacheDir: string): string {
  return join(cacheDir, 'database-names.json')
}

export function readNames(cacheDir: string, identity: string): {names: string[]; fresh: boolean} {
  try {
    const path = cacheFile(cacheDir)
    const cache = JSON.parse(readPrivateText(path, {bytesMax: FILE_BYTES_MAX}) ?? '{}') as NameCache
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
export function isOffered(name: string): boolean {
  return name !== '' && !name.startsWith('-') && cleanLine(name) === name
}

export function writeNames(cacheDir: string, cache: NameCache): void {
  replaceFile(cacheFile(cacheDir), JSON.stringify(cache))
}

/** Whether a look may be started now; if so, the next call within the pause says no. */
export function mayLook(cacheDir: string, file = 'database-names.asked'): boolean {
  const mark = join(cacheDir, file)
  try {
    if (Date.now() - statSync(mark).mtimeMs < PAUSE_MS) return false
  } catch {
    // Nobody has looked yet.
  }
  try {
    makeDirectory(cacheDir)
    writeFileSync(mark, '', {mode: 0o600})
    return true
  } catch {
    return false
  }
}

/**
 * Whose databases commands are about now: the service and the organization, or the key. PARIX_BASE_URL goes before the
 * session in use, as it does for commands. Undefined when nobody is signed in there.
 */
export function identity(environment: NodeJS.ProcessEnv): string | undefined {
  const variable = environment.PARIX_BASE_URL?.trim()
  const key = environment.PARIX_API_KEY?.trim()
  if (key) return `${variable ?? ''} ${fingerprint(key)}`
  const directory = attempt(() => sessionDirectory(environment))
  if (directory === undefined) return undefined
  const session = variable ? sessionOf(variable, directory) : readSession(join(directory, 'session.json'))
  const wanted = environment.PARIX_ORGANIZATION?.trim()
  const own = session && `${session.baseUrl} ${session.user?.id ?? ''} ${session.organization?.id ?? ''}`
  return own && wanted ? `${own} ${wanted}` : own
}

interface StoredIdentity {
  baseUrl?: string
  organization?: {id?: string | null}
  user?: {id?: string}
}

/** The session in use at that service: a name with an `@` is of one that is not (kit, session-paths.ts). */
function sessionOf(baseUrl: string, directory: string): StoredIdentity | undefined {
  const origin = originOf(baseUrl)
  if (origin === undefined) return undefined
  const isOf = (session: StoredIdentity | undefined) => originOf(session?.baseUrl ?? '') === origin
  const active = readSession(join(directory, 'session.json'))
  if (isOf(active)) return active
  const others = join(directory, 'sessions')
  return filesIn(others)
    .map((name) => readSession(join(others, name)))
    .find(isOf)
}

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? originKey(new URL(text)) : undefined
}

function filesIn(directory: string): string[] {
  return attempt(() => readdirSync(directory).filter((name) => name.endsWith('.json') && !name.includes('@'))) ?? []
}

function readSession(path: string): StoredIdentity | undefined {
  return (
    attempt(() => JSON.parse(readPrivateText(path, {bytesMax: FILE_BYTES_MAX}) ?? 'null') as StoredIdentity | null) ??
    undefined
  )
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
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
