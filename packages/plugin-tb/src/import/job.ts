/**
 * The state of an import, so that it goes on after any interruption. The file itself is the outbox: for ten million rows the
 * bodies need not be written again. Before a request is sent, the log says which bytes of the file it was made from and the
 * digest of its body; after its response, what became of it. A request that was sent without a response is built again
 * from the same bytes: the same ids, so nothing is created twice.
 *
 * `<state>/import/<job>/`: `job.json`, `progress.log` (append-only, one JSON object per line, synced), `lock`, `input` (what
 * came by stdin).
 */

import {createHash} from 'node:crypto'
import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import {join} from 'node:path'
import {makeDirectory, replaceFile, syncDirectory} from '@parix/files/atomic-write'
import {describeHolder, type Lock, tryLock} from '@parix/files/lock'
import {isParixError, ParixError} from '@parix/kit/errors'
import type {CreateKind} from '@parix/ledger/schema'
import {apply, type Done, emptyProgress, openLog, type Progress, readTextIfThere, type Sent} from './job-log.js'
import type {RowFormat} from './read-rows.js'

/** What makes two commands the same import. */
export interface JobKey {
  kind: CreateKind
  origin: string
  database: {id: string; name: string}
  /** Absolute path; null for stdin. */
  file: string | null
  format: RowFormat
  specs: Readonly<Record<string, string>>
  idFrom: readonly string[]
  namespace: string
  keepTimestamps: boolean
  decimalComma?: true
}

export interface JobFile extends JobKey {
  version: 1
  id: string
  baseUrl: string
  /** For whom it was begun, where that was known. */
  organization?: {id: string; name: string | null}
  /** ISO 8601. */
  createdAt: string
}

