import {z} from '@hono/zod-openapi'
import {copyLedger, type History, RECORD_WORDS, type RefusedRow} from '@parix/ledger'
import {type Context, Hono, type MiddlewareHandler} from 'hono'
import {BODY_BYTES_MAX, parseBody, readBody, readBytes} from '../api/body.js'
import {ApiFault, invalid, notFound, notSignedIn, type RequestIdVariables, renderFault} from '../api/problem.js'
import {requireAllDatabases, requireDatabaseOfKey, requireScope} from '../api/rights.js'
import {fieldErrorsOf} from '../api/schemas.js'
import {choose} from '../databases/catalog.js'
import {requireReady} from '../databases/routes.js'
import {CreateDatabaseSchema} from '../databases/schemas.js'
import type {DatabaseRecord} from '../databases/table.js'
import type {Principal} from '../identity/principal.js'
import {createQueue} from '../queue.js'
import type {Service} from '../service.js'
import {ledgerFault} from '../tigerbeetle/ledger-fault.js'
import type {OwnLedger} from '../tigerbeetle/port.js'
import {openSnapshotFiles, type SavedSnapshot, SNAPSHOT_NAME, type SnapshotFiles} from './snapshot-files.js'

interface Environment {
  Variables: RequestIdVariables & {principal: Principal}
}
type Call = Context<Environment>

const SaveSchema = z.strictObject({
  name: z.string().regex(SNAPSHOT_NAME, 'is not a name: letters, digits, ".", "_" and "-", at most 64.'),
  databaseId: z.string(),
  replace: z.boolean().default(false),
})

/** Rows refused, as far as a response names them. */
const REFUSED_SHOWN_MAX = 20
/** Largest body of history: 8,189 rows of each kind, and then some. */
const HISTORY_BYTES_MAX = 16 * 1024 * 1024

/**
 * What only a service with ledgers of its own can do: keep a copy of a ledger under a name and go back to it, and take over the
 * history of another one. For callers that may write; the hosted service has no such routes.
 */
export function snapshotRoutes(service: Service): Hono<Environment> {
  const routes = new Hono<Environment>()
  const queue = createQueue()
  routes.onError((error, c) => renderFault(error, c.get('requestId')))
  const guard: MiddlewareHandler<Environment> = async (c, next) => {
    const principal = service.findPrincipal(c.req.raw.headers)
    if (!principal) throw notSignedIn(c.req.raw.headers)
    requireScope(principal, 'db:write')
    if (service.databases.source.backend.kind !== 'embedded')
      throw new ApiFault(409, 'no-own-ledger', 'The databases of this service are kept in a cluster.')
    c.set('principal', principal)
    return next()
  }
  for (const path of ['/snapshots', '/snapshots/*', '/databases', '/databases/*']) routes.use(path, guard)
  const filesOf = (c: Call) => {
    requireAllDatabases(c.get('principal'))
    return openSnapshotFiles(service.dataDir, c.get('principal').organizationId)
  }
  routes.get('/snapshots', (c) => c.json({snapshots: filesOf(c).list().map(shown)}))
  routes.post('/snapshots', async (c) => {
    const files = filesOf(c)
    const parsed = SaveSchema.safeParse(parseBody(await readBody(c.req.raw, BODY_BYTES_MAX)))
    if (!parsed.success) throw invalid('The snapshot is not valid.', fieldErrorsOf(parsed.error))
    const {name, databaseId, replace} = parsed.data
    const database = requireOwn(service, c.get('principal'), databaseId)
    return queue(databaseId, async () => {
      if (!replace && files.find(name)) throw new ApiFault(409, 'name-taken', `There is a snapshot called ${name}.`)
      return c.json({snapshot: shown(await save(service, database, name, files))}, 201)
    })
  })
  routes.post('/snapshots/:name/restore', (c) => {
    const files = filesOf(c)
    const snapshot = requireSnapshot(files, c.req.param('name'))
    return queue(snapshot.databaseId, async () => {
      await restore(service, c.get('principal'), snapshot, files)
      return c.json({snapshot: shown(snapshot)})
    })
  })
  routes.delete('/snapshots/:name', (c) => {
    const files = filesOf(c)
    const snapshot = requireSnapshot(files, c.req.param('name'))
    return queue(snapshot.databaseId, async () => {
      files.remove(snapshot.name)
      return c.json({snapshot: shown(snapshot)})
    })
  })
  routes.post('/databases', async (c) => {
    requireAllDatabases(c.get('principal'))
    const parsed = CreateDatabaseSchema.safeParse(parseBody(await readBody(c.req.raw, BODY_BYTES_MAX)))
    if (!parsed.success) throw invalid('The request is not valid.', fieldErrorsOf(parsed.error))
    const {name, ...wishes} = parsed.data
    const chosen = choose(wishes)
    if ('fieldErrors' in chosen) throw invalid('The catalog has no such database.', chosen.fieldErrors)
    const record = await service.databases.createToFill(c.get('principal').organizationId, name, chosen.choice)
    if (!record) throw new ApiFault(409, 'name-taken', `Your organization has a database called ${name}.`)
    return c.json({database: {id: record.id, name}}, 201)
  })
  routes.post('/databases/:id/history', async (c) => {
    const id = c.req.param('id')
    requireToFill(service, c.get('principal'), id)
    const history = readHistory(await readBytes(c.req.raw, HISTORY_BYTES_MAX))
    const refused = await onOwnLedger(service, id, (ledger) => ledger.replay(history))
    if (refused.length > 0) throw historyRefused(refused)
    return c.json({accounts: rowsOf(history.accounts), transfers: rowsOf(history.transfers)})
  })
  routes.post('/databases/:id/ready', (c) => {
    const id = c.req.param('id')
    requireToFill(service, c.get('principal'), id)
    service.databases.filled(id)
    return c.json({database: {id}})
  })
  return routes
}

