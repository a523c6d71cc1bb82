/**
 * A seal is a digest of all rows of a database up to a moment, kept outside of it. Comparing it later shows whether any row
 * was changed, added or removed since, and which was the first.
 *
 * Digested are the immutable fields, in the order of timestamps, accounts before transfers, as TigerBeetle's 128-byte records
 * (reference/account, reference/transfer) with the four balance columns and the `closed` flag of accounts set to zero.
 */

import {createHash, type Hash} from 'node:crypto'
import {type Account, AccountFlags, type Transfer} from '@parix/ledger/schema'

export const CHUNK_ROWS = 100_000

export interface Seal {
  format: 'parix-seal/1'
  service: string
  databaseId: string
  clusterId: string | null
  /** The newest timestamp that is covered, in nanoseconds, as text. */
  until: string
  accounts: number
  transfers: number
  /** Over the digests of all chunks. */
  sha256: string
  /** Of every 100,000 rows, accounts first. */
  chunks: string[]
  /** Posted debits (which equal posted credits) of each ledger at `until`. */
  ledgers: Record<string, string>
  /** The digest of the seal before, so that monthly seals form a chain; null for the first. */
  previous: string | null
}

/** Digests rows one after the other; memory does not grow with them. */
export class SealDigest {
  readonly #chunks: string[] = []
  /** Eight bytes of digest for each row, in the order of rows, a buffer for each chunk: they name the first row that differs. */
  readonly #rowDigests: Buffer[] = []
  readonly #record = Buffer.alloc(128)
  #chunk: Hash = createHash('sha256')
  #rows = 0
  accounts = 0
  transfers = 0

  /** @param keepRows whether to keep a digest of each row as well: 8 bytes per row */
  constructor(private readonly keepRows = false) {}

  addAccount(account: Account): void {
    const record = this.#record.fill(0)
    put128(record, 0, account.id)
    putShared(record, account, account.flags & ~AccountFlags.closed)
    this.accounts++
    this.#add(record)
  }

  addTransfer(transfer: Transfer): void {
    const record = this.#record.fill(0)
    put128(record, 0, transfer.id)
    put128(record, 16, transfer.debit_account_id)
    put128(record, 32, transfer.credit_account_id)
    put128(record, 48, transfer.amount)
    put128(record, 64, transfer.pending_id)
    record.writeUInt32LE(transfer.timeout, 108)
    putShared(record, transfer, transfer.flags)
    this.transfers++
    this.#add(record)
  }

  /** Digests of rows, 8 bytes each. */
  rowDigests(): Buffer {
    return Buffer.concat(this.#rowDigests).subarray(0, 8 * (this.keepRows ? this.#rows : 0))
  }

  finish(): {chunks: string[]; sha256: string} {
    const chunks =
      this.#rows % CHUNK_ROWS === 0 ? [...this.#chunks] : [...this.#chunks, this.#chunk.copy().digest('hex')]
    return {chunks, sha256: createHash('sha256').update(chunks.join('\n')).digest('hex')}
  }

  #add(record: Buffer): void {
    this.#chunk.update(record)
    if (this.keepRows) {
      const row = this.#rows % CHUNK_ROWS
      if (row === 0) this.#rowDigests.push(Buffer.alloc(8 * CHUNK_ROWS))
      createHash('sha256')
        .update(record)
        .digest()
        .copy(this.#rowDigests.at(-1)!, 8 * row, 0, 8)
    }
    this.#rows++
    if (this.#rows % CHUNK_ROWS !== 0) return
    this.#chunks.push(this.#chunk.digest('hex'))
    this.#chunk = createHash('sha256')
  }
}

/** user_data at 80, 96 and 104 (after pending_id or credits_posted), ledger at 112, code 116, flags 118, timestamp 120. */
function putShared(record: Buffer, row: Account | Transfer, flags: number): void {
  put128(record, 80, row.user_data_128)
  record.writeBigUInt64LE(row.user_data_64, 96)
  record.writeUInt32LE(row.user_data_32, 104)
  record.writeUInt32LE(row.ledger, 112)
  record.writeUInt16LE(row.code, 116)
  record.writeUInt16LE(flags, 118)
  record.writeBigUInt64LE(row.timestamp, 120)
}

function put128(record: Buffer, at: number, value: bigint): void {
  record.writeBigUInt64LE(value & 0xffff_ffff_ffff_ffffn, at)
  record.writeBigUInt64LE(value >> 64n, at + 8)
}

/** The digest of a seal, for `previous` of the next. */
export function digestOfSeal(seal: Seal): string {
  return createHash('sha256').update(JSON.stringify(seal)).digest('hex')
}

/** The first chunk in which two seals differ, from 0; undefined when all are equal. */
export function firstChunkThatDiffers(was: Pick<Seal, 'chunks'>, is: Pick<Seal, 'chunks'>): number | undefined {
  const length = Math.max(was.chunks.length, is.chunks.length)
  for (let index = 0; index < length; index++) if (was.chunks[index] !== is.chunks[index]) return index
  return undefined
}

/** The first row whose digest differs, from 0; where one list is longer, the first that the other does not have. */
export function firstRowThatDiffers(was: Buffer, is: Buffer): number | undefined {
  const rows = Math.max(was.length, is.length) / 8
  for (let row = 0; row < rows; row++) {
    if (!was.subarray(row * 8, row * 8 + 8).equals(is.subarray(row * 8, row * 8 + 8))) return row
  }
  return undefined
}
