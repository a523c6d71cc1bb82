/** @parix/ledger: TigerBeetle's state machine, embedded, durable, exact. See README.md and docs/. */

export {FieldRangeError, FieldTypeError, RequestError, StoreError, type StoreErrorCode} from './errors.js'
export {id} from './id.js'
export type {Ledger} from './ledger.js'
export type {EncodedResults} from './machine/results.js'
export {type OpenOptions, openLedger} from './open-ledger.js'
export type {ExpiredTransfer} from './operations.js'
export type {Batch} from './records/batch.js'
export {RECORD_LAYOUT, RECORD_WORDS, type RecordField} from './records/layout.js'
export * from './schema/index.js'
export {AMOUNT_MAX as amount_max} from './schema/limits.js'
export type {Disk} from './store/disk.js'
export type {Recovered} from './store/recovery.js'
