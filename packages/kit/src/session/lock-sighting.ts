import {readFileSync, statSync} from 'node:fs'
import {hostname} from 'node:os'

/** How often a holder touches its lock. */
export const HEARTBEAT_MS = 1000
/** Untouched for this long, the lock of a process that is gone is left over. */
export const DEAD_AFTER_MS = 5000
const LOST_AFTER_MS = 60_000

/** What was seen of another's lock, and since when it looks like that by our own clock. */
export interface Sighting {
  id: string
  pid: number | undefined
  host: string
  touchedMs: number
  sinceMs: number
}

/** @param before what was seen the last time */
export function look(path: string, before: Sighting | undefined): Sighting | undefined {
  const now = performance.now()
  try {
    const touchedMs = statSync(path).mtimeMs
    const text = readFileSync(path, 'utf8')
    const {id, pid, host} = parse(text)
    const unchanged = before !== undefined && before.id === id && before.touchedMs === touchedMs
    return {id, pid, host, touchedMs, sinceMs: unchanged ? before.sinceMs : now}
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A holder that crashed before it wrote its name has no pid. */
function parse(text: string): {id: string; pid: number | undefined; host: string} {
  try {
    const {id, pid, host} = JSON.parse(text) as {id: unknown; pid: unknown; host: unknown}
    return {id: String(id), pid: Number.isInteger(pid) ? (pid as number) : undefined, host: String(host)}
  } catch {
    return {id: text, pid: undefined, host: hostname()}
  }
}

/**
 * By the file's time, so that an old one doesn't make anybody wait, and by what we saw ourselves for at least one more
 * heartbeat: clocks jump, and a laptop that slept makes every living lock look old.
 */
export function isLeftOver(sighting: Sighting | undefined): boolean {
  if (sighting === undefined) return false
  const seenMs = performance.now() - sighting.sinceMs
  const untouchedMs = Math.max(Date.now() - sighting.touchedMs, seenMs)
  const {pid} = sighting
  const gone = sighting.host === hostname() && (pid === undefined || !isAlive(pid))
  if (gone) return untouchedMs > DEAD_AFTER_MS && seenMs > HEARTBEAT_MS * 1.5
  return untouchedMs > LOST_AFTER_MS && seenMs > HEARTBEAT_MS * 3
}

/** The holder, for a person. */
export function describe(sighting: Sighting | undefined): string {
  if (sighting?.pid === undefined) return 'another parix'
  return sighting.host === hostname()
    ? `another parix (process ${sighting.pid})`
    : `another parix (process ${sighting.pid} on ${sighting.host})`
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
