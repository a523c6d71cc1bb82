import {writeFileSync} from 'node:fs'
import type {Chart} from '@parix/books/chart'
import type {CreateKind} from '@parix/ledger/schema'
import {createEventReader} from '../../src/import/events.js'
import {compileMapping, importId} from '../../src/import/mapping.js'
import {openRows, type RowFormat} from '../../src/import/read-rows.js'
import type {WireReader} from '../../src/import/wire-rows.js'

export interface ReaderOptions {
  kind?: CreateKind
  format: RowFormat
  keepTimestamps?: boolean
  specs?: Record<string, string>
  idFrom?: string[]
  decimalComma?: boolean
  chart?: Chart
}

/** The reader of a file that an import makes of its flags, over a file with this text, or over the file that is there. */
export async function importReader(
  path: string,
  text: string | Uint8Array | undefined,
  options: ReaderOptions,
): Promise<WireReader> {
  const {kind = 'transfer', format, keepTimestamps = false, specs = {}, idFrom = [], decimalComma, chart} = options
  const makeId = (values: readonly string[]) => importId('test', values)
  if (text !== undefined) writeFileSync(path, text)
  const rows = await openRows({name: 'file', path, format})
  const mapper = rows.header && compileMapping({kind, specs, idFrom, makeId, decimalComma}, rows.header, chart)
  const read = createEventReader({kind, chart, mapper, idFrom, makeId, keepTimestamps})
  const columns = mapper?.plain && {
    ...mapper.plain,
    delimiter: rows.delimiter,
    width: rows.width,
    names: rows.header!.length,
  }
  return {kind, rows, read, columns, columnOf: mapper?.columnOf, keepTimestamps, idFromKeys: idFrom.length > 0}
}
