import type {Chart} from '@parix/books/chart'
import type {Operation} from '@parix/kit/contract'
import type {ResultWriter} from '@parix/kit/format'
import type {Table} from '@parix/kit/output'
import {timestampWord} from '@parix/kit/timestamps'
import type {FlagTexts} from './events/read-events.js'
import type {FilterKind} from './input/filter.js'
import type {IdFlags} from './input/ids.js'
import type {SourceFlags} from './input/source.js'
import type {Page} from './reads/page.js'
import type {PagedRead} from './reads/paginate.js'
import type {ReadResult, Row} from './reads/rows.js'
import {type ChartFlagValues, TbCommand} from './tb-command.js'

export interface FilterRead {
  operation: Operation
  kind: FilterKind
  argument: string | undefined
  flags: FlagTexts & SourceFlags & ChartFlagValues & {all?: boolean}
  /** @param account whose balances they are, where a chart shows them as money */
  table: (rows: readonly Row[], chart?: Chart, account?: Row) => Table
}

/** What the reading commands share. With `--all` the rows are printed as they come, and there is no result. */
export abstract class ReadCommand extends TbCommand<ReadResult | undefined> {
  protected async lookUp(
    kind: 'account' | 'transfer',
    argument: string | undefined,
    flags: IdFlags & SourceFlags & ChartFlagValues,
  ): Promise<ReadResult> {
    const chart = await this.useChart(flags)
    const {readSource} = await import('./input/source.js')
    const {readIds} = await import('./input/ids.js')
    const {addPendingStates, lookUpIds} = await import('./reads/lookup.js')
    const {withWords} = await import('./reads/rows.js')
    const {accountTable, transferTable} = await import('./views/tables.js')
    const ids = readIds(await readSource(flags, this.terminal), flags, kind, chart)
    return this.inDatabase(argument, async (api, database) => {
      const result = await lookUpIds(api, database, kind, ids)
      if (kind === 'transfer') await addPendingStates(api, database.id, result)
      this.show((kind === 'account' ? accountTable : transferTable)(result.responsePayload, '', chart))
      if (result.missing) this.terminal.warn(`Not in ${database.name}: ${result.missing.join(', ')}`)
      return {...result, responsePayload: result.responsePayload.map((row) => withWords(kind, row, chart))}
    })
  }

  protected async readByFilter({operation, kind, argument, flags, table}: FilterRead): Promise<ReadResult | undefined> {
    // An error before the first row is one line too.
    this.oneValuePerLine = flags.all === true
    const {readSource} = await import('./input/source.js')
    const {readFilter} = await import('./input/filter.js')
    const {ROWS} = await import('./reads/query.js')
    const chart = await this.useChart(flags)
    const codes = operation === 'query_accounts' ? 'account' : 'transfer'
    const filter = readFilter(kind, await readSource(flags, this.terminal), flags, this.terminal.say, {chart, codes})
    return this.inDatabase(argument, async (api, {id, name}) => {
      const read: PagedRead = {api, databaseId: id, operation, kind, filter}
      if (flags.all === true) return this.streamAll(read, name)
      const {readOnce} = await import('./reads/paginate.js')
      const result = await readOnce(read, name)
      const account =
        chart !== undefined && operation === 'get_account_balances' && result.responsePayload.length > 0
          ? await import('./reads/lookup.js').then(({lookUpAccount}) =>
              lookUpAccount(api, id, name, filter.account_id!),
            )
          : undefined
      this.show(table(result.responsePayload, chart, account))
      if (result.note !== undefined) this.terminal.warn(result.note)
      if (result.next) this.terminal.say(moreRows(result, flags.limit !== undefined))
      const {withWords} = await import('./reads/rows.js')
      return {...result, responsePayload: result.responsePayload.map((row) => withWords(ROWS[operation]!, row, chart))}
    })
  }

  private async streamAll(read: PagedRead, databaseName: string): Promise<undefined> {
    const {paginate} = await import('./reads/paginate.js')
    const writer = await this.streamWriter()
    let empty = true
    for await (const page of paginate(read)) {
      empty &&= page.count === 0
      const reading = page.count === 0 || (await this.terminal.resultBytes(await pageText(page, writer)))
      if (!reading) return
    }
    if (!empty || read.kind !== 'account_filter') return
    const {whyEmpty} = await import('./reads/paginate.js')
    const note = await whyEmpty(read, databaseName)
    if (note !== undefined) this.terminal.warn(note)
  }
}

/** A page as its rows came (NDJSON), or in another form. */
async function pageText(page: Page, writer: ResultWriter | undefined): Promise<Uint8Array> {
  if (writer === undefined) return page.lines()
  const {parseJson} = await import('@parix/kit/json')
  const rows = Array.from({length: page.count}, (_, row) => parseJson(Buffer.from(page.bytes(row)).toString('utf8')))
  return Buffer.from(writer.part(rows))
}

function moreRows({responsePayload, next}: ReadResult, limitGiven: boolean): string {
  const [field, value] = Object.entries(next ?? {})[0] ?? []
  const rows = responsePayload.length === 1 ? '1 row' : `${responsePayload.length} rows`
  const limit = limitGiven ? 'the limit' : 'the limit when --limit is left out'
  const flag = `--${String(field).replace('_', '-')} ${timestampWord(BigInt(String(value)))}`
  return `${rows}, ${limit}: there may be more. Next page: ${flag}; every page: --all`
}