/** The same command has the same job. */
export function jobId(key: JobKey): string {
  const {kind, origin, database, file, format, specs, idFrom, namespace, keepTimestamps, decimalComma} = key
  const text = JSON.stringify([
    kind,
    origin,
    database.id,
    file,
    format,
    Object.entries(specs).sort(),
    idFrom,
    namespace,
    keepTimestamps,
    ...(decimalComma === true ? ['decimal comma'] : []),
  ])
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

export class Job {
  readonly #log: number
  #lock: Lock | undefined
  readonly #isNew: boolean
  /** Bytes of whole lines. */
  #length: number
  /** The last line is not whole. */
  #torn = false

  private constructor(
    readonly file: JobFile,
    /** Its directory. */
    readonly path: string,
    log: number,
    lock: Lock,
    isNew: boolean,
    readonly progress: Progress,
  ) {
    this.#log = log
    this.#lock = lock
    this.#isNew = isNew
    this.#length = fstatSync(log).size
  }

  /**
   * Opens the job of this command, or starts it.
   *
   * @param directory `<state>/import`
   * @throws ParixError CONFLICT when another process is at it; FAILED when it can't be written or read
   */
  static open(directory: string, key: JobKey, service: Pick<JobFile, 'baseUrl' | 'organization'>, now: Date): Job {
    const id = jobId(key)
    const path = join(directory, id)
    let lock: Lock | undefined
    try {
      makeDirectory(path)
      const attempt = tryLock(join(path, 'lock'), {stale: 'process'})
      if ('heldBy' in attempt) throw busy(id, describeHolder(attempt.heldBy.holder))
      lock = attempt.lock
      const known = readJob(path)
      const file: JobFile = known ?? {version: 1, id, ...key, ...service, createdAt: now.toISOString()}
      if (!existsSync(join(path, 'job.json'))) replaceFile(join(path, 'job.json'), `${JSON.stringify(file, null, 2)}\n`)
      const {fd, progress} = openLog(join(path, 'progress.log'))
      syncDirectory(path)
      return new Job(file, path, fd, lock, known === undefined, progress)
    } catch (error) {
      lock?.release()
      if (isParixError(error)) throw error
      throw new ParixError(
        'FAILED',
        `The import can't be recorded in ${path}: ${error instanceof Error ? error.message : String(error)} Nothing was sent.`,
        {code: 'job_unwritable', cause: error},
      )
    }
  }

  /** The file was read to its end, and all of it can be sent. */
  validated(validated: {rows: number; bytes: number}): void {
    this.#append({validated})
    this.progress.validated = validated
  }

  /**
   * Before a request goes out, which may be while the one before is under way.
   *
   * @returns when it is on disk: only then may it be whole at the service
   * @throws ParixError FAILED: it may not be sent then
   */
  async sending(sent: Sent): Promise<void> {
    this.#append({send: sent})
    this.progress.pending.set(sent.n, sent)
    try {
      await dataOnDisk(this.#log)
    } catch (error) {
      throw unwritable(error)
    }
  }

  /** It was noted, and does not go out. */
  unsent(n: number): void {
    this.#append({unsent: n})
    this.progress.pending.delete(n)
  }

  /** After its response. On disk with the next request: where that is lost, this one is sent again and its rows exist. */
  answered(sent: Sent, {created, existed, refused, refusedBytes}: Omit<Done, 'n'>): void {
    this.#append({done: {n: sent.n, created, existed, refused, refusedBytes}})
    apply(this.progress, sent, {n: sent.n, created, existed, refused, refusedBytes})
  }

  /** Which ledger the rows go to. */
  noteLedger(ledger: string): void {
    this.#append({ledger})
    this.progress.ledger = ledger
  }

  /** The end of the file was reached. */
  finish(bytes: number, at: Date): void {
    this.#append({finished: {bytes, at: at.toISOString()}})
    this.#sync()
    this.progress.finished = {bytes, at: at.toISOString()}
  }

  /** Forgets the progress, so that the whole file is sent again: what is in the ledger is answered `exists`. */
  restart(attempt = 0): void {
    ftruncateSync(this.#log, 0)
    this.#length = 0
    const {ledger} = this.progress
    Object.assign(this.progress, emptyProgress(), {attempt, ...(attempt > 0 && {ledger})})
    if (attempt > 0) this.#append({attempt, ledger})
    this.#sync()
  }

  /** A new job in which nothing was noted is not kept: its file was refused before anything was sent. */
  close(): void {
    if (this.#lock === undefined) return
    const unused = this.#isNew && fstatSync(this.#log).size === 0
    closeSync(this.#log)
    if (unused) rmSync(this.path, {recursive: true, force: true})
    this.#lock.release()
    this.#lock = undefined
  }

  #append(line: object): void {
    this.#writing(() => {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
      // What the disk took of a line that it refused would be the beginning of this one.
      if (this.#torn) ftruncateSync(this.#log, this.#length)
      this.#torn = true
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#log, bytes, written)
      this.#torn = false
      this.#length += bytes.length
    })
  }

  #sync(): void {
    this.#writing(() => fdatasyncSync(this.#log))
  }

  #writing(write: () => void): void {
    try {
      write()
    } catch (error) {
      throw unwritable(error)
    }
  }
}

const dataOnDisk = (descriptor: number) =>
  new Promise<void>((resolve, reject) => fdatasync(descriptor, (error) => (error ? reject(error) : resolve())))

function unwritable(error: unknown): ParixError {
  return new ParixError(
    'FAILED',
    `The progress of the import can't be written (${(error as Error).message}). It stops here; the same command continues it.`,
    {code: 'job_unwritable', retryable: true, cause: error},
  )
}

/**
 * Whether the file still is what the requests were made from.
 *
 * @throws ParixError BAD_INPUT naming the first lines that changed
 */
export function assertUnchanged(name: string, path: string, {done, pending}: Progress): void {
  const requests = [...done, ...pending.values()]
  if (requests.length === 0) return
  const fd = openSync(path, 'r')
  try {
    const size = statSync(path).size
    for (const {bytes, lines, source} of requests) {
      if (bytes[1] <= size && digestOf(fd, bytes[0], bytes[1]) === source) continue
      throw new ParixError(
        'BAD_INPUT',
        `${name} has changed since it was imported: lines ${lines[0]} to ${lines[1] - 1} were sent with other contents. Nothing was sent.`,
        {
          code: 'file_changed',
          hint: 'With --restart the whole file is sent again: rows that are in the ledger as they are count as imported, others with the same id are refused.',
        } as object,
      )
    }
  } finally {
    closeSync(fd)
  }
}

/** What is read of a file at once: it fits into the cache of a processor. */
let piece: Buffer | undefined

export function digestOf(fd: number, from: number, to: number): string {
  const hash = createHash('sha256')
  piece ??= Buffer.allocUnsafe(1 << 16)
  const buffer = piece
  for (let at = from; at < to; ) {
    const read = readSync(fd, buffer, 0, Math.min(buffer.length, to - at), at)
    if (read === 0) break
    hash.update(buffer.subarray(0, read))
    at += read
  }
  return hash.digest('hex')
}

/** Another process is at it. */
export function busy(id: string, holder: string): ParixError {
  return new ParixError('CONFLICT', `The import ${id} is under way in ${holder}.`, {
    code: 'import_under_way',
    retryable: true,
  })
}

/** Undefined where there is none. @throws ParixError FAILED where it can't be read */
export function readJob(path: string): JobFile | undefined {
  const text = readTextIfThere(join(path, 'job.json'))
  if (text === undefined) return undefined
  let job: Partial<JobFile> | undefined
  try {
    job = JSON.parse(text) as Partial<JobFile>
  } catch {
    job = undefined
  }
  if (job?.version === 1 && typeof job.id === 'string' && typeof job.createdAt === 'string') return job as JobFile
  const why = Number(job?.version) > 1 ? 'was written by a newer parix' : 'is damaged'
  throw new ParixError('FAILED', `${join(path, 'job.json')} ${why}. Nothing was sent.`, {code: 'job_unreadable'})
}
