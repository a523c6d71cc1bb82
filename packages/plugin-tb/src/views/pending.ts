import type {Table} from '@parix/kit/output'
import type {PendingTransfer} from '../reads/pending.js'
import {formatTimestamp} from '../records/times.js'

export function pendingTable(pending: readonly PendingTransfer[], databaseName: string): Table {
  return {
    columns: [
      {name: 'ID', align: 'right'},
      {name: 'FROM', align: 'right'},
      {name: 'TO', align: 'right'},
      {name: 'AMOUNT', align: 'right'},
      'CREATED',
      'EXPIRES',
    ],
    rows: pending.map(({id, debit_account_id, credit_account_id, amount, timestamp, expires_at}) => [
      id,
      debit_account_id,
      credit_account_id,
      amount,
      formatTimestamp(BigInt(timestamp)),
      expires_at ?? 'never',
    ]),
    whenEmpty: `Nothing is pending in ${databaseName}.`,
  }
}
