/** What came by stdin or another pipe, in a file where it is too much to be kept in memory, or is read more than once. */

import {closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, writeSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import type {Readable} from 'node:stream'
import {makeDirectory} from '@parix/files/atomic-write'
import {reasonOf} from '@parix/files/errors'
import {currentDirectory} from '@parix/files/paths'
import {ParixError} from '@parix/kit/errors'
import {openNamedPipe} from '@parix/kit/named-file'
import {startProgress, type Terminal} from '@parix/kit/output'

export interface Spooled {
  /** All of it, where there is no file. */
  bytes?: Buffer
  /** A file that nobody else may read. */
  path: string
  /** Removes the file. A process that ends otherwise does so, too; kill -9 leaves it behind. */
  remove(): void
}

export interface SpoolOptions {
  /** The file is made in a new directory below this one. */
  directory: string
  /** As much is kept in memory. */
  bytesMax: number
  /** For whom types it: `JSON`, `rows`. */
  what: string
  /** Read in place of stdin. */
  pipe?: {name: string; stream: Readable} | undefined
}

/** @throws ParixError FAILED where it can't be written: nothing was sent, and nothing is left */
export async function spool(terminal: Terminal, {directory, bytesMax, what, pipe}: SpoolOptions): Promise<Spooled> {
  const {name, stream} = pipe ?? {name: 'stdin', stream: process.stdin}
  if (terminal.is.stdin && stream === process.stdin)
    terminal.warn(`Reading ${what} from the keyboard; Ctrl-D on a new line ends it.`)
  let head: Buffer[] = []
  let bytes = 0
  let file: SpoolFile | undefined
  const state = () => ({text: `Reading ${name}`, done: bytes, unit: 'bytes'})
  // A pipe may stall: how much has come is on the screen meanwhile.
  let progress: ReturnType<typeof startProgress> | undefined
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      progress?.update(state())
      if (file !== undefined) file.write(chunk)
      else if (head.push(chunk) > 0 && bytes > bytesMax) {
        file = new SpoolFile(directory, name)
        progress = startProgress(terminal, state())
        for (const one of head) file.write(one)
        head = []
      }
    }
    if (file === undefined && bytesMax >= 0) return {bytes: Buffer.concat(head), path: '', remove: () => {}}
    file ??= new SpoolFile(directory, name)
    file.close()
    return file
  } catch (error) {
    file?.remove()
    throw error
  } finally {
    progress?.end()
  }
}

const OUTCOME = 'Nothing was sent.'

/** What `file` sends, where it is `-`, a pipe or a terminal; undefined for a file. @throws ParixError BAD_INPUT for neither */
export async function pipeOf(file: string, terminal: Terminal): Promise<SpoolOptions['pipe']> {
  if (file === '-') return {name: 'stdin', stream: process.stdin}
  if (!existsSync(file)) throw new ParixError('BAD_INPUT', `There is no file ${file}. ${OUTCOME}`, {code: 'no_file'})
  const stream = await openNamedPipe(file, {terminal, outcome: OUTCOME})
  if (stream !== undefined) return {name: file, stream}
  if (!statSync(file).isFile())
    throw new ParixError('BAD_INPUT', `${file} is not a file. ${OUTCOME}`, {code: 'no_file'})
  return undefined
}

/** Calls `work` with the name and the path of a file that has the rows of `file`; one that was made for it is removed. */
export async function withFile<T>(
  file: string,
  terminal: Terminal,
  work: (name: string, path: string) => Promise<T>,
): Promise<T> {
  const pipe = await pipeOf(file, terminal)
  if (pipe === undefined) return work(file, resolve(currentDirectory(), file))
  const spooled = await spool(terminal, {directory: tmpdir(), bytesMax: -1, what: 'rows', pipe})
  try {
    return await work(pipe.name, spooled.path)
  } finally {
    spooled.remove()
  }
}

class SpoolFile implements Spooled {
  readonly path: string
  readonly #directory: string
  readonly #parent: string
  #descriptor: number | undefined
  readonly remove = (): void => {
    this.close()
    process.off('exit', this.remove)
    rmSync(this.#directory, {recursive: true, force: true})
  }

  constructor(
    parent: string,
    private readonly name: string,
  ) {
    this.#parent = parent
    this.#directory = this.#writing(() => {
      makeDirectory(parent)
      return mkdtempSync(join(parent, '.input-'))
    })
    process.once('exit', this.remove)
    this.path = join(this.#directory, 'input')
    try {
      this.#descriptor = this.#writing(() => openSync(this.path, 'wx', 0o600))
    } catch (error) {
      this.remove()
      throw error
    }
  }

  write(chunk: Buffer): void {
    this.#writing(() => {
      for (let done = 0; done < chunk.length; ) done += writeSync(this.#descriptor!, chunk, done)
    })
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #writing<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      const text = `${this.name} can't be kept in ${this.#parent}: ${reasonOf(error)}. Nothing was sent.`
      throw new ParixError('FAILED', text, {code: 'spool_unwritable', retryable: true, cause: error})
    }
  }
}
