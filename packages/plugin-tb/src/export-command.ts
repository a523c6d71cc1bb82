import * as Flags from '@oclif/core/flags'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import type {ResultWriter} from '@parix/kit/format'
import {renderAgain} from '@parix/kit/next-command'
import {startProgress} from '@parix/kit/output'
import {onSignalSay} from '@parix/kit/signals'
import {formatTimestamp} from '@parix/kit/timestamps'
import type {ExportFormat, ExportKind, LedgerSums, Tally} from './export/rows.js'
import type {PagedRead} from './reads/paginate.js'
import {TbCommand} from './tb-command.js'

const FILTER = {helpGroup: 'FILTER'} as const
const FILE = {helpGroup: 'FILE'} as const

/** Flags of both exports. */
export const EXPORT_FLAGS = {
  since: Flags.string({
    ...FILTER,
    helpValue: 'TIME',
    description: 'from this time on: RFC 3339, a date (UTC), -1h, 7d, yesterday, or nanoseconds; of a date, the start',
  }),
  until: Flags.string({...FILTER, helpValue: 'TIME', description: 'up to this time; of a date, the end'}),
  ledger: Flags.string({...FILTER, helpValue: 'LEDGER', description: 'only this ledger'}),
  code: Flags.string({...FILTER, helpValue: 'CODE', description: 'only this code'}),
  output: Flags.string({
    ...FILE,
    char: 'o',
    helpValue: 'FILE',
    default: '-',
    description: 'write to FILE, which appears when it is whole; -: stdout',
  }),
  resume: Flags.boolean({...FILE, description: 'continue an export to the same FILE that did not finish'}),
  format: Flags.string({
    ...FILE,
    helpValue: 'ndjson|csv',
    options: ['ndjson', 'csv'],
    default: 'ndjson',
    description: 'one JSON object per line, or CSV with a line of names',
  }),
  fields: Flags.string({...FILE, helpValue: 'A,B', description: 'only these fields, in this order'}),
}

export interface ExportFlags {
  since?: string | undefined
  until?: string | undefined
  account?: string | undefined
  ledger?: string | undefined
  code?: string | undefined
  output: string
  resume: boolean
  format: string
  fields?: string | undefined
}

/** What `parix tb export … -o FILE --json` prints. */
export interface ExportResult {
  databaseId: string
  databaseName: string
  file: string
  format: ExportFormat
  /** Those of earlier runs included, where the export was resumed. */
  rows: number
  bytes: number
  sha256: string
  /** By ledger: of transfers the amounts, of accounts the balances. */
  sums: LedgerSums[]
  /** Nanoseconds since 1970, and as RFC 3339; null where there are no rows. */
  last_timestamp: string | null
  last_time: string | null
  resumed: boolean
}

/** Where rows go. */
interface Sink {
  /** `false`: nobody reads any more. */
  write(bytes: Uint8Array): Promise<boolean>
}

/** What exporting commands share: every row of a query, oldest first, in constant memory. */
export abstract class ExportCommand extends TbCommand<ExportResult | undefined> {
  /** `--format` and `--fields` are those of the file here; only the summary can be JSON. */
  protected override loadWriter(): Promise<ResultWriter | undefined> {
    const {json, jq} = this.globalFlags ?? {}
    return super.loadWriter({json: json === true, jq})
  }

  protected async exportRows(
    kind: ExportKind,
    argument: string | undefined,
    flags: ExportFlags,
  ): Promise<ExportResult | undefined> {
    const {exportFilter} = await import('./export/filter.js')
    const {createTally, rowForm} = await import('./export/rows.js')
    const form = rowForm(kind, flags.format as ExportFormat, flags.fields)
    const toStdout = flags.output === '-'
    if (flags.resume) assertResumable(flags, form.columns)
    const filter = exportFilter(kind, flags, this.terminal.say)
    return this.inDatabase(argument, async (api, database) => {
      const read: PagedRead = {api, databaseId: database.id, ...filter}
      const tally = createTally(kind)
      if (toStdout) {
        this.writer = undefined
        await this.toStdout(read, form, tally, database)
        return undefined
      }
      return this.toFile({read, form, tally, database, flags, api})
    })
  }

  private async toStdout(read: PagedRead, form: Form, tally: Tally, database: ResolvedDatabase): Promise<void> {
    const {createHash} = await import('node:crypto')
    const {headerOf} = await import('./export/rows.js')
    const hash = createHash('sha256')
    const write = (bytes: Uint8Array) => {
      hash.update(bytes)
      return this.terminal.resultBytes(bytes)
    }
    const header = headerOf(form)
    if (header.length > 0 && !(await write(header))) return
    if (await this.copy({read, form, tally, database}, {write})) {
      this.terminal.say(summary(form.kind, database.name, tally, hash.digest('hex')))
    }
  }

