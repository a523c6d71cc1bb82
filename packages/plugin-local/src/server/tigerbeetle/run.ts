import type {Operation, RefusedEvent} from '@parix/kit/contract'
import {type EncodedResults, type EncodedRows, RECORD_LAYOUT, type RecordReads} from '@parix/ledger'
import {
  type AccountFilter,
  CREATED,
  CreateAccountStatus,
  CreateTransferStatus,
  FIELDS,
  type Field,
  PAGE_ROWS_MAX,
  type QueryFilter,
  QueryFilterFlags,
  statusName,
} from '@parix/ledger/schema'
import {parseBody} from '../api/body.js'
import {ApiFault} from '../api/problem.js'
import {readEvents, readFilter, readIds} from './events.js'
import {ACCOUNT_FILTER_FLAGS_DEFAULT} from './operations.js'
import type {LedgerPort} from './port.js'
import {recordRows} from './record-rows.js'
import {asClientInteger, decodeRecords, isLinked, type RecordPool, type Records} from './records.js'
import {createdRows, type Rows, rowsOf} from './rows.js'

/** What an operation found or did: its rows as JSON, and a sentence. */
export interface Outcome {
  rows: Rows
  message: string
}

/** A request that has been read and found valid; what is left is to ask the ledger. */
export interface PreparedOperation {
  run(ledger: LedgerPort): Promise<Outcome>
  /** The response of a gateway that stores nothing. */
  pretend(): Outcome
}

/**
 * @param pool what large requests are read into; it has the memory back when the operation has run
 * @throws ApiFault 400, 413, 422
 */
export function prepareOperation(operation: Operation, body: Uint8Array, pool: RecordPool): PreparedOperation {
  switch (operation) {
    case 'create_accounts':
      return prepareCreate(operation, readEvents(body, RECORD_LAYOUT.account, 'account', pool), createAccounts, pool)
    case 'create_transfers':
      return prepareCreate(operation, readEvents(body, RECORD_LAYOUT.transfer, 'transfer', pool), createTransfers, pool)
    case 'lookup_accounts':
      return prepareRecords(readIds(parseBody(body)), 'lookupAccounts', 'account')
    case 'lookup_transfers':
      return prepareRecords(readIds(parseBody(body)), 'lookupTransfers', 'transfer')
    case 'get_account_transfers':
      return prepareRecords(accountFilter(body), 'getAccountTransfers', 'transfer')
    case 'get_account_balances':
      return prepareRead(
        accountFilter(body),
        (ledger, filter) => ledger.getAccountBalances(filter),
        FIELDS.account_balance,
      )
    case 'query_accounts':
      return prepareRecords(queryFilter(body), 'queryAccounts', 'account')
    case 'query_transfers':
      return prepareRecords(queryFilter(body), 'queryTransfers', 'transfer')
  }
}

async function createAccounts(ledger: LedgerPort, records: Records): Promise<EncodedResults> {
  if (ledger.createAccountsEncoded) return ledger.createAccountsEncoded(records)
  return asColumns(await ledger.createAccounts(decodeRecords(records, RECORD_LAYOUT.account)))
}

async function createTransfers(ledger: LedgerPort, records: Records): Promise<EncodedResults> {
  if (ledger.createTransfersEncoded) return ledger.createTransfersEncoded(records)
  return asColumns(await ledger.createTransfers(decodeRecords(records, RECORD_LAYOUT.transfer)))
}

function prepareCreate(
  operation: 'create_accounts' | 'create_transfers',
  records: Records,
  create: (ledger: LedgerPort, records: Records) => Promise<EncodedResults>,
  pool: RecordPool,
): PreparedOperation {
  const what = operation === 'create_accounts' ? 'account' : 'transfer'
  return {
    async run(ledger) {
      const results = await create(ledger, records)
      const refused = refusedEvents(operation, records, results)
      const total = records.count
      pool.giveBack(records)
      if (refused.length > 0) throw refusal(refused, total, what, await timestampFloor(operation, ledger, refused))
      const created = countCreated(results)
      const existed = total - created
      const also = existed > 0 ? ` ${count(existed, what)} existed already, with the same contents.` : ''
      return {rows: createdRows(results), message: `Created ${count(created, what)}.${also}`}
    },
    pretend() {
      const timestamps = new BigUint64Array(records.count)
      const statuses = new Uint32Array(records.count).fill(CREATED)
      return {rows: createdRows({timestamps, statuses}), message: NOT_STORED}
    },
  }
}

/** Which timestamp an imported event has to exceed, where one did not: that of the newest object. */
async function timestampFloor(
  operation: 'create_accounts' | 'create_transfers',
  ledger: LedgerPort,
  refused: readonly RefusedEvent[],
): Promise<bigint | undefined> {
  if (!refused.some(isRegress)) return undefined
  const newest = {...ANY, limit: 1, flags: QueryFilterFlags.reversed}
  const rows: {timestamp: bigint}[] = await (operation === 'create_accounts'
    ? ledger.queryAccounts(newest)
    : ledger.queryTransfers(newest)
  ).catch(() => [])
  return rows[0]?.timestamp
}

const ANY = {
  ...{user_data_128: 0n, user_data_64: 0n, user_data_32: 0, ledger: 0, code: 0},
  ...{timestamp_min: 0n, timestamp_max: 0n},
}

