import type {Operation} from '@parix/kit/contract'
import type {DatabaseRecord} from '../databases/table.js'
import {OPERATION_FACTS} from './fields.js'

export interface EnvelopeFacts {
  operation: Operation
  database: DatabaseRecord
  clusterId: string
  targetHost: string
  mode: 'live' | 'stub'
  message: string
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * The answer to an operation.
 *
 * @param request the body as it came, known to be JSON: it is repeated byte for byte, so nothing in it can be rounded
 * @param rows the rows as JSON
 */
export function operationAnswer(facts: EnvelopeFacts, request: Uint8Array, rows: Uint8Array): Response {
  const {operation, database, clusterId, targetHost, mode, message} = facts
  const {label, docsUrl} = OPERATION_FACTS[operation]
  const head = JSON.stringify({
    ok: true,
    operation,
    operationLabel: label,
    databaseId: database.id,
    databaseName: database.name,
    clusterId,
    provider: database.provider,
    replicaCount: database.nodeCount,
    targetHost,
    mode,
    persisted: mode === 'live',
    docsUrl,
    message,
  })
  const body = Buffer.concat([
    Buffer.from(`${head.slice(0, -1)},"requestPayload":`),
    withoutMark(request),
    Buffer.from(',"responsePayload":'),
    rows,
    Buffer.from('}'),
  ])
  return new Response(body, {headers: {'content-type': 'application/json', 'cache-control': 'no-store'}})
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return BYTE_ORDER_MARK.equals(bytes.subarray(0, 3)) ? bytes.subarray(3) : bytes
}
