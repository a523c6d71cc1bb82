/** The eight operations, as they stand in the path `/databases/{id}/tb/{operation}`. */
export const OPERATIONS = [
  'create_accounts',
  'create_transfers',
  'lookup_accounts',
  'lookup_transfers',
  'get_account_transfers',
  'get_account_balances',
  'query_accounts',
  'query_transfers',
] as const

export type Operation = (typeof OPERATIONS)[number]

/** TigerBeetle's own limit for one request; the service takes 8,190, the cluster behind it one less. */
export const BATCH_EVENTS_MAX = 8189

/** An integer on the wire: a decimal string where it can pass 2^53, else either. */
export type WireInteger = string | number

export interface WireAccount {
  id: WireInteger
  debits_pending?: WireInteger
  debits_posted?: WireInteger
  credits_pending?: WireInteger
  credits_posted?: WireInteger
  user_data_128?: WireInteger
  user_data_64?: WireInteger
  user_data_32?: number
  reserved?: number
  ledger: number
  code: number
  flags?: number
  timestamp?: WireInteger
}

export interface WireTransfer {
  id: WireInteger
  debit_account_id?: WireInteger
  credit_account_id?: WireInteger
  amount?: WireInteger
  pending_id?: WireInteger
  user_data_128?: WireInteger
  user_data_64?: WireInteger
  user_data_32?: number
  timeout?: number
  ledger?: number
  code?: number
  flags?: number
  timestamp?: WireInteger
}

export interface WireAccountBalance {
  debits_pending: WireInteger
  debits_posted: WireInteger
  credits_pending: WireInteger
  credits_posted: WireInteger
  timestamp: WireInteger
}

export interface WireAccountFilter {
  account_id: WireInteger
  user_data_128?: WireInteger
  user_data_64?: WireInteger
  user_data_32?: number
  code?: number
  timestamp_min?: WireInteger
  timestamp_max?: WireInteger
  limit: number
  flags: number
}

export interface WireQueryFilter {
  user_data_128?: WireInteger
  user_data_64?: WireInteger
  user_data_32?: number
  ledger?: number
  code?: number
  timestamp_min?: WireInteger
  timestamp_max?: WireInteger
  limit: number
  flags?: number
}

/** One row of a create answer: the event's place in the batch, what became of it, and its timestamp (ns). */
export interface CreateResultRow {
  index: number
  result: 'created' | 'exists' | string
  timestamp: WireInteger
}

/** The answer to every operation; `responsePayload` holds the rows. `mode: "stub"`: nothing was stored. */
export interface OperationAnswer<Row = unknown> {
  ok: boolean
  operation: Operation
  operationLabel: string
  databaseId: string
  databaseName: string
  clusterId: string | null
  provider: string | null
  replicaCount: number | null
  targetHost: string | null
  mode: 'live' | 'stub'
  persisted: boolean
  docsUrl: string | null
  message: string
  requestPayload: unknown
  responsePayload: Row[]
}
