import {linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {isFileError, uniqueName} from './names.js'

/**
 * Which process is at work on an entry. A claim keeps two commands from working on the same entry, and tells what a dead
 * one left behind from what a living one is sending. Exactly once doesn't rest on it: the same bytes sent twice are made
 * once by the ledger.
 */
export interface Claim {
  pid: number
  host: string
  /** When the process began, in the kernel's ticks: a pid is used again. Undefined where the system doesn't say. */
  began?: string
}

const FILE = 'claim'
const BEAT_MS = 5_000

/** A claim of another machine that nobody touched for this long is a dead process's. */
const SILENCE_MS_MAX = 60_000

export function ownClaim(): Claim {
  const began = processBegan(process.pid)
  return {pid: process.pid, host: hostname(), ...(began !== undefined && {began})}
}

/** Puts our claim into an entry's folder that nobody else can see yet. */
export function writeClaim(folder: string): void {
  writeFileSync(join(folder, FILE), JSON.stringify(ownClaim()), {flag: 'wx', mode: 0o600})
}

/**
 * Takes the entry in `folder`: `taken`; or who has it, a living process; or `gone`, where it was struck off meanwhile.
 */
export function takeClaim(folder: string): 'taken' | 'gone' | Claim {
  const path = join(folder, FILE)
  for (;;) {
    try {
      writeClaim(folder)
      return 'taken'
    } catch (error) {
      if (isFileError(error, 'ENOENT')) return 'gone'
      if (!isFileError(error, 'EEXIST')) throw error
    }
    const holder = readClaim(folder)
    if (holder?.alive) return holder.claim
    if (holder) setAside(path, holder.text)
  }
}

/** Shows other machines that this process is still at work; `stop` when it no longer is. */
export function keepClaim(folder: string): {stop: () => void} {
  const timer = setInterval(() => {
    try {
      utimesSync(join(folder, FILE), new Date(), new Date())
    } catch {
      // The entry was struck off.
    }
  }, BEAT_MS)
  timer.unref()
  return {stop: () => clearInterval(timer)}
}

/** The claim on an entry, and whether its process lives; undefined when there is none. */
export function readClaim(folder: string): {claim: Claim; alive: boolean; text: string} | undefined {
  const path = join(folder, FILE)
  try {
    const text = readFileSync(path, 'utf8')
    const claim = parseClaim(text)
    return {claim, alive: claim.host === hostname() ? isAlive(claim) : wasTouched(path), text}
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined
    throw error
  }
}

export function releaseClaim(folder: string): void {
  rmSync(join(folder, FILE), {force: true})
}

/** Removes a dead process's claim. If another command was faster, what we hold is its new claim: it goes back. */
function setAside(path: string, staleText: string): void {
  const aside = uniqueName(`${path}.stale`)
  try {
    renameSync(path, aside)
    if (readFileSync(aside, 'utf8') !== staleText) linkSync(aside, path)
  } catch (error) {
    if (!isFileError(error, 'ENOENT') && !isFileError(error, 'EEXIST')) throw error
  } finally {
    rmSync(aside, {force: true})
  }
}

function parseClaim(text: string): Claim {
  try {
    const {pid, host, began} = JSON.parse(text) as Partial<Claim>
    return {pid: Number(pid), host: String(host), ...(began !== undefined && {began: String(began)})}
  } catch {
    // A process that died while it wrote.
    return {pid: 0, host: hostname()}
  }
}

/** Of another machine (a shared home, a container that is gone) nothing else can be known. */
function wasTouched(path: string): boolean {
  return Date.now() - statSync(path).mtimeMs < SILENCE_MS_MAX
}

function isAlive({pid, began}: Claim): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return isFileError(error, 'EPERM')
  }
  return began === undefined || processBegan(pid) === began
}

/** Field 22 of /proc/PID/stat; the second field may hold blanks, so it is counted from its closing bracket. */
function processBegan(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
