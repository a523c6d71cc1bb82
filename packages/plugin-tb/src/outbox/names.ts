import {createHash, randomBytes} from 'node:crypto'

/** `text` as the name of one folder: readable, and never the same for two texts. */
export function folderName(text: string): string {
  // A name that begins with a dot is passed over when the outbox is read.
  const readable = text.replace(/^\.+|[^A-Za-z0-9._-]+/g, '_').slice(0, 60)
  if (readable === text && text !== '') return text
  return `${readable}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`
}

/** `20261124-184012-k7f3qa`: sorts by time, and can be read out. */
export function entryId(now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${time}-${randomBytes(4).toString('hex').slice(0, 6)}`
}

/** A name beside `path` that no other process uses. */
export function uniqueName(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
}

export function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code
}