/** Without what nobody can use: where in the log it is. */
function shown({place, ...snapshot}: SavedSnapshot) {
  return {...snapshot, bytes: place.length}
}

async function save(
  service: Service,
  {id, name: database}: DatabaseRecord,
  name: string,
  files: SnapshotFiles,
): Promise<SavedSnapshot> {
  return onOwnLedger(service, id, async (ledger) => {
    const place = await ledger.snapshot()
    const snapshot = {name, databaseId: id, database, savedAt: new Date().toISOString(), place}
    files.add(snapshot, (directory) => copyLedger(ledger.directory, directory, place))
    return snapshot
  })
}

/** By taking back what came after it, where all of it is still there; else by its copy. */
async function restore(
  service: Service,
  principal: Principal,
  {name, databaseId, database, place}: SavedSnapshot,
  files: SnapshotFiles,
): Promise<void> {
  const record = service.databases.find(principal.organizationId, databaseId)
  if (!record) throw new ApiFault(409, 'snapshot-unfit', `The snapshot ${name} is of ${database}, which was removed.`)
  requireReady(record)
  const isPart = await onOwnLedger(service, databaseId, (ledger) =>
    ledger.rewind(place).then(
      () => true,
      (error: {code?: unknown}) => {
        if (error.code === 'SNAPSHOT') return false
        throw error
      },
    ),
  )
  if (isPart) return
  try {
    await service.databases.replaceLedger(databaseId, files.directory(name))
  } catch (error) {
    throw ledgerFault(error)
  }
}

function requireOwn(service: Service, principal: Principal, id: string): DatabaseRecord {
  const record = service.databases.find(principal.organizationId, id)
  if (!record) throw notFound(`There is no database ${id} in your organization.`)
  requireReady(record)
  return record
}

/** @throws ApiFault 404, 403, and 409 for one that is in use: history can't be older than what a ledger has */
function requireToFill(service: Service, principal: Principal, id: string): void {
  requireDatabaseOfKey(principal, id)
  const record = service.databases.find(principal.organizationId, id)
  if (!record) throw notFound(`There is no database ${id} in your organization.`)
  if (record.status !== 'PROVISIONING' || service.databases.latestJob(id, 'provision'))
    throw new ApiFault(409, 'history-refused', `The database ${record.name} is not one that is being filled.`)
}

function requireSnapshot(files: SnapshotFiles, name: string): SavedSnapshot {
  const snapshot = files.find(name)
  if (!snapshot) throw notFound(`There is no snapshot called ${name}.`)
  return snapshot
}

async function onOwnLedger<T>(service: Service, id: string, work: (ledger: OwnLedger) => Promise<T>): Promise<T> {
  try {
    return await service.databases.useLedger(id, async (ledger) => work(ledger.own!))
  } catch (error) {
    if ((error as {code?: unknown}).code === 'ERR_TIMESTAMP_TAKEN')
      throw new ApiFault(409, 'history-refused', 'The database has rows that are newer than this history.')
    throw ledgerFault(error)
  }
}

function historyRefused(refused: RefusedRow[]): ApiFault {
  const errors = refused.slice(0, REFUSED_SHOWN_MAX).map(({kind, id, status}) => `${kind} ${id}: ${status}`)
  return new ApiFault(409, 'history-refused', `${refused.length} rows are not by the rules of the ledger.`, {errors})
}

const HEAD_WORDS = 4

/**
 * History as it is sent: 16 bytes of head, the first four of which are the number of accounts (little-endian), then the records
 * of accounts, then those of transfers, 128 bytes each.
 *
 * @throws ApiFault 422
 */
function readHistory(body: Uint8Array): History {
  const words = new Uint32Array(body.buffer.slice(body.byteOffset, body.byteOffset + (body.length & ~3)))
  const accounts = (words[0] ?? 0) * RECORD_WORDS
  const isWhole = body.length % 4 === 0 && words.length >= HEAD_WORDS + accounts
  if (!isWhole || (words.length - HEAD_WORDS) % RECORD_WORDS !== 0)
    throw invalid('The history is not valid.', {body: ['is not a number of accounts, and records of 128 bytes.']})
  return {
    accounts: words.subarray(HEAD_WORDS, HEAD_WORDS + accounts),
    transfers: words.subarray(HEAD_WORDS + accounts),
  }
}

function rowsOf(words: Uint32Array): number {
  return words.length / RECORD_WORDS
}
