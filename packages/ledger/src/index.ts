/** @parix/ledger: TigerBeetle's state machine, embedded, durable, exact. See README.md and docs/. */

export {FieldRangeError, FieldTypeError, RequestError, StoreError, type StoreErrorCode} from './errors.js'
export {AccountFilterFlags, AccountFlags, QueryFilterFlags, TransferFlags} from './flags.js'
export {amount_max, id} from './id.js'
export type {Ledger} from './ledger.js'
export {type OpenOptions, openLedger} from './open-ledger.js'
export type {Batch} from './records/batch.js'
export {BATCH_EVENTS_MAX} from './records/layout.js'
export {CreateAccountStatus, CreateTransferStatus} from './statuses.js'
export type {Disk} from './store/disk.js'
export type {Recovered} from './store/recovery.js'
export type * from './types.js'
