import {closeSync, fsyncSync, openSync, renameSync, writeSync} from 'node:fs'
import {dirname} from 'node:path'

/**
 * Writes that are on the disk when they return: what the outbox holds must survive a crash of this program and of the
 * machine, or a transfer's id is lost and the next try pays twice.
 */

/** A new file, 0600. @throws when it exists */
export function writeNewFile(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The file is either as it was or complete. `temporary` is a name beside it that nobody else uses. */
export function replaceFile(path: string, content: string, temporary: string): void {
  writeNewFile(temporary, content)
  renameSync(temporary, path)
  syncFolder(dirname(path))
}

/** Makes names in a folder durable. Windows has no such call and needs none. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
