import {createHash, type Hash} from 'node:crypto'
import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import {removeQuietly, renameDurably, replaceFile} from '@parix/files/atomic-write'
import {errnoOf, reasonOf} from '@parix/files/errors'
import {type Lock, lockFile} from '@parix/files/lock'
import {ParixError} from '@parix/kit/errors'
import type {RowForm, Tally} from './rows.js'

/** What was asked for, in the words that it was asked in: an export is resumed with the same ones only. */
export type Asked = Readonly<Record<string, string | null>>

/** The file of an export while it is written: `FILE.part`, which becomes `FILE` when it is whole. */
export interface PartFile {
  readonly resumed: boolean
  /** Bytes written, those of earlier runs included. */
  readonly bytes: number
  write(bytes: Uint8Array): void
  /** Renames it once it is on the disk. @returns the SHA-256 of its content in hex */
  finish(): Promise<string>
  /** Gives it up; what was written stays, for --resume. */
  close(): void
}

const CHUNK_BYTES = 1 << 20
/** When so much more was written, the disk takes it while the next rows come: at the end little is left to wait for. */
const SYNC_BYTES = 1 << 25

/**
 * Begins `path.part`, or continues it after its last whole row, once `tally` has counted the rows in it.
 *
 * @throws ParixError BAD_INPUT where a part file is in the way, is missing, or was begun with other words; CONFLICT where
 *   another process writes it; FAILED where it can't be written
 */
export function openPartFile(path: string, form: RowForm, asked: Asked, resume: boolean, tally: Tally): PartFile {
  const part = `${path}.part`
  const notes = `${part}.json`
  const lock = lockPart(part)
  let descriptor: number | undefined
  try {
    const resumed = resume && existsSync(part)
    if (resumed) assertSame(notes, asked)
    else begin(part, notes, path, asked, resume)
    const hash = createHash('sha256')
    descriptor = openSync(part, resumed ? 'r+' : 'wx', 0o600)
    const bytes = resumed ? readWritten(descriptor, form, hash, tally) : 0
    if (resumed) ftruncateSync(descriptor, bytes)
    return partFile({path, part, notes, lock, descriptor, hash, bytes, resumed})
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor)
    lock.release()
    throw notWritable(part, error)
  }
}

function begin(part: string, notes: string, path: string, asked: Asked, resume: boolean): void {
  if (existsSync(path) && statSync(path).isDirectory()) throw new ParixError('BAD_INPUT', `${path} is a directory.`)
  if (resume && existsSync(path)) {
    throw new ParixError(
      'BAD_INPUT',
      `${path} is complete: there is nothing to resume. Leave --resume out to export again.`,
      {
        code: 'export_complete',
      },
    )
  }
  if (existsSync(part)) {
    throw new ParixError(
      'BAD_INPUT',
      `${part} is left from an export that did not finish. Add --resume to go on with it, or remove it.`,
      {code: 'export_unfinished'},
    )
  }
  replaceFile(notes, `${JSON.stringify(asked)}\n`)
}

/** A part that continues with another filter would be neither the one export nor the other. */
function assertSame(notes: string, asked: Asked): void {
  const before = readNotes(notes)
  const different = Object.keys({...before, ...asked}).filter(
    (name) => (before[name] ?? null) !== (asked[name] ?? null),
  )
  if (different.length === 0) return
  const change = different.map(
    (name) => `${name} was ${before[name] ?? 'not given'}, and is ${asked[name] ?? 'not given'}`,
  )
  throw new ParixError('BAD_INPUT', `The export was begun with other words: ${change.join('; ')}.`, {
    code: 'export_differs',
  })
}

function readNotes(notes: string): Asked {
  try {
    return JSON.parse(readFileSync(notes, 'utf8')) as Asked
  } catch (error) {
    throw new ParixError('BAD_INPUT', `${notes}, which says what is exported, can't be read: ${reasonOf(error)}.`, {
      cause: error,
    })
  }
}

function lockPart(part: string): Lock {
  let lock: Lock | string
  try {
    lock = lockFile(part)
  } catch (error) {
    throw notWritable(part, error)
  }
  if (typeof lock !== 'string') return lock
  throw new ParixError('CONFLICT', `${part} is being written by ${lock}.`, {
    code: 'export_running',
    retryable: true,
  })
}

/** Counts and hashes the whole rows. @returns where they end */
function readWritten(descriptor: number, form: RowForm, hash: Hash, tally: Tally): number {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let names: string[] | undefined
  let held = Buffer.alloc(0)
  let whole = 0
  for (let position = 0; ; ) {
    const count = readSync(descriptor, chunk, 0, CHUNK_BYTES, position)
    if (count === 0) return whole
    position += count
    const bytes = Buffer.concat([held, chunk.subarray(0, count)])
    const end = bytes.lastIndexOf(0x0a) + 1
    held = Buffer.from(bytes.subarray(end))
    if (end === 0) continue
    hash.update(bytes.subarray(0, end))
    whole += end
    for (const line of bytes.toString('latin1', 0, end).trimEnd().split(/\r?\n/)) {
      if (form.format === 'ndjson') tally.addWritten(JSON.parse(line) as Record<string, string>)
      else if (names === undefined) names = line.split(',')
      else tally.addWritten(Object.fromEntries(line.split(',').map((cell, index) => [names![index], cell])))
    }
  }
}

interface Open {
  path: string
  part: string
  notes: string
  lock: Lock
  descriptor: number
  hash: Hash
  bytes: number
  resumed: boolean
}

function partFile({path, part, notes, lock, descriptor, hash, bytes: before, resumed}: Open): PartFile {
  let bytes = before
  let open = true
  let synced = before
  let syncing: Promise<void> | undefined
  // The system says once for a file that it could not take what was written: whoever asks next hears that all is well.
  let failed: unknown
  const sync = () => {
    synced = bytes
    syncing = new Promise((resolve) =>
      fdatasync(descriptor, (error) => {
        failed ??= error ?? undefined
        syncing = undefined
        resolve()
      }),
    )
  }
  const assertTaken = () => {
    if (failed !== undefined) throw failed
  }
  const close = () => {
    if (!open) return
    open = false
    if (syncing === undefined) closeSync(descriptor)
    else void syncing.then(() => closeSync(descriptor))
    lock.release()
  }
  return {
    resumed,
    get bytes() {
      return bytes
    },
    write(content) {
      try {
        assertTaken()
        for (let done = 0; done < content.length; ) {
          done += writeSync(descriptor, content, done, content.length - done, bytes + done)
        }
      } catch (error) {
        throw notWritable(part, error)
      }
      hash.update(content)
      bytes += content.length
      if (syncing === undefined && bytes - synced >= SYNC_BYTES) sync()
    },
    async finish() {
      try {
        await syncing
        assertTaken()
        fsyncSync(descriptor)
        renameDurably(part, path)
      } catch (error) {
        throw notWritable(part, error)
      }
      removeQuietly(notes)
      close()
      return hash.digest('hex')
    },
    close,
  }
}

function notWritable(part: string, error: unknown): unknown {
  // BigInt() of a fraction is a RangeError.
  if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) {
    return new ParixError('FAILED', `${part} holds something other than exported rows. Remove it, and export again.`, {
      code: 'export_damaged',
      cause: error,
    })
  }
  if (error instanceof ParixError || errnoOf(error) === undefined) return error
  return new ParixError('FAILED', `${part} can't be written: ${reasonOf(error)}.`, {
    code: 'output_failed',
    cause: error,
  })
}
