/** The names of a ledger's files, and the head of its log. Which file holds what: docs/store.md. */

import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import {crc32} from 'node:zlib'
import {StoreError} from '../errors.js'

export const FORMAT_VERSION = 1
export const LOG_HEAD_BYTES = 64
const MAGIC = 'parix ledger\n\0\0\0'
const ID_AT = 32
const ID_BYTES = 16
const CHECKSUM_AT = 60

export function logPath(directory: string): string {
  return join(directory, 'ledger.log')
}

export function confirmedPath(directory: string): string {
  return join(directory, 'ledger.confirmed')
}

/** A new log starts with these bytes; random ones among them, so that no two logs can be taken for one another. */
export function makeLogHead(): Buffer {
  const head = Buffer.alloc(LOG_HEAD_BYTES)
  head.write(MAGIC, 'latin1')
  head.writeUInt32LE(FORMAT_VERSION, 16)
  randomBytes(ID_BYTES).copy(head, ID_AT)
  head.writeUInt32LE(crc32(head.subarray(0, CHECKSUM_AT)), CHECKSUM_AT)
  return head
}

export interface LogHead {
  /** The random bytes, as hex: the same for as long as the ledger exists, and another ledger has others. */
  ledgerId: string
  /** The first entry names it as the one before it. */
  checksum: number
}

/** @throws StoreError CORRUPT, VERSION */
export function readLogHead(head: Buffer, file: string): LogHead {
  if (head.length < LOG_HEAD_BYTES || head.toString('latin1', 0, 16) !== MAGIC) {
    throw new StoreError('CORRUPT', `${file} does not start like a ledger: damaged, or another kind of file.`, {
      file,
      offset: 0,
    })
  }
  const checksum = head.readUInt32LE(CHECKSUM_AT)
  if (crc32(head.subarray(0, CHECKSUM_AT)) !== checksum) {
    throw new StoreError('CORRUPT', `The first ${LOG_HEAD_BYTES} bytes of ${file} are damaged.`, {file, offset: 0})
  }
  const version = head.readUInt32LE(16)
  if (version > FORMAT_VERSION) {
    const message = `${file} has format version ${version}; this version of parix reads up to ${FORMAT_VERSION}. Update parix.`
    throw new StoreError('VERSION', message, {file, offset: 16})
  }
  return {ledgerId: head.toString('hex', ID_AT, ID_AT + ID_BYTES), checksum}
}