  private async toFile({read, form, tally, database, flags, api}: FileExport): Promise<ExportResult> {
    const {openPartFile} = await import('./export/part-file.js')
    const {headerOf} = await import('./export/rows.js')
    const {after, asked} = await import('./export/filter.js')
    const words = asked(form, flags, api.base.url.href, database.id, read)
    const part = openPartFile(flags.output, form, words, flags.resume === true, tally)
    const argv = this.argv.includes('--resume') ? this.argv : ['--resume', ...this.argv]
    const again = renderAgain((this.id ?? '').split(':'), argv, this.serviceInPrint)
    onSignalSay(() =>
      this.terminal.warn(`\nStopped: ${rows(form.kind, tally.rows)} in ${flags.output}.part. Go on: ${again}`),
    )
    try {
      if (part.resumed)
        this.terminal.say(`${rows(form.kind, tally.rows)} in ${flags.output}.part; continuing after them.`)
      if (part.bytes === 0) part.write(headerOf(form))
      const rest = part.resumed ? after(read, tally.last) : read
      const write = async (bytes: Uint8Array) => {
        part.write(bytes)
        return true
      }
      if (rest !== undefined) await this.copy({read: rest, form, tally, database}, {write})
      const sha256 = await part.finish()
      this.terminal.say(summary(form.kind, database.name, tally, sha256, flags.output))
      return {
        databaseId: database.id,
        databaseName: database.name,
        file: flags.output,
        format: form.format,
        rows: tally.rows,
        bytes: part.bytes,
        sha256,
        sums: tally.sums(),
        last_timestamp: tally.last === undefined ? null : String(tally.last),
        last_time: tally.last === undefined ? null : formatTimestamp(tally.last),
        resumed: part.resumed,
      }
    } catch (error) {
      part.close()
      throw withWayOn(error, tally, again)
    } finally {
      onSignalSay(() => {})
    }
  }

  /** @returns false where the reader of stdout has gone */
  private async copy({read, form, tally, database}: Copy, {write}: Sink): Promise<boolean> {
    const {paginate} = await import('./reads/paginate.js')
    const {rowBytes} = await import('./export/rows.js')
    const columns = [...new Set([...tally.columns, ...(form.asTheyCame ? [] : form.columns)])]
    const progress = startProgress(this.terminal, {text: `Exporting from ${database.name}`})
    try {
      for await (const page of paginate(read, columns)) {
        if (page.count === 0) continue
        tally.add(page)
        if (!(await write(rowBytes(form, page)))) return false
        progress.update({text: `Exporting from ${database.name}`, done: tally.rows, unit: `${form.kind}s`})
      }
    } finally {
      progress.end()
    }
    // An account that does not exist has no transfers either.
    if (tally.rows === 0 && read.kind === 'account_filter') {
      const {lookUpAccount} = await import('./reads/lookup.js')
      await lookUpAccount(read.api, read.databaseId, database.name, read.filter.account_id!)
    }
    return true
  }
}

type Form = import('./export/rows.js').RowForm

interface Copy {
  read: PagedRead
  form: Form
  tally: Tally
  database: ResolvedDatabase
}

interface FileExport extends Copy {
  flags: ExportFlags
  api: Api
}

function assertResumable({output}: ExportFlags, columns: readonly string[]): void {
  if (output === '-') throw new ParixError('USAGE', '--resume needs -o FILE: what went to stdout can not be continued.')
  if (!columns.includes('timestamp')) {
    throw new ParixError('USAGE', '--resume needs the field timestamp in --fields: it says where to go on.')
  }
}

function withWayOn(error: unknown, tally: Tally, again: string): unknown {
  if (!(error instanceof ParixError) || tally.rows === 0) return error
  return new ParixError(error.kind, `${error.message} What was exported so far is kept.`, {
    ...error.details,
    next: again,
  })
}

function rows(kind: ExportKind, count: number): string {
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${kind}${count === 1 ? '' : 's'}`
}

/** The end line: rows, SHA-256 of the bytes, sums by ledger, and the last timestamp. */
function summary(kind: ExportKind, name: string, tally: Tally, sha256: string, file?: string): string {
  const sums = tally.sums().map(({ledger, ...fields}) => {
    const texts = Object.entries(fields).filter(([field, sum]) => field === 'amount' || sum !== '0')
    return `ledger ${ledger}: ${texts.map(([field, sum]) => `${field} ${sum}`).join(', ') || 'no balances'}`
  })
  const last = tally.last === undefined ? [] : [`last ${tally.last} (${formatTimestamp(tally.last)})`]
  const where = file === undefined ? '' : ` to ${file}`
  return [`Exported ${rows(kind, tally.rows)} of ${name}${where}`, `sha256 ${sha256}`, ...sums, ...last].join('; ')
}
