/** The eight operations, as they appear in the path `/databases/{id}/tb/{operation}`. */
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

/** The answer to every operation; `responsePayload` holds the rows. `mode: "stub"`: nothing was stored. */
export interface OperationAnswer<Row = unknown> {
  ok: boolean
  operation: Operation
  operationLabel: string
  databaseId: string
  databaseName: string
  /**
   * Identifies the ledger behind the database: the same for as long as it exists, and another for any other ledger, one
   * under the same database id included. Absent where the service has none.
   */
  ledgerId?: string | null
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
