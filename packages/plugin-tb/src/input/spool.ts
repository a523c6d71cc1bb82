/** What came by stdin, in a file where it is too much to be kept in memory. */

import {closeSync, mkdtempSync, openSync, rmSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {makeDirectory} from '@parix/files/atomic-write'
import {reasonOf} from '@parix/files/errors'
import {ParixError} from '@parix/kit/errors'
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
}

/** @throws ParixError FAILED where it can't be written: nothing was sent, and nothing is left */
export async function spoolStdin(terminal: Terminal, {directory, bytesMax, what}: SpoolOptions): Promise<Spooled> {
  if (terminal.is.stdin) terminal.warn(`Reading ${what} from the keyboard; Ctrl-D on a new line ends it.`)
  let head: Buffer[] = []
  let bytes = 0
  let file: SpoolFile | undefined
  const state = () => ({text: 'Reading stdin', done: bytes, unit: 'bytes'})
  // A pipe may stall: how much has come is on the screen meanwhile.
  let progress: ReturnType<typeof startProgress> | undefined
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      bytes += chunk.length
      progress?.update(state())
      if (file !== undefined) file.write(chunk)
      else if (head.push(chunk) > 0 && bytes > bytesMax) {
        file = new SpoolFile(directory)
        progress = startProgress(terminal, state())
        for (const one of head) file.write(one)
        head = []
      }
    }
    if (file === undefined && bytesMax >= 0) return {bytes: Buffer.concat(head), path: '', remove: () => {}}
    file ??= new SpoolFile(directory)
    file.close()
    return file
  } catch (error) {
    file?.remove()
    throw error
  } finally {
    progress?.end()
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

  constructor(parent: string) {
    this.#parent = parent
    this.#directory = this.#writing(() => {
      makeDirectory(parent)
      return mkdtempSync(join(parent, '.input-'))
    })
    process.once('exit', this.remove)
    this.path = join(this.#directory, 'input')
    this.#descriptor = this.#writing(() => openSync(this.path, 'wx', 0o600))
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
      const text = `stdin can't be kept in ${this.#parent}: ${reasonOf(error)}. Nothing was sent.`
      throw new ParixError('FAILED', text, {code: 'spool_unwritable', retryable: true, cause: error})
    }
  }
}
