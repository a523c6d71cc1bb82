/**
 * @parix/ledger/schema: TigerBeetle's vocabulary – records, fields, flags, statuses and limits of release 0.17 – as
 * plain tables and types. It imports nothing, so that a command line can load it without the ledger.
 */

export * from './flags.js'
export * from './limits.js'
export * from './records.js'
export * from './statuses.js'
