import type {ServerResponse} from 'node:http'
import {OPERATIONS, type Operation} from '@parix/kit/contract'
import {BufferPool, OPERATION_BYTES_MAX, readBody} from '../api/body.js'
import {notFound} from '../api/problem.js'
import {requireScope} from '../api/rights.js'
import {type ApiContext, type ApiRoutes, addRoute} from '../api/route.js'
import {responses} from '../api/schemas.js'
import {requireDatabase, requireReady} from '../databases/routes.js'
import {DatabaseIdSchema} from '../databases/schemas.js'
import type {DatabaseRecord} from '../databases/table.js'
import type {Service} from '../service.js'
import {type Memory, operationResponse} from './envelope.js'
import {ledgerFault} from './ledger-fault.js'
import {OPERATION_FACTS} from './operations.js'
import {RecordPool} from './records.js'
import {type Outcome, type PreparedOperation, prepareOperation} from './run.js'
import {OPERATION_SCHEMAS, responseSchema} from './schemas.js'

/** The eight TigerBeetle operations of a database. */
export function addOperationRoutes(routes: ApiRoutes, service: Service): void {
  const pools = {records: new RecordPool(), bytes: new BufferPool()}
  for (const operation of OPERATIONS) {
    const {label, docsUrl, scope} = OPERATION_FACTS[operation]
    const {body, row, example} = OPERATION_SCHEMAS[operation]
    const refusals = [400, 403, 404, 409, 413, 415, 422, 503]
    addRoute(
      routes,
      {
        method: 'post',
        path: `/databases/{id}/tb/${operation}`,
        operationId: operation,
        tags: ['TigerBeetle operations'],
        summary: label,
        description: `Needs the scope \`${scope}\`. ${scope === 'db:write' ? CREATE_WORDS : READ_WORDS}`,
        externalDocs: {url: docsUrl, description: 'What TigerBeetle does'},
        request: {
          params: DatabaseIdSchema,
          body: {required: true, content: {'application/json': {schema: body, example}}},
        },
        responses: responses(200, '`responsePayload` holds the rows.', responseSchema(row), refusals, CONFLICTS[scope]),
      },
      (c) => handleOperation(service, c, operation, pools),
    )
  }
  routes.post('/databases/:id/tb/:operation', (c) => {
    throw notFound(`There is no operation ${c.req.param('operation')}. There is ${OPERATIONS.join(', ')}.`)
  })
}

const CREATE_WORDS =
  'An event is created, or exists with the same contents, or is refused; a batch is not all-or-nothing unless its events are linked. ' +
  'Where no response came, send the same bytes again: what was created before then `exists`.'
const READ_WORDS = 'At most 8189 rows. A filter that TigerBeetle calls invalid finds nothing.'
const BEING_REMOVED = 'the database is being removed, or could not be provisioned.'
const CONFLICTS = {
  'db:write': {409: `TigerBeetle refused events: \`tbResults\` says which. Or ${BEING_REMOVED}`},
  'db:read': {409: `Not possible: ${BEING_REMOVED}`},
}

async function handleOperation(
  service: Service,
  c: ApiContext,
  operation: Operation,
  {records, bytes}: {records: RecordPool; bytes: BufferPool},
): Promise<Response> {
  requireScope(c.get('principal'), OPERATION_FACTS[operation].scope)
  requireDatabase(service, c)
  const body = await readBody(c.req.raw, OPERATION_BYTES_MAX, c.env?.incoming, bytes)
  c.set('requestBody', body)
  const prepared = prepareOperation(operation, body, records)
  // Looked up again: a body takes time to arrive, and the database may be on its way out by now.
  const database = requireDatabase(service, c)
  requireReady(database)
  const {stub} = service.faults.of(database.organizationId)
  const outcome = stub ? prepared.pretend() : await runOnLedger(service, database, prepared)
  const {backend} = service.databases.source
  const isEmbedded = backend.kind === 'embedded'
  const facts = {
    operation,
    database,
    ledgerId: database.ledgerId,
    provider: isEmbedded ? database.provider : null,
    clusterId: isEmbedded ? '0' : backend.clusterId,
    replicaCount: isEmbedded ? database.nodeCount : backend.addresses.length,
    targetHost: isEmbedded ? new URL(service.baseUrl).host : backend.addresses.join(','),
    mode: stub ? 'stub' : 'live',
    message: outcome.message,
  } as const
  const response = operationResponse(facts, body, outcome.rows, lent(bytes, c.env?.outgoing))
  bytes.giveBack(body)
  return response
}

/** Memory of a response that is used again when all of it is with the system; a connection that breaks keeps it. */
function lent(pool: BufferPool, outgoing: ServerResponse | undefined): Memory {
  return {
    take(length) {
      if (outgoing === undefined) return Buffer.allocUnsafe(length)
      const memory = pool.take(length)
      outgoing.once('finish', () => pool.giveBack(memory))
      return memory
    },
  }
}

async function runOnLedger(service: Service, {id}: DatabaseRecord, prepared: PreparedOperation): Promise<Outcome> {
  try {
    return await service.databases.useLedger(id, async (ledger) => {
      // A ledger does one thing after the other: what has timed out is released first, without waiting for it here.
      const [, outcome] = await Promise.all([ledger.expirePendingTransfers(), prepared.run(ledger)])
      return outcome
    })
  } catch (error) {
    throw ledgerFault(error)
  }
}
