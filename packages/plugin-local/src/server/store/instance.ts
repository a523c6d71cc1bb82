import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {ServiceFault} from '../faults.js'
import {closeDatabase, openDatabase} from './database.js'
import {FILES, readPrivateFile, removePrivateFile, writePrivateFile} from './folder.js'

/** The note that a running service leaves in its data folder, so that other commands find it. */
export interface Instance {
  pid: number
  port: number
  baseUrl: string
  /** Random for each run: `GET /health` answers it, which a stranger on the same port can't. */
  instance: string
  /** ISO 8601, UTC. */
  startedAt: string
}

/** What holds a data folder right now. */
export type Holder =
  /** Answers. */
  | {state: 'running'; instance: Instance}
  /** A process has the folder open and doesn't answer: it is starting, stopping, or stuck. */
  | {state: 'silent'; instance: Instance | undefined}
  | {state: 'none'}

const ANSWER_TIMEOUT_MS = 2_000

export function noteInstance(dataDir: string, instance: Instance): void {
  writePrivateFile(dataDir, FILES.instance, `${JSON.stringify(instance, null, 2)}\n`)
}

export function forgetInstance(dataDir: string): void {
  removePrivateFile(dataDir, FILES.instance)
}

/**
 * Who holds `dataDir`. The note alone proves nothing: a process may have died without taking it away, its pid and its port
 * may be others' by now. So the service is asked for its name, and if it is silent, the lock of the database decides.
 */
export async function findHolder(dataDir: string): Promise<Holder> {
  const instance = readInstance(dataDir)
  if (instance && (await answers(instance))) return {state: 'running', instance}
  return isLocked(dataDir) ? {state: 'silent', instance} : {state: 'none'}
}

function readInstance(dataDir: string): Instance | undefined {
  try {
    const note = JSON.parse(readPrivateFile(dataDir, FILES.instance) ?? 'null') as Partial<Instance> | null
    return Number.isSafeInteger(note?.pid) && Number.isSafeInteger(note?.port) ? (note as Instance) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

async function answers({port, instance}: Instance): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const answer = await fetch(`http://127.0.0.1:${port}/health`, {redirect: 'manual', signal})
    return ((await answer.json()) as {instance?: unknown}).instance === instance
  } catch {
    return false
  }
}

function isLocked(dataDir: string): boolean {
  if (!existsSync(join(dataDir, FILES.database))) return false
  try {
    closeDatabase(openDatabase(dataDir, 0))
    return false
  } catch (error) {
    if (error instanceof ServiceFault && error.code === 'DATA_DIR_IN_USE') return true
    throw error
  }
}
