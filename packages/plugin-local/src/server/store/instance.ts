import {once} from 'node:events'
import {existsSync} from 'node:fs'
import {get, type IncomingMessage} from 'node:http'
import {join} from 'node:path'
import {ownIdentity} from '@parix/files/process-identity'
import {dataDirFault, ServiceFault} from '../faults.js'
import {FILES, readPrivateFile, removePrivateFile, writePrivateFile} from './data-directory.js'
import {closeDatabase, openDatabase} from './database.js'

/** The note that a running service leaves in its data directory, so that other commands find it. */
export interface Instance {
  pid: number
  port: number
  baseUrl: string
  /** Random for each run: `GET /health` answers it, which a stranger on the same port can't. */
  instance: string
  /** ISO 8601, UTC. */
  startedAt: string
  /** Start time of the process, which distinguishes it from a later one with this PID; empty where the system does not say. */
  started?: string
}

/** What holds a data directory right now. */
export type Holder =
  /** Answers. */
  | {state: 'running'; instance: Instance}
  /** A process has the directory open and doesn't answer: it is starting, stopping, or stuck. */
  | {state: 'silent'; instance: Instance | undefined}
  | {state: 'none'}

const ANSWER_TIMEOUT_MS = 2_000

export function noteInstance(dataDir: string, instance: Instance): void {
  const {started} = ownIdentity()
  const note = `${JSON.stringify({...instance, started}, null, 2)}\n`
  // After a power cut there is no such process, whatever the note says.
  writePrivateFile(dataDir, FILES.instance, note, false)
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
  if (instance && (await responds(instance))) return {state: 'running', instance}
  return isLocked(dataDir) ? {state: 'silent', instance} : {state: 'none'}
}

function readInstance(dataDir: string): Instance | undefined {
  try {
    const note = JSON.parse(readPrivateFile(dataDir, FILES.instance) ?? 'null') as Partial<Instance> | null
    return isInstance(note) ? note : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A pid of 0 or below would mean a group of processes to `kill`. */
function isInstance(note: Partial<Instance> | null): note is Instance {
  const {pid = 0, port = 0, baseUrl, instance} = note ?? {}
  const isPort = Number.isSafeInteger(port) && port > 0 && port <= 65_535
  return Number.isSafeInteger(pid) && pid > 1 && isPort && typeof baseUrl === 'string' && typeof instance === 'string'
}

async function responds({port, instance}: Instance): Promise<boolean> {
  const response = await askInstance(port, '/health')
  return (response?.body as {instance?: unknown} | null | undefined)?.instance === instance
}

/** More than this service answers to what is asked here. */
const ANSWER_BYTES_MAX = 64 * 1024

/**
 * Asks whatever listens on a noted port, which need not be this service: bounded in time and in what is read. Not by `fetch`,
 * whose parser alone takes Node longer than all else that `local status` does.
 *
 * @returns undefined if it doesn't respond; `body` is undefined if it is too large or not JSON
 */
export async function askInstance(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<{status: number; body: unknown} | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const request = get({host: '127.0.0.1', port, path, headers, signal, agent: false})
    // The response says so as well when it is cut off.
    request.on('error', () => {})
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const status = response.statusCode!
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      // Leaving the loop cancels the rest.
      if (bytes > ANSWER_BYTES_MAX) return {status, body: undefined}
      chunks.push(chunk)
    }
    return {status, body: parse(Buffer.concat(chunks).toString('utf8'))}
  } catch {
    return undefined
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isLocked(dataDir: string): boolean {
  if (!existsSync(join(dataDir, FILES.database))) return false
  try {
    closeDatabase(openDatabase(dataDir, {lockWaitMs: 0}))
    return false
  } catch (error) {
    if (error instanceof ServiceFault && error.code === 'DATA_DIR_IN_USE') return true
    throw dataDirFault(`The data directory ${dataDir}`, error) ?? error
  }
}
