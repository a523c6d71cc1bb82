import type {Operation} from '@parix/kit/contract'
import {AccountFilterFlags} from '@parix/ledger/schema'

/** What an account filter's flags are when left out: debits and credits. An explicit 0 finds nothing, as in TigerBeetle. */
export const ACCOUNT_FILTER_FLAGS_DEFAULT = AccountFilterFlags.debits | AccountFilterFlags.credits

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
