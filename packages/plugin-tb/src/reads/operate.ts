import {type Api, PAGE_BYTES_MAX, readChecked, readOperation} from '@parix/kit/api'
import type {Operation, OperationAnswer} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {normalRows, type Row, type RowKind} from './rows.js'

/** Which rows each reading operation gives. */
const ROWS: Partial<Record<Operation, RowKind>> = {
  lookup_accounts: 'account',
  lookup_transfers: 'transfer',
  get_account_transfers: 'transfer',
  get_account_balances: 'balance',
  query_accounts: 'account',
  query_transfers: 'transfer',
}

/**
 * One of the reading operations; sent again after a fault, since it changes nothing. The rows are exact: 64 and 128 bits
 * as decimal strings.
 *
 * @throws ParixError FAILED where the gateway is a stub: its rows mean nothing
 */
export async function readRows(
  api: Api,
  databaseId: string,
  operation: Operation,
  body: string,
): Promise<OperationAnswer<Row>> {
  const answer = await api.request({
    method: 'POST',
    target: `/databases/${encodeURIComponent(databaseId)}/tb/${operation}`,
    headers: {'content-type': 'application/json', accept: 'application/json'},
    body,
    idempotent: true,
    responseBytesMax: PAGE_BYTES_MAX,
  })
  if (answer.status < 200 || answer.status > 299) throw api.refusal(answer)
  const envelope = readChecked(answer, readOperation)
  if (envelope.mode === 'stub' || envelope.persisted === false) throw stubAnswer(envelope.message)
  return {...envelope, responsePayload: normalRows(ROWS[operation]!, envelope.responsePayload)}
}

/** Flaw 16: an answer of a gateway that stores nothing must not look like one of a ledger. */
export function stubAnswer(message: unknown): ParixError {
  const said = typeof message === 'string' && message !== '' ? [`The service says: ${message}`] : []
  return new ParixError(
    'FAILED',
    'NOTHING WAS STORED OR READ: this database answers as a stub, there is no ledger behind it.',
    {
      code: 'not_persisted',
      errors: said,
      next: 'parix database info',
      retryable: false,
    },
  )
}