function isRegress({result}: RefusedEvent): boolean {
  return result === 'imported_event_timestamp_must_not_regress'
}

/** @param floor of the timestamps, see `timestampFloor` */
function refusal(refused: RefusedEvent[], total: number, what: string, floor: bigint | undefined): ApiFault {
  const [first] = refused
  const rest = total - refused.length
  const which = `${first!.result} at index ${first!.index}${refused.length > 1 ? ', and more.' : '.'}`
  const others =
    rest === 0 ? '' : rest === 1 ? ' The other one is in the database.' : ` The other ${rest} are in the database.`
  const exceed = `must be later than ${floor}, the timestamp of the newest ${what}, and not that of an object of the other kind.`
  const detail = `TigerBeetle refused ${refused.length} of ${count(total, what)}: ${which}${others}`
  if (floor === undefined) return new ApiFault(409, 'events-refused', detail, {tbResults: refused})
  const fieldErrors = Object.fromEntries(refused.filter(isRegress).map(({index}) => [`[${index}].timestamp`, [exceed]]))
  const sentence = `${detail} An imported timestamp ${exceed}`
  return new ApiFault(409, 'events-refused', sentence, {tbResults: refused, fieldErrors})
}

/** A read of accounts or transfers: from records where the ledger gives them, else from objects. */
function prepareRecords<Name extends keyof RecordReads>(
  request: Parameters<RecordReads[Name]>[0] & Parameters<LedgerPort[Name]>[0],
  name: Name,
  kind: 'account' | 'transfer',
): PreparedOperation {
  const readObjects = (ledger: LedgerPort) =>
    (ledger[name] as (request: unknown) => Promise<object[]>).call(ledger, request)
  const fromObjects = prepareRead(request, readObjects, FIELDS[kind])
  return {
    async run(ledger) {
      if (!ledger.records) return fromObjects.run(ledger)
      const read = ledger.records[name] as (request: unknown) => Promise<EncodedRows>
      const found = await read(request)
      return {rows: recordRows(found, RECORD_LAYOUT[kind]), message: `Found ${count(found.count, 'row')}.`}
    },
    pretend: fromObjects.pretend,
  }
}

function prepareRead<Request>(
  request: Request,
  read: (ledger: LedgerPort, request: Request) => Promise<object[]>,
  fields: readonly Field[],
): PreparedOperation {
  return {
    async run(ledger) {
      const rows = await read(ledger, request)
      return {rows: rowsOf(rows, fields), message: `Found ${count(rows.length, 'row')}.`}
    },
    pretend: () => ({rows: rowsOf([], fields), message: NOT_STORED}),
  }
}

const NOT_STORED = 'This is a stub: the request was checked, and nothing was stored or read.'

function accountFilter(body: Uint8Array): AccountFilter {
  const given = readFilter(parseBody(body), FIELDS.account_filter, ['account_id'])
  return filter<AccountFilter>(given, FIELDS.account_filter, BigInt(ACCOUNT_FILTER_FLAGS_DEFAULT))
}

function queryFilter(body: Uint8Array): QueryFilter {
  return filter<QueryFilter>(readFilter(parseBody(body), FIELDS.query_filter, []), FIELDS.query_filter, 0n)
}

/** What was left out is 0, as in TigerBeetle, but for the two fields for which 0 finds nothing. */
function filter<T>(given: Map<string, bigint>, fields: readonly Field[], flags: bigint): T {
  const defaults: Record<string, bigint> = {limit: BigInt(PAGE_ROWS_MAX), flags}
  const entries = fields.map((field) => {
    const value = given.get(field.name) ?? defaults[field.name] ?? 0n
    return [field.name, asClientInteger(field, value)]
  })
  return Object.fromEntries(entries) as T
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}

/** The results that a client gives as objects, as columns. */
function asColumns(results: readonly {timestamp: bigint; status: number}[]): EncodedResults {
  const columns = {timestamps: new BigUint64Array(results.length), statuses: new Uint32Array(results.length)}
  results.forEach(({timestamp, status}, i) => {
    columns.timestamps[i] = timestamp
    columns.statuses[i] = status
  })
  return columns
}

/**
 * What TigerBeetle refused: one entry for each event that is not in the database now. An event that `exists` is in it, as
 * one that was created is, so it isn't refused; except in a linked chain, where `exists` is what broke the chain and the
 * only reason that its other events have.
 */
function refusedEvents(operation: Operation, records: Records, {statuses}: EncodedResults): RefusedEvent[] {
  const kind = operation === 'create_accounts' ? 'account' : 'transfer'
  const exists = kind === 'account' ? CreateAccountStatus.exists : CreateTransferStatus.exists
  const refused: RefusedEvent[] = []
  for (let index = 0; index < statuses.length; index++) {
    const code = statuses[index]!
    if (code === CREATED || (code === exists && !isInChain(records, index))) continue
    refused.push({index, result: statusName(kind, code) ?? `result_${code}`, code})
  }
  return refused
}

function isInChain(records: Records, index: number): boolean {
  return isLinked(records, index) || (index > 0 && isLinked(records, index - 1))
}

function countCreated({statuses}: EncodedResults): number {
  let count = 0
  for (let index = 0; index < statuses.length; index++) if (statuses[index] === CREATED) count++
  return count
}
