import type {Chart} from '@parix/books/chart'
import {accountLabel, amountLabel} from '@parix/books/present'
import type {Table} from '@parix/kit/output'
import type {PendingTransfer} from '../reads/pending.js'
import {formatTimestamp} from '../records/times.js'

export function pendingTable(pending: readonly PendingTransfer[], databaseName: string, chart?: Chart): Table {
  return {
    columns: [
      {name: 'ID', align: 'right'},
      {name: 'FROM', align: 'right'},
      {name: 'TO', align: 'right'},
      {name: 'AMOUNT', align: 'right'},
      'CREATED',
      'EXPIRES',
    ],
    rows: pending.map(({id, debit_account_id, credit_account_id, amount, ledger, timestamp, expires_at}) => [
      id,
      accountLabel(BigInt(debit_account_id), chart),
      accountLabel(BigInt(credit_account_id), chart),
      amountLabel(BigInt(amount), Number(ledger), chart),
      formatTimestamp(BigInt(timestamp)),
      expires_at ?? 'never',
    ]),
    whenEmpty: `Nothing is pending in ${databaseName}.`,
  }
}
