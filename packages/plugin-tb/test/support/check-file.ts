import {openMemoryLedger} from '@parix/ledger'
import type {CreateKind} from '@parix/ledger/schema'
import {checkFile} from '../../src/import/check.js'
import type {CheckReader, CheckResult} from '../../src/import/check-rows.js'
import {wireRows} from '../../src/import/wire-rows.js'
import {importReader, type ReaderOptions} from './import-reader.js'

export type Database = Awaited<ReturnType<typeof openMemoryLedger>>

/** What a check reads of a database, with how many ids were asked for at once. */
export interface TestReader extends CheckReader {
  asked: number[]
}

export function readerOf(database: Database): TestReader {
  const asked: number[] = []
  const byId = <T extends {id: bigint}>(rows: T[]) => new Map(rows.map((row) => [row.id, row]))
  return {
    asked,
    async accounts(ids) {
      asked.push(ids.length)
      return byId(await database.lookupAccounts([...ids]))
    },
    async transfers(ids) {
      asked.push(ids.length)
      return byId(await database.lookupTransfers([...ids]))
    },
  }
}

export interface CheckOptions extends Partial<ReaderOptions> {
  kind?: CreateKind
  database?: Database
  reader?: CheckReader
  eventsMax?: number
}

/** `tb import --check` of a file with this text, against a ledger in memory. */
export async function checkText(path: string, text: string, options: CheckOptions = {}): Promise<CheckResult> {
  const {kind = 'transfer', format = 'ndjson', eventsMax = 8189} = options
  const database = options.database ?? (await openMemoryLedger())
  const wire = await importReader(path, text, {...options, kind, format})
  const {rows, read} = wire
  const events = async function* () {
    for await (const chunk of rows.rows(rows.first)) yield chunk.map(read)
  }
  try {
    return await checkFile(
      kind,
      {events, ids: (onFaults) => wireRows(wire, rows.first, onFaults, 'ids')},
      options.reader ?? readerOf(database),
      eventsMax,
      text.length / 16,
    )
  } finally {
    if (options.database === undefined) await database.close()
  }
}
