import {type Api, type ApiRequest, type ApiResponse, problemError} from '@parix/kit/api'
import type {Operation} from '@parix/kit/contract'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {parseBaseUrl} from '@parix/kit/origin'
import {
  type Account,
  BLANK_ACCOUNT,
  BLANK_TRANSFER,
  type Ledger,
  openMemoryLedger,
  statusName,
  type Transfer,
} from '@parix/ledger'
import {renderFault} from '../../../plugin-local/src/server/api/problem.js'
import {embeddedLedger} from '../../../plugin-local/src/server/tigerbeetle/embedded.js'
import {operationResponse} from '../../../plugin-local/src/server/tigerbeetle/envelope.js'
import {ledgerFault} from '../../../plugin-local/src/server/tigerbeetle/ledger-fault.js'
import {RecordPool} from '../../../plugin-local/src/server/tigerbeetle/records.js'
import {prepareOperation} from '../../../plugin-local/src/server/tigerbeetle/run.js'
import type {BookReader} from '../../src/books/read-books.js'
import type {Reading} from '../../src/chains/run-chain.js'

export const SECOND = 1_000_000_000n
/** When the clock of a ledger in memory begins: 2023-11-02T00:00:00Z. */
export const START = 1_698_883_200n * SECOND

type Row = Record<string, string | number>

/** A request that reached the service. */
export interface Seen {
  operation: string
  // biome-ignore lint/suspicious/noExplicitAny: bodies of many shapes
  body: any
}

/**
 * A database of the local service without a port or a disk: the embedded ledger in memory behind the service's own reading of
 * requests and writing of responses, with a clock that the test moves. It costs a millisecond, so a property can have one a run.
 */
export interface MemoryBooks {
  api: Api
  database: ResolvedDatabase
  reader: BookReader
  /** What a plan asks the database by. */
  reading: Reading
  ledger: Ledger
  /** The ledger's; it moves one second before whatever is created. */
  clock: {now: bigint}
  seen: Seen[]
  /** Called before a request is carried out; what it throws, or a status that it returns, is what the client gets. */
  before: (seen: Seen) => unknown
  /** Changes the rows of responses: what a fault of the ledger, or of what is between, would look like. */
  edit: ((operation: string, rows: Row[]) => Row[]) | undefined
  /** Creates accounts on ledger 700 with code 10, where nothing else is said. @throws Error where one is not created */
  accounts(...accounts: Partial<Account>[]): Promise<void>
  /** Creates transfers in one request, on ledger 700 with code 1. @throws Error where one is not created */
  transfers(...transfers: Partial<Transfer>[]): Promise<Transfer[]>
  /** As `transfers`, for those that may be refused: the name of each result. */
  results(...transfers: Partial<Transfer>[]): Promise<string[]>
  /** One that debits `from` and credits `to`, with an id of its own. */
  pay(from: bigint, to: bigint, amount: bigint, more?: Partial<Transfer>): Promise<Transfer>
  account(id: bigint): Promise<Account>
  /** Every account's posted and pending columns: debits, credits, pending debits, pending credits. */
  columns(): Promise<Record<string, bigint[]>>
  close(): Promise<void>
}

export async function memoryBooks(...accounts: Partial<Account>[]): Promise<MemoryBooks> {
  const clock = {now: START}
  const ledger = await openMemoryLedger({now: () => clock.now})
  let nextId = 1000n
  const database = {id: '11111111-2222-4333-8444-555555555555', name: 'books'} as ResolvedDatabase
  const api = apiOn(ledger, database, () => books)
  const results = async (...transfers: Partial<Transfer>[]) => {
    clock.now += SECOND
    await ledger.expirePendingTransfers()
    const made = await ledger.createTransfers(transfers.map(wholeTransfer))
    return made.map(({status}) => statusName('transfer', status)!)
  }
  const books: MemoryBooks = {
    api,
    database,
    reader: {api, databaseId: database.id},
    reading: (work) => work(books.reader, database),
    ledger,
    clock,
    seen: [],
    before: () => {},
    edit: undefined,
    async accounts(...given) {
      clock.now += SECOND
      const made = await ledger.createAccounts(
        given.map((fields) => ({...BLANK_ACCOUNT, ledger: 700, code: 10, ...fields})),
      )
      assertCreated(made.map(({status}) => statusName('account', status)!))
    },
    results,
    async transfers(...given) {
      assertCreated(await results(...given))
      return ledger.lookupTransfers(given.map(({id}) => id!))
    },
    pay: async (from, to, amount, more = {}) =>
      (await books.transfers({id: nextId++, debit_account_id: from, credit_account_id: to, amount, ...more}))[0]!,
    account: async (id) => (await ledger.lookupAccounts([id]))[0]!,
    async columns() {
      await ledger.expirePendingTransfers()
      const rows = await ledger.queryAccounts(EVERYTHING)
      return Object.fromEntries(
        rows.map((row) => [
          String(row.id),
          [row.debits_posted, row.credits_posted, row.debits_pending, row.credits_pending],
        ]),
      )
    },
    close: () => ledger.close(),
  }
  if (accounts.length > 0) await books.accounts(...accounts)
  return books
}

