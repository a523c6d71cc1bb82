import type {Chart} from '@parix/books/chart'
import {accountLabel, amountLabel} from '@parix/books/present'
import {UINT128_MAX} from '@parix/kit/integers'
import type {Table} from '@parix/kit/output'
import {flagNames, hasFlag} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'

/** A chain before it is sent, numbered, so that what one transfer voids can be named. */
export function chainTable(records: readonly LedgerRecord[], chart: Chart | undefined): Table {
  const right = (name: string) => ({name, align: 'right'}) as const
  const places = new Map(records.map(({id}, index) => [id, index + 1]))
  const account = (id: bigint | undefined) => (id === undefined ? undefined : accountLabel(id, chart))
  return {
    columns: [right('#'), right('ID'), right('FROM'), right('TO'), right('AMOUNT'), 'LEDGER', 'FLAGS'],
    rows: records.map((record, index) => {
      const {id, debit_account_id, credit_account_id, ledger, pending_id, flags = 0n, timeout} = record
      const pending = places.get(pending_id) ?? pending_id
      const unit = chart?.ledgerOf(Number(ledger ?? 0n))
      const names = flagNames('transfer', flags).join(' ')
      return [
        index + 1,
        id,
        account(debit_account_id),
        account(credit_account_id),
        amountOf(record, chart),
        unit?.name ?? ledger,
        `${names}${pending === undefined ? '' : ` of ${pending}`}${timeout === undefined ? '' : ` for ${timeout} s`}`,
      ]
    }),
    whenEmpty: '',
  }
}

function amountOf({amount = 0n, ledger = 0n, flags}: LedgerRecord, chart: Chart | undefined): string {
  if (hasFlag('transfer', flags, 'void_pending_transfer')) return 'all'
  if (amount === UINT128_MAX) return 'max'
  return amountLabel(amount, Number(ledger), chart)
}
