import type {Chart} from '@parix/books/chart'
import type {ResolvedDatabase} from '@parix/kit/databases'
import type {Transfer} from '@parix/ledger/schema'
import type {LedgerRecord} from '../records/kinds.js'
import type {EventOutcome} from '../results/outcome.js'
import {createdView} from '../views/created.js'
import type {ChainPlan} from './run-chain.js'

/** What was asked for is so already: the result is what is in the ledger. */
export function nothingToSend(
  database: ResolvedDatabase,
  {rows, sentence, chart}: {rows: readonly Transfer[]; sentence: string; chart: Chart | undefined},
): ChainPlan {
  const records = rows.map(
    (row) => Object.fromEntries(Object.entries(row).map(([field, value]) => [field, BigInt(value)])) as LedgerRecord,
  )
  const events = rows.map(
    ({id, timestamp}, index): EventOutcome => ({
      index,
      id: String(id),
      state: 'exists',
      result: 'exists',
      timestamp: String(timestamp),
    }),
  )
  return {
    nothing: {
      result: {
        ok: true,
        operation: 'create_transfers',
        databaseId: database.id,
        databaseName: database.name,
        responsePayload: events.map(({index, id, result, timestamp}) => ({
          index,
          id,
          result,
          timestamp: timestamp!,
          amount: String(rows[index]!.amount),
        })),
        attempts: 0,
        retried: false,
      },
      view: events.length === 0 ? sentence : createdView('transfer', records, events, undefined, chart),
      notices: events.length === 0 ? [] : [sentence],
    },
  }
}
