import type {Operation} from '@parix/kit/contract'
import type {DatabaseRecord} from '../databases/table.js'
import {OPERATION_FACTS} from './operations.js'
import type {Rows} from './rows.js'

/** Where the memory of a response is from. */
export interface Memory {
  take(length: number): Buffer
}

export interface EnvelopeFacts {
  operation: Operation
  database: DatabaseRecord
  ledgerId: string | null
  provider: string | null
  clusterId: string
  replicaCount: number
  targetHost: string
  mode: 'live' | 'stub'
  message: string
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * The response to an operation.
 *
 * @param request the body as it came, known to be JSON: it is repeated byte for byte, so nothing in it can be rounded
 */
export function operationResponse(facts: EnvelopeFacts, request: Uint8Array, rows: Rows, memory: Memory): Response {
  const {operation, database, ledgerId, provider, clusterId, replicaCount, targetHost, mode, message} = facts
  const {label, docsUrl} = OPERATION_FACTS[operation]
  const head = JSON.stringify({
    ok: true,
    operation,
    operationLabel: label,
    databaseId: database.id,
    databaseName: database.name,
    ledgerId,
    clusterId,
    provider,
    replicaCount,
    targetHost,
    mode,
    persisted: mode === 'live',
    docsUrl,
    message,
  })
  const before = Buffer.from(`${head.slice(0, -1)},"requestPayload":`)
  const payload = withoutMark(request)
  const body = memory.take(before.length + payload.length + BETWEEN.length + rows.bytesMax + 1)
  body.set(before)
  body.set(payload, before.length)
  body.set(BETWEEN, before.length + payload.length)
  const end = rows.writeTo(body, before.length + payload.length + BETWEEN.length)
  body[end] = CLOSE_OBJECT
  const headers = {'content-type': 'application/json', 'cache-control': 'no-store'}
  return new Response(body.subarray(0, end + 1), {headers})
}

const BETWEEN = Buffer.from(',"responsePayload":')
const CLOSE_OBJECT = 0x7d

function withoutMark(bytes: Uint8Array): Uint8Array {
  return BYTE_ORDER_MARK.equals(bytes.subarray(0, 3)) ? bytes.subarray(3) : bytes
}
