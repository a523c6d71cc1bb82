import {closeSync, fstatSync, openSync, readSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {dataDirFault} from './server/faults.js'
import {FILES} from './server/store/data-directory.js'

export interface ServiceLog {
  file: string
  /** The lines that were added since the last call; undefined if there is no log. */
  read(): string[] | undefined
  /** Calls `line` with each further line, until the process ends. */
  follow(line: (text: string) => void): Promise<never>
}

const POLL_MS = 200

/** The log of the detached service in `dataDir`. */
export function openLog(dataDir: string): ServiceLog {
  const file = join(dataDir, FILES.log)
  let offset = 0
  let rest = ''

  function read(): string[] | undefined {
    const bytes = readFrom(file, offset)
    if (bytes === undefined) return undefined
    // A log that has grown too large is cut to its end: begin again.
    if (bytes.size < offset) offset = 0
    const content = bytes.size < bytes.from ? readFrom(file, 0) : bytes
    offset = content?.size ?? 0
    const lines = (rest + (content?.text ?? '')).split('\n')
    rest = lines.pop() ?? ''
    return lines
  }

  return {
    file,
    read,
    async follow(line) {
      for (;;) {
        await pause(POLL_MS)
        for (const text of read() ?? []) line(text)
      }
    },
  }
}

function readFrom(path: string, from: number): {text: string; size: number; from: number} | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw dataDirFault(path, error) ?? error
  }
  try {
    const {size} = fstatSync(file)
    const bytes = Buffer.alloc(Math.max(0, size - from))
    readSync(file, bytes, 0, bytes.length, from)
    return {text: bytes.toString('utf8'), size, from}
  } finally {
    closeSync(file)
  }
}
