import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import {join} from 'node:path'
import {ServiceFault} from '../faults.js'

/** Names inside the data folder. */
export const FILES = {database: 'parix.db', secrets: 'secrets.json', instance: 'service.json'} as const

/**
 * Makes `dataDir` (0700, whatever the umask) where it isn't there yet.
 *
 * @throws ServiceFault DATA_DIR_UNUSABLE
 */
export function prepareDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, {recursive: true, mode: 0o700})
    chmodSync(dataDir, 0o700)
  } catch (error) {
    throw new ServiceFault('DATA_DIR_UNUSABLE', `The data folder ${dataDir} can't be used: ${reason(error)}`, {
      cause: error,
    })
  }
}

/** Replaces `dataDir/name` in one step, readable by its owner only: a reader sees the old content or the new, never half. */
export function writePrivateFile(dataDir: string, name: string, content: string): void {
  const path = join(dataDir, name)
  const temporary = `${path}.${process.pid}.tmp`
  const file = openSync(temporary, 'w', 0o600)
  try {
    writeSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

/** The content of `dataDir/name`, or undefined where there is no such file. */
export function readPrivateFile(dataDir: string, name: string): string | undefined {
  try {
    return readFileSync(join(dataDir, name), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new ServiceFault('DATA_DIR_UNUSABLE', `${join(dataDir, name)} can't be read: ${reason(error)}`, {
      cause: error,
    })
  }
}

export function removePrivateFile(dataDir: string, name: string): void {
  rmSync(join(dataDir, name), {force: true})
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
