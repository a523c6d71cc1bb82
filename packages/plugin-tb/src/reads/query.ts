import {type Api, type ApiRequest, type ApiResponse, PAGE_BYTES_MAX, readChecked, readOperation} from '@parix/kit/api'
import type {Operation, OperationResponse} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {excerpt} from '@parix/kit/text'
import {type Envelope, envelopeDoubt, isStub} from '../results/envelope.js'
import {normalRows, type Row, type RowKind} from './rows.js'

/** Which rows each reading operation gives. */
export const ROWS: Partial<Record<Operation, RowKind>> = {
  lookup_accounts: 'account',
  lookup_transfers: 'transfer',
  get_account_transfers: 'transfer',
  get_account_balances: 'balance',
  query_accounts: 'account',
  query_transfers: 'transfer',
}

/**
 * One of the reading operations; sent again after a fault, since it changes nothing.
 *
 * @throws ParixError by the status
 */
export async function requestRows(
  api: Api,
  databaseId: string,
  operation: Operation,
  body: string,
  how: Pick<ApiRequest, 'responseMemory' | 'signal' | 'onSent'> = {},
): Promise<ApiResponse> {
  const response = await api.request({
    method: 'POST',
    target: `/databases/${encodeURIComponent(databaseId)}/tb/${operation}`,
    headers: {'content-type': 'application/json', accept: 'application/json'},
    body,
    idempotent: true,
    responseBytesMax: PAGE_BYTES_MAX,
    ...how,
  })
  if (response.status < 200 || response.status > 299) throw api.refusal(response)
  return response
}

/** As `requestRows`, with the rows exact: 64 and 128 bits as decimal strings. @throws ParixError as `readEnvelope` */
export async function readRows(
  api: Api,
  databaseId: string,
  operation: Operation,
  body: string,
): Promise<OperationResponse<Row>> {
  const response = await requestRows(api, databaseId, operation, body)
  const envelope = readEnvelope(response, databaseId, operation)
  return {...envelope, responsePayload: normalRows(ROWS[operation]!, envelope.responsePayload)}
}

/**
 * The response as the contract has it.
 *
 * @throws ParixError UNAVAILABLE where it is not, or is one to another request; FAILED where it is that of a stub, whose
 *   rows mean nothing
 */
export function readEnvelope(
  response: ApiResponse,
  databaseId: string,
  operation: Operation,
): OperationResponse<unknown> {
  const reply = readChecked(response, readOperation)
  const envelope = reply as unknown as Envelope
  if (isStub(envelope)) throw stubResponse(envelope.message, databaseId)
  const doubt = envelopeDoubt(envelope, {operation, database: {id: databaseId, name: databaseId}})
  if (doubt === undefined) return reply
  const says = typeof envelope.message === 'string' ? ` The service says: ${excerpt(envelope.message, 300)}` : ''
  throw new ParixError('UNAVAILABLE', `The response is not the result of ${operation}: ${doubt}.${says}`, {
    code: 'unreadable_answer',
  })
}

/** Flaw 16: a response of a gateway that stores nothing must not look like one of a ledger. */
export function stubResponse(message: unknown, databaseId: string): ParixError {
  const said = typeof message === 'string' && message !== '' ? [`The service says: ${message}`] : []
  return new ParixError('FAILED', 'NOTHING WAS STORED OR READ: this database is a stub, with no ledger behind it.', {
    code: 'not_persisted',
    errors: said,
    next: nextCommand('database info', {args: [databaseId]}),
    retryable: false,
  })
}
