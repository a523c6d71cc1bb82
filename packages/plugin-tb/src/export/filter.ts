import {ParixError} from '@parix/kit/errors'
import {parseTimestamp} from '@parix/kit/timestamps'
import {PAGE_ROWS_MAX} from '@parix/ledger/schema'
import {parseId} from '../database-and-id.js'
import type {ExportFlags} from '../export-command.js'
import {readFilter} from '../input/filter.js'
import {nextPage, type PagedRead} from '../reads/paginate.js'
import {FLAGS} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'
import type {Asked} from './part-file.js'
import type {ExportKind, RowForm} from './rows.js'

type Query = Pick<PagedRead, 'operation' | 'kind' | 'filter'>

/** The query of an export, oldest row first. @throws ParixError BAD_INPUT */
export function exportFilter(kind: ExportKind, flags: ExportFlags, say: (sentence: string) => void): Query {
  const {since, until, account, ledger, code} = flags
  const min = since === undefined ? 0n : parseTimestamp('--since', since, {role: 'start', note: say})
  const max = until === undefined ? 0n : parseTimestamp('--until', until, {role: 'end', note: say})
  if (until !== undefined && max === 0n) throw new ParixError('BAD_INPUT', '--until must not be 0.')
  if (max !== 0n && min > max) throw new ParixError('BAD_INPUT', '--since is later than --until.')
  const times = {...(min !== 0n && {timestamp_min: min}), ...(max !== 0n && {timestamp_max: max})}
  const texts = {...(ledger !== undefined && {ledger}), ...(code !== undefined && {code}), all: true}
  const filter = {...readFilter('query_filter', undefined, texts, say), ...times, limit: BigInt(PAGE_ROWS_MAX)}
  if (account === undefined) {
    return {operation: kind === 'account' ? 'query_accounts' : 'query_transfers', kind: 'query_filter', filter}
  }
  const both = FLAGS.account_filter.debits! | FLAGS.account_filter.credits!
  const byAccount = {...filter, account_id: parseId('--account', account, 'account'), flags: both}
  return {operation: 'get_account_transfers', kind: 'account_filter', filter: byAccount}
}

/** The query of what comes after the row of `timestamp`; undefined where nothing can. */
export function after(read: PagedRead, timestamp: bigint | undefined): PagedRead | undefined {
  if (timestamp === undefined) return read
  const filter = nextPage(read.filter, timestamp, false)
  return filter && {...read, filter}
}

/**
 * What makes two runs the same export. Times relative to now count by their words: a resumed export ends where the words
 * say now, which is not before where it would have ended.
 */
export function asked(
  form: RowForm,
  flags: ExportFlags,
  service: string,
  databaseId: string,
  {filter}: {filter: LedgerRecord},
): Asked {
  const relative = (text: string | undefined, value: bigint | undefined) =>
    text === undefined ? null : /^\d{4}-|^\d{12,}$/.test(text.trim()) ? String(value) : text.trim()
  return {
    service,
    database: databaseId,
    rows: `${form.kind}s`,
    format: form.format,
    fields: flags.fields ?? null,
    since: relative(flags.since, filter.timestamp_min),
    until: relative(flags.until, filter.timestamp_max),
    account: flags.account ?? null,
    ledger: flags.ledger ?? null,
    code: flags.code ?? null,
  }
}
