/** @parix/ledger: TigerBeetle's state machine, embedded, durable, exact. See README.md and docs/. */

import {randomFillSync} from 'node:crypto'

export {FieldRangeError, FieldTypeError, RequestError, StoreError, type StoreErrorCode} from './errors.js'
export type {Ledger, RecordReads} from './ledger.js'
export {type MemoryOptions, type OpenOptions, openLedger, openMemoryLedger} from './open-ledger.js'
export type {ExpiredTransfer} from './operations.js'
export type {EncodedRows} from './reads/answers.js'
export type {Batch, EncodedResults} from './records/batch.js'
export {RECORD_LAYOUT, RECORD_WORDS, type RecordField} from './records/layout.js'
export {type History, type RefusedRow, replayHistory} from './replay-history.js'
export * from './schema/index.js'
export {AMOUNT_MAX as amount_max} from './schema/limits.js'
export {copyLedger, replaceLedger} from './store/copy.js'
export type {Disk} from './store/log.js'
export type {Recovered} from './store/recovery.js'
export {restoreLedger} from './store/restore.js'
export type {Snapshot} from './store/rewind.js'

const RANDOM_BITS = 80n
const RANDOM_MASK = (1n << RANDOM_BITS) - 1n

let last = 0n

/**
 * A new 128-bit id: 48 bits of milliseconds above 80 random bits, each greater than the one before.
 * Rising ids are the fast ones here as in TigerBeetle (semantics §18).
 */
export function id(): bigint {
  const now = BigInt(Date.now()) << RANDOM_BITS
  const fresh = now > (last | RANDOM_MASK)
  last = fresh ? now | randomBits() : last + 1n
  return last
}

function randomBits(): bigint {
  const bytes = randomFillSync(Buffer.alloc(10))
  return (bytes.readBigUInt64LE(0) << 16n) | BigInt(bytes.readUInt16LE(8))
}
