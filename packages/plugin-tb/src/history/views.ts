import type {Details, Table} from '@parix/kit/output'
import type {HistoryEntry} from './read-history.js'

const right = (name: string) => ({name, align: 'right'}) as const

const SAID: Readonly<Record<HistoryEntry['outcome'], string>> = {
  created: 'in the ledger',
  refused: 'refused',
  unknown: 'unknown',
  not_sent: 'nothing created',
}

export function historyTable(entries: readonly HistoryEntry[]): Table {
  return {
    columns: ['AT', 'ID', 'COMMAND', 'DATABASE', right('EVENTS'), 'OUTCOME', right('FIRST ID')],
    rows: entries.map((entry) => [
      entry.at,
      entry.id,
      entry.command,
      entry.database.name,
      entry.count,
      outcomeText(entry),
      entry.firstId,
    ]),
    whenEmpty: 'There is nothing in the history of this machine that fits.',
  }
}

/** `refused: exceeds_credits`, `2 of 5 refused: exceeds_credits`. */
function outcomeText({outcome, error, count, refused}: HistoryEntry): string {
  const why = error === undefined ? '' : `: ${error.code}`
  const part = outcome === 'refused' && refused < count ? `${refused} of ${count} ` : ''
  return `${part}${SAID[outcome]}${why}`
}

export function historyDetails(entry: HistoryEntry): Details {
  const {id, begun, at, command, database, baseUrl, organization, file} = entry
  return {
    details: [
      ['id', id],
      ['given', begun],
      ['ended', at === begun ? undefined : at],
      ['command', command],
      ['file', file],
      ['database', `${database.name} (${database.id})`],
      ['service', baseUrl],
      ['organization', organization],
      ['events', entry.count],
      ['outcome', outcomeText(entry)],
    ],
  }
}

export function historyEvents({events, operation}: HistoryEntry): Table {
  const transfers = operation === 'create_transfers'
  return {
    columns: transfers
      ? [right('ID'), right('FROM'), right('TO'), right('AMOUNT'), right('LEDGER'), right('CODE'), 'RESULT']
      : [right('ID'), right('LEDGER'), right('CODE'), 'RESULT'],
    rows: events.map(({id, result, sent}) => [
      id,
      ...(transfers ? [sent.debit_account_id, sent.credit_account_id, sent.amount] : []),
      sent.ledger,
      sent.code,
      result,
    ]),
    whenEmpty: 'Its events are not listed one by one.',
  }
}
