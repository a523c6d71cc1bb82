/** The three things the log asks of a disk, so that a test can hand over one that is full or fails. */

import {fdatasync, ftruncateSync, writeSync} from 'node:fs'
import {promisify} from 'node:util'

export interface Disk {
  /** Writes all of the bytes at this place of the file, or throws. */
  write(fd: number, bytes: Uint8Array, position: number): void
  /** Returns when the file's content is safe from a power cut. */
  sync(fd: number): Promise<void>
  truncate(fd: number, length: number): void
}

const fdatasyncAsync = promisify(fdatasync)

export const realDisk: Disk = {
  write(fd, bytes, position) {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, position + done)
  },
  sync: (fd) => fdatasyncAsync(fd),
  truncate: (fd, length) => ftruncateSync(fd, length),
}
