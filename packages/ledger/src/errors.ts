/** Everything this package throws: each error has a `code`, so nobody has to match on text. */

/** A request refused as a whole before anything was stored, as the official client refuses it. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  constructor(
    readonly code: 'ERR_TOO_MUCH_DATA' | 'ERR_CLIENT_CLOSED' | 'ERR_TIMESTAMP_TAKEN' | 'ERR_IN_MEMORY',
    message: string,
  ) {
    super(message)
  }
}

/** A value that does not fit its field. `index` is the event's place in the batch; absent for a filter. */
export class FieldRangeError extends RangeError {
  override readonly name = 'FieldRangeError'
  readonly code = 'ERR_OUT_OF_RANGE'
  constructor(
    readonly field: string,
    readonly index: number | undefined,
    message: string,
  ) {
    super(message)
  }
}

/** A value of the wrong kind, such as a number where 128 bits are wanted as bigint. */
export class FieldTypeError extends TypeError {
  override readonly name = 'FieldTypeError'
  readonly code = 'ERR_INVALID_ARG_TYPE'
  constructor(
    readonly field: string,
    readonly index: number | undefined,
    message: string,
  ) {
    super(message)
  }
}

/**
 * - `LOCKED`: another process holds the directory; the message says who.
 * - `CORRUPT`: stored bytes are not what was written; `file` and `offset` say where.
 * - `MISSING`: files of the ledger, or its whole directory, are gone; nothing is created in their place.
 * - `SNAPSHOT`: a snapshot is of another ledger, or of a part of the log that is gone.
 * - `UNUSABLE`: the system refuses the files: permissions, another owner, a read-only disk, a directory where a file belongs.
 * - `VERSION`: written by a newer version of this package.
 * - `NO_SPACE`: the disk is full; the call left nothing behind and can be repeated.
 * - `WRITE_FAILED`: the disk refused for another reason; as NO_SPACE.
 * - `BROKEN`: a failed write could not be taken back; the ledger must be opened again.
 */
export type StoreErrorCode =
  | 'LOCKED'
  | 'CORRUPT'
  | 'MISSING'
  | 'SNAPSHOT'
  | 'UNUSABLE'
  | 'VERSION'
  | 'NO_SPACE'
  | 'WRITE_FAILED'
  | 'BROKEN'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly file: string | undefined
  readonly offset: number | undefined
  constructor(
    readonly code: StoreErrorCode,
    message: string,
    details: {file?: string; offset?: number; cause?: unknown} = {},
  ) {
    super(message, details.cause === undefined ? undefined : {cause: details.cause})
    this.file = details.file
    this.offset = details.offset
  }
}
