import {readFileSync, readlinkSync} from 'node:fs'
import {hostname} from 'node:os'

/**
 * A PID alone does not identify a process: PIDs are reused, and containers that share a home directory have PIDs of their own.
 * On Linux the boot id, the PID namespace and the start time settle it; elsewhere they are empty.
 */
export interface ProcessIdentity {
  pid: number
  host: string
  /** Boot id of the kernel. */
  boot: string
  /** PID namespace, `pid:[4026531836]`. */
  namespace: string
  /** Start time in clock ticks since boot. */
  started: string
}

export interface Liveness {
  alive: boolean
  /** False where it is a guess: another host or container, or a system without /proc. */
  certain: boolean
}

/** The start of this process stays what it is: each lock asks for it. */
let ownStart: string | undefined

export function ownIdentity(): ProcessIdentity {
  const {boot, namespace} = machine()
  ownStart ??= startTime(process.pid)
  return {pid: process.pid, host: hostname(), boot, namespace, started: ownStart}
}

/** Whether that process is still running. A process on another host can't be asked: it counts as alive, uncertain. */
export function liveness(process: ProcessIdentity): Liveness {
  if (process.host !== hostname()) return {alive: true, certain: false}
  const here = machine()
  const certain = here.boot !== '' && here.boot === process.boot && here.namespace === process.namespace
  // After a reboot, or in another container of this name, the PID says nothing.
  const elsewhere = differ(here.boot, process.boot) || differ(here.namespace, process.namespace)
  return {alive: !elsewhere && isRunning(process.pid, process.started), certain}
}

/** Whether the process with this PID runs and, if `started` is given and known, is the same one. A zombie is not running. */
export function isRunning(pid: number, started = ''): boolean {
  if (!isListed(pid)) return false
  const now = readStat(pid)
  if (now === undefined) return true
  return now.state !== 'Z' && now.state !== 'X' && (started === '' || now.started === started)
}

/** Whether the system has a process with this PID: also one that has ended, until its parent has noticed. */
export function isListed(pid: number): boolean {
  // 0 and below mean groups of processes.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function differ(one: string, other: string): boolean {
  return one !== '' && other !== '' && one !== other
}

function startTime(pid: number): string {
  return readStat(pid)?.started ?? ''
}

/** Fields 3 and 22 of /proc/PID/stat; the second may contain spaces, so fields are counted from its closing parenthesis. */
function readStat(pid: number): {state: string; started: string} | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return {state: fields[0] ?? '', started: fields[19] ?? ''}
  } catch {
    return undefined
  }
}

let known: {boot: string; namespace: string} | undefined

function machine(): {boot: string; namespace: string} {
  known ??= {
    boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: attempt(() => readlinkSync('/proc/self/ns/pid')),
  }
  return known
}

function attempt(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
