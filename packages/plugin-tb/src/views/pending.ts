import type {Chart} from '@parix/books/chart'
import {accountLabel, amountLabel, idLabel} from '@parix/books/present'
import {formatDuration} from '@parix/kit/duration'
import type {Table} from '@parix/kit/output'
import type {PendingTransfer} from '../reads/pending.js'
import {formatTimestamp} from '../records/times.js'

interface PendingLook {
  databaseName: string
  chart: Chart | undefined
  /** Milliseconds since 1970. */
  now: number
  lapsed: boolean
}

export function pendingTable(
  pending: readonly PendingTransfer[],
  {databaseName, chart, now, lapsed}: PendingLook,
): Table {
  return {
    columns: [
      {name: 'ID', align: 'right'},
      {name: 'FROM', align: 'right'},
      {name: 'TO', align: 'right'},
      {name: 'AMOUNT', align: 'right'},
      'CREATED',
      lapsed ? 'EXPIRED' : 'EXPIRES',
      lapsed ? 'AGO' : 'IN',
    ],
    rows: pending.map(({id, debit_account_id, credit_account_id, amount, ledger, timestamp, expires_at}) => [
      idLabel(BigInt(id), chart),
      accountLabel(BigInt(debit_account_id), chart),
      accountLabel(BigInt(credit_account_id), chart),
      amountLabel(BigInt(amount), Number(ledger), chart),
      formatTimestamp(BigInt(timestamp)),
      expires_at ?? 'never',
      expires_at === null ? '' : formatDuration(Math.abs(Date.parse(expires_at) - now)),
    ]),
    whenEmpty: lapsed ? `Nothing has expired in ${databaseName}.` : `Nothing is pending in ${databaseName}.`,
  }
}
