/**
 * One process at a time. A lock is a file `ledger.lock.N` that names its process; the greatest N counts.
 *
 * Node has no file locks that a crash releases, so a lock whose process is gone is passed over: the next process makes
 * N + 1, which only one can. After making it, it looks again: if there is a greater one by now, it was too late.
 */

import {linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {StoreError} from '../errors.js'
import {systemFault} from './directory.js'

const NAME = /^ledger\.lock\.(\d{1,15})$/

interface Holder {
  pid: number
  host: string
  /** When the process started, in the system's own terms: tells a process from a later one with the same number. */
  born: string
  since: string
}

export interface Lock {
  release(): void
}

/** @throws StoreError LOCKED, saying who holds the directory */
export function lockDirectory(directory: string): Lock {
  mkdirSync(directory, {recursive: true, mode: 0o700})
  const found = newest(directory)
  if (found > 0) refuseIfAlive(directory, found)
  const mine = found + 1
  if (!create(directory, mine)) refuseIfAlive(directory, newest(directory), true)
  const winner = newest(directory)
  if (winner > mine) {
    rmSync(fileOf(directory, mine), {force: true})
    refuseIfAlive(directory, winner, true)
  }
  for (const n of locks(directory)) if (n < mine) rmSync(fileOf(directory, n), {force: true})
  return {release: () => rmSync(fileOf(directory, mine), {force: true})}
}

function fileOf(directory: string, n: number): string {
  return join(directory, `ledger.lock.${n}`)
}

function locks(directory: string): number[] {
  return readdirSync(directory)
    .map((name) => Number(NAME.exec(name)?.[1] ?? 0))
    .filter((n) => n > 0)
}

function newest(directory: string): number {
  return Math.max(0, ...locks(directory))
}

/** Makes the file with its content in one step, so that nobody reads half a lock; false if another process was first. */
function create(directory: string, n: number): boolean {
  const draft = join(directory, `ledger.lock-${process.pid}-${Date.now()}`)
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    born: bornAt(process.pid),
    since: new Date().toISOString(),
  }
  writeFileSync(draft, JSON.stringify(holder))
  try {
    linkSync(draft, fileOf(directory, n))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, {force: true})
  }
}

function refuseIfAlive(directory: string, n: number, lostRace = false): void {
  const file = fileOf(directory, n)
  const holder = readHolder(file)
  if (holder && isAlive(holder)) {
    const self = holder.pid === process.pid ? 'this process' : `process ${holder.pid}`
    const where = holder.host === hostname() ? '' : ` on ${holder.host} (if that is gone for good, remove ${file})`
    throw new StoreError('LOCKED', `${directory} is open in ${self}${where} since ${holder.since}.`, {file})
  }
  if (lostRace) throw new StoreError('LOCKED', `${directory} was just opened by another process.`, {file})
}

/** @returns undefined for a lock that was released meanwhile, or that a crash left empty */
function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch (error) {
    // A lock that may not be read may be held: only a released or an unfinished one is passed over.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && !(error instanceof SyntaxError))
      throw systemFault(file, error)
    return undefined
  }
}

/** A process on another machine can't be asked: it counts as alive. */
function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return holder.born === '' || holder.born === bornAt(holder.pid)
}

/** On Linux boot and start tick of the process; '' where the system does not say. */
function bornAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // The name in parentheses may hold spaces; the start time is the 20th field behind it.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${boot}/${ticks}`
  } catch {
    return ''
  }
}
