/**
 * How much of the log was certainly on disk: the line between a torn tail and damage.
 *
 * After each sync the log's length is written here, in two places by turns, so that one is whole at any moment. What is
 * broken before the length was once answered, so opening fails; what is broken after it never was, so it is dropped.
 * These bytes need no sync of their own: after a power cut they may be older than the log, never newer.
 */

import {closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync} from 'node:fs'
import {crc32} from 'node:zlib'
import {StoreError} from '../errors.js'

const SLOT_BYTES = 16
/** The slots lie in different disk sectors. */
const SLOT_DISTANCE = 4096

export class Confirmed {
  private turn = 0
  private readonly slot = Buffer.alloc(SLOT_BYTES)

  private constructor(private readonly fd: number) {}

  /** Appears whole or not at all, so that a crash leaves nothing that looks like damage. */
  static create(file: string, length: number, durable = true): void {
    const draft = `${file}.new`
    const fd = openSync(draft, 'w', 0o600)
    try {
      const confirmed = new Confirmed(fd)
      confirmed.write(length)
      confirmed.write(length)
      if (durable) fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(draft, file)
  }

  static open(file: string): Confirmed {
    return new Confirmed(openSync(file, 'r+'))
  }

  /**
   * The greatest length that was confirmed.
   * @throws StoreError CORRUPT; errors of the system, ENOENT among them
   */
  static read(file: string): number {
    const bytes = readFileSync(file)
    const lengths = [0, SLOT_DISTANCE].map((at) => readSlot(bytes, at)).filter((length) => length !== undefined)
    if (lengths.length === 0) {
      throw new StoreError(
        'CORRUPT',
        `${file} is damaged: it is unknown how much of the log was confirmed to callers.`,
        {file, offset: 0},
      )
    }
    return Math.max(...lengths)
  }

  /** The log is safe up to here. */
  write(length: number): void {
    this.slot.writeBigUInt64LE(BigInt(length), 0)
    this.slot.writeUInt32LE(crc32(this.slot.subarray(0, 8)), 8)
    writeSync(this.fd, this.slot, 0, SLOT_BYTES, this.turn * SLOT_DISTANCE)
    this.turn = 1 - this.turn
  }

  /** Takes back lengths that were confirmed: in both places, and on disk before anything else happens. */
  lower(length: number, sync: (fd: number) => void = fsyncSync): void {
    this.write(length)
    this.write(length)
    sync(this.fd)
  }

  close(): void {
    closeSync(this.fd)
  }
}

function readSlot(bytes: Buffer, at: number): number | undefined {
  if (bytes.length < at + SLOT_BYTES) return undefined
  const isWhole = crc32(bytes.subarray(at, at + 8)) === bytes.readUInt32LE(at + 8)
  return isWhole ? Number(bytes.readBigUInt64LE(at)) : undefined
}
