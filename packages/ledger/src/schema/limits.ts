/** Most events or ids in one request (semantics §2): a message of 1 MiB, less its header and one unit of 128 bytes. */
export const BATCH_EVENTS_MAX = 8189

/** Most rows in one response (semantics §2). */
export const PAGE_ROWS_MAX = 8189

/** The largest timestamp, in nanoseconds since 1970: 2^63 − 1. */
export const TIMESTAMP_MAX = (1n << 63n) - 1n

/** As an amount: as much as possible. Posts a pending transfer in full, or balances as far as the accounts allow. */
export const AMOUNT_MAX = (1n << 128n) - 1n
