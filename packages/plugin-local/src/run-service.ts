import {spawn} from 'node:child_process'
import {closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {type ErrorKind, type ErrorObject, EXIT_CODES, ParixError} from '@parix/kit/errors'
import {holdingSignals} from '@parix/kit/signals'
import {localCommand} from './local-command.js'
import type {LocalService} from './local-service.js'
import type {RunningService, ServiceOptions} from './server/index.js'
import {FILES, inDataDir, prepareDataDir} from './server/store/data-directory.js'

export interface ForegroundOptions {
  port: number
  dataDir: string
  settings: Partial<ServiceOptions>
  log: (level: string, message: string) => void
  /** What is to be done when it answers; where that fails, the service closes and the failure is thrown. */
  ready: (service: LocalService) => void | Promise<void>
  /** Called when a signal has come, before the service closes. */
  stopping: () => void
  /** Called when it has closed; the process ends right after. */
  stopped: () => void
}

/** Runs the service in this process until a signal comes, and closes it then. */
export async function runInForeground(options: ForegroundOptions): Promise<void> {
  removeForeignSettings()
  const {startService} = await import('./server/index.js')
  const {port, dataDir, settings} = options
  const log = surviving(options.log, dataDir)
  const service = await startService({...settings, port, dataDir, log})
  // Every promise of the service has somebody who handles it; if one is missed, that is not a reason to end what others use.
  process.on('unhandledRejection', (error) =>
    log('error', `unhandled: ${error instanceof Error ? error.message : error}`),
  )
  await holdingSignals(async () => {
    const signal = nextSignal()
    const ready = async () => options.ready(describe(service))
    try {
      await Promise.race([ready().then(() => signal), signal])
    } finally {
      options.stopping()
      await service.close()
      options.stopped()
    }
  })
}

/**
 * Better Auth reads variables that may be set for another program on this machine: trusted origins, secrets, telemetry.
 * Here its settings are in the code alone.
 */
export function removeForeignSettings(): void {
  for (const name of Object.keys(process.env)) {
    if (name.includes('BETTER_AUTH_')) delete process.env[name]
  }
}

/** A log that can't be written (a full disk, a closed terminal) doesn't end the service; one that is a file stays small. */
function surviving(log: ForegroundOptions['log'], dataDir: string): ForegroundOptions['log'] {
  process.stderr.on('error', () => undefined)
  return (level, message) => {
    try {
      boundLog(join(dataDir, FILES.log))
      log(level, message)
    } catch {
      // There is nowhere left to say it.
    }
  }
}

const LOG_BYTES_MAX = 4 * 1024 * 1024
const LOG_BYTES_KEPT = 1024 * 1024

/** Cuts the log of a detached service to its end when it has grown large. Only if stderr is that file. */
function boundLog(path: string): void {
  const stderr = fstatSync(2)
  if (!stderr.isFile() || stderr.size <= LOG_BYTES_MAX || stderr.ino !== statSync(path).ino) return
  const file = openSync(path, 'r+')
  try {
    const end = Buffer.alloc(LOG_BYTES_KEPT)
    readSync(file, end, 0, end.length, stderr.size - end.length)
    ftruncateSync(file, 0)
    writeSync(file, end.subarray(end.indexOf('\n') + 1), 0)
  } finally {
    closeSync(file)
  }
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

function describe({baseUrl, user, organization, apiKey, dataDir, cluster}: RunningService): LocalService {
  return {baseUrl, user, organization, apiKey, dataDir, pid: process.pid, ...(cluster && {cluster})}
}

/** Variables that a long-lived process must not keep. */
const NOT_PASSED_ON = ['PARIX_API_KEY']

/** More than the document that a service prints when it is ready, or the error that it ends with. */
const FIRST_DOCUMENT_CHARACTERS_MAX = 1024 * 1024

/**
 * Runs `parix local start` in a process of its own that outlives this one and the terminal, and resolves when it is ready.
 * Its later messages go to `service.log` in the data directory.
 *
 * @param words further flags of the command
 * @throws ParixError what the other process said, if it can't start
 * @throws ServiceFault DATA_DIR_UNUSABLE
 */
export async function startDetached(dataDir: string, port: number, words: string[]): Promise<LocalService> {
  prepareDataDir(dataDir)
  const log = inDataDir(dataDir, () => openSync(join(dataDir, FILES.log), 'a', 0o600))
  const env = {...process.env}
  for (const name of NOT_PASSED_ON) delete env[name]
  const start = ['local', 'start', '--json', `--port=${port}`, `--data-dir=${dataDir}`, ...words]
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...start], {
    detached: true,
    stdio: ['ignore', 'pipe', log],
    env,
  })
  closeSync(log)
  const stdout = child.stdout!
  try {
    return await readFirstDocument(stdout, child, dataDir)
  } finally {
    stdout.destroy()
    child.unref()
  }
}

/** The document that the process prints when it is ready, or the error object that it ends with. */
async function readFirstDocument(
  stdout: NodeJS.ReadableStream,
  child: NodeJS.EventEmitter,
  dataDir: string,
): Promise<LocalService> {
  let text = ''
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    stdout.once('end', resolve)
  })
  const ready = new Promise<LocalService>((resolve) => {
    stdout.on('data', (chunk: Buffer) => {
      if (text.length < FIRST_DOCUMENT_CHARACTERS_MAX) text += chunk.toString('utf8')
      const document = parse(text)
      if (document && 'baseUrl' in document) resolve(document)
    })
  })
  const service = await Promise.race([ready, ended])
  if (service) return service
  throw failure(parse(text), dataDir)
}

function failure(document: LocalService | ErrorObject | undefined, dataDir: string): ParixError {
  if (!document || !('error' in document)) {
    return new ParixError('FAILED', `The local service ended before it was ready. See ${join(dataDir, FILES.log)}.`, {
      next: localCommand('start', dataDir),
    })
  }
  const {code, message, exitCode, next, hint} = document.error
  const kinds = Object.keys(EXIT_CODES) as ErrorKind[]
  const kind = kinds.find((candidate) => EXIT_CODES[candidate] === exitCode) ?? 'FAILED'
  return new ParixError(kind, message, {code, ...(hint && {hint}), ...(next && {next})})
}

function parse(text: string): LocalService | ErrorObject | undefined {
  try {
    return JSON.parse(text) as LocalService | ErrorObject
  } catch {
    return undefined
  }
}