/** Resolving transfers take ledger and code from what they resolve. */
function wholeTransfer(fields: Partial<Transfer>): Transfer {
  const resolves = (fields.pending_id ?? 0n) !== 0n
  return {...BLANK_TRANSFER, ...(resolves ? {} : {ledger: 700, code: 1}), ...fields}
}

const EVERYTHING = {
  ...{user_data_128: 0n, user_data_64: 0n, user_data_32: 0, ledger: 0, code: 0},
  ...{timestamp_min: 0n, timestamp_max: 0n, limit: 8189, flags: 0},
}

function assertCreated(results: readonly string[]): void {
  const refused = results.filter((result) => result !== 'created')
  if (refused.length > 0) throw new Error(`The ledger refused what a test depends on: ${results.join(', ')}`)
}

function apiOn(ledger: Ledger, database: ResolvedDatabase, booksOf: () => MemoryBooks): Api {
  const [pool, port] = [new RecordPool(), embeddedLedger(ledger, '')]
  const base = parseBaseUrl('http://127.0.0.1:7117/')
  const answer = async (operation: Operation, body: Buffer): Promise<Response> => {
    try {
      const prepared = prepareOperation(operation, body, pool)
      await port.expirePendingTransfers()
      const {rows, message} = await prepared.run(port)
      const facts = {operation, database, ledgerId: 'memory', provider: null, clusterId: '0', replicaCount: 1}
      const all = {...facts, targetHost: base.url.host, mode: 'live', message} as never
      return operationResponse(all, body, rows, {take: (length) => Buffer.allocUnsafe(length)})
    } catch (error) {
      return renderFault(ledgerFault(error), '0')
    }
  }
  const request = async ({target, body = '', signal, onSent}: ApiRequest): Promise<ApiResponse> => {
    const books = booksOf()
    const operation = /\/tb\/(\w+)$/.exec(String(target))![1] as Operation
    const sent = Buffer.from(body)
    const seen = {operation, body: JSON.parse(sent.toString('utf8'))}
    books.seen.push(seen)
    onSent?.()
    const instead = await books.before(seen)
    signal?.throwIfAborted()
    const status = String(target).includes(`/${database.id}/`) ? instead : 404
    const response = typeof status === 'number' ? new Response('{}', {status}) : await answer(operation, sent)
    let bytes = Buffer.from(await response.arrayBuffer())
    if (books.edit !== undefined && response.ok) {
      const document = JSON.parse(bytes.toString('utf8')) as {responsePayload: Row[]}
      bytes = Buffer.from(
        JSON.stringify({...document, responsePayload: books.edit(operation, document.responsePayload)}),
      )
    }
    return {
      status: response.status,
      headers: {'content-type': 'application/json'},
      body: bytes,
      url: new URL(String(target), base.url),
    } as unknown as ApiResponse
  }
  return {base, request, refusal: problemError} as unknown as Api
}

/** For `before`: a service whose responses hold that many rows at the most, and which refuses a larger page. */
export function limitedTo(rowsMax: number): (seen: Seen) => number | undefined {
  return ({body}) => (body.limit !== undefined && body.limit > rowsMax ? 413 : undefined)
}
