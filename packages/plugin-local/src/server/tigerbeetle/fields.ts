import type {Operation} from '@parix/kit/contract'

/** A whole number of TigerBeetle's, none of them signed. */
export interface Field {
  readonly name: string
  readonly bits: 16 | 32 | 64 | 128
}

/** A field of a 128-byte record (semantics §1): where it starts, counted in 32-bit words, lowest word first. */
export interface RecordField extends Field {
  /** The name's bytes. */
  readonly key: Uint8Array
  readonly word: number
  /** For the 16-bit field that lies in the upper half of its word. */
  readonly shift: 0 | 16
}

function at(word: number, name: string, bits: Field['bits'], shift: 0 | 16 = 0): RecordField {
  return {name, key: Buffer.from(name), bits, word, shift}
}

export const ACCOUNT_FIELDS: readonly RecordField[] = [
  at(0, 'id', 128),
  at(4, 'debits_pending', 128),
  at(8, 'debits_posted', 128),
  at(12, 'credits_pending', 128),
  at(16, 'credits_posted', 128),
  at(20, 'user_data_128', 128),
  at(24, 'user_data_64', 64),
  at(26, 'user_data_32', 32),
  at(27, 'reserved', 32),
  at(28, 'ledger', 32),
  at(29, 'code', 16),
  at(29, 'flags', 16, 16),
  at(30, 'timestamp', 64),
]

export const TRANSFER_FIELDS: readonly RecordField[] = [
  at(0, 'id', 128),
  at(4, 'debit_account_id', 128),
  at(8, 'credit_account_id', 128),
  at(12, 'amount', 128),
  at(16, 'pending_id', 128),
  at(20, 'user_data_128', 128),
  at(24, 'user_data_64', 64),
  at(26, 'user_data_32', 32),
  at(27, 'timeout', 32),
  at(28, 'ledger', 32),
  at(29, 'code', 16),
  at(29, 'flags', 16, 16),
  at(30, 'timestamp', 64),
]

export const ACCOUNT_BALANCE_FIELDS: readonly Field[] = [
  {name: 'debits_pending', bits: 128},
  {name: 'debits_posted', bits: 128},
  {name: 'credits_pending', bits: 128},
  {name: 'credits_posted', bits: 128},
  {name: 'timestamp', bits: 64},
]

const USER_DATA: readonly Field[] = [
  {name: 'user_data_128', bits: 128},
  {name: 'user_data_64', bits: 64},
  {name: 'user_data_32', bits: 32},
]

const TIMES_LIMIT_FLAGS: readonly Field[] = [
  {name: 'timestamp_min', bits: 64},
  {name: 'timestamp_max', bits: 64},
  {name: 'limit', bits: 32},
  {name: 'flags', bits: 32},
]

export const ACCOUNT_FILTER_FIELDS: readonly Field[] = [
  {name: 'account_id', bits: 128},
  ...USER_DATA,
  {name: 'code', bits: 16},
  ...TIMES_LIMIT_FLAGS,
]

export const QUERY_FILTER_FIELDS: readonly Field[] = [
  ...USER_DATA,
  {name: 'ledger', bits: 32},
  {name: 'code', bits: 16},
  ...TIMES_LIMIT_FLAGS,
]

/** Most events or ids in a request and most rows in an answer, by TigerBeetle (semantics §2). */
export const EVENTS_MAX = 8189

/** What the service's contract says a request may hold: one more than TigerBeetle takes. */
export const BODY_ITEMS_MAX = 8190

/** What an account filter's flags are when left out: debits and credits. An explicit 0 finds nothing, as in TigerBeetle. */
export const ACCOUNT_FILTER_FLAGS_DEFAULT = 3

export type RequestKind = 'events' | 'ids' | 'account-filter' | 'query-filter'

export interface OperationFacts {
  label: string
  request: RequestKind
  scope: 'db:read' | 'db:write'
  /** TigerBeetle's own page on the operation. */
  docsUrl: string
}

function facts(label: string, request: RequestKind, page: string): OperationFacts {
  const scope = request === 'events' ? 'db:write' : 'db:read'
  return {label, request, scope, docsUrl: `https://docs.tigerbeetle.com/reference/requests/${page}/`}
}

export const OPERATION_FACTS: Record<Operation, OperationFacts> = {
  create_accounts: facts('Create accounts', 'events', 'create_accounts'),
  create_transfers: facts('Create transfers', 'events', 'create_transfers'),
  lookup_accounts: facts('Look up accounts', 'ids', 'lookup_accounts'),
  lookup_transfers: facts('Look up transfers', 'ids', 'lookup_transfers'),
  get_account_transfers: facts('Get account transfers', 'account-filter', 'get_account_transfers'),
  get_account_balances: facts('Get account balances', 'account-filter', 'get_account_balances'),
  query_accounts: facts('Query accounts', 'query-filter', 'query_accounts'),
  query_transfers: facts('Query transfers', 'query-filter', 'query_transfers'),
}
