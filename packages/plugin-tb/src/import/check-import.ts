import {formatMoney} from '@parix/books/amounts'
import type {Chart} from '@parix/books/chart'
import {accountLabel, amountLabel} from '@parix/books/present'
import {ParixError} from '@parix/kit/errors'
import {startProgress} from '@parix/kit/output'
import {type Account, BATCH_EVENTS_MAX, type Transfer} from '@parix/ledger/schema'
import {lookUpRecords} from '../submit/confirm-existing.js'
import {type CheckedFile, checkFile} from './check.js'
import {keepLargest} from './check-rows.js'
import {noteCheck} from './checked.js'
import type {ImportCall, ImportReport} from './import-call.js'
import {type ColumnOf, findingText, locate} from './locate.js'
import type {OpenRows} from './read-rows.js'
import {noRows, rowsMax} from './validate.js'

/** `tb import --check`. @throws ParixError REFUSED with what is wrong with the file */
export async function checkImport(
  {kind, api, database, terminal, flags}: ImportCall,
  {rows: file, columnOf, jobPath}: {rows: OpenRows; columnOf: ColumnOf | undefined; jobPath: string},
  passes: CheckedFile,
  chart: Chart | undefined,
): Promise<ImportReport> {
  const {name, path} = file
  const progress = startProgress(terminal, {text: `Checking ${name}`})
  const readAt = new Date().toISOString()
  const reader = {
    accounts: async (ids: readonly bigint[]) =>
      toRows<Account>(await lookUpRecords(api, {operation: 'create_accounts', database}, ids)),
    transfers: async (ids: readonly bigint[]) =>
      toRows<Transfer>(await lookUpRecords(api, {operation: 'create_transfers', database}, ids)),
  }
  const eventsMax = flags['batch-size'] ?? BATCH_EVENTS_MAX
  const result = await checkFile(kind, passes, reader, eventsMax, rowsMax(path)).finally(progress.end)
  if (result.findingsCount > 0) {
    await locate(result.findings, file, columnOf)
    const more =
      result.findingsCount > result.findings.length ? [`and ${result.findingsCount - result.findings.length} more`] : []
    throw new ParixError(
      'REFUSED',
      `${result.findingsCount === 1 ? 'One thing is' : `${result.findingsCount} things are`} wrong with ${name}. Nothing was sent.`,
      {
        code: 'check_failed',
        errors: [...result.findings.map(findingText), ...more],
        findings: result.findings,
        findingsCount: result.findingsCount,
      },
    )
  }
  if (result.rows === 0) throw noRows(name)
  await noteCheck(jobPath, path, result.ordered)
  keepLargest(result.accounts)
  const effects = (map: Map<number | bigint, {debits: bigint; credits: bigint}>) =>
    Object.fromEntries(
      [...map].map(([id, {debits, credits}]) => [String(id), {debits: String(debits), credits: String(credits)}]),
    )
  const {rows, existing, ordered = null} = result
  return {
    result: {
      check: true,
      kind,
      database: {id: database.id, name: database.name},
      rows,
      existing,
      ordered,
      findings: [],
      findingsCount: 0,
      readAt,
      ledgers: effects(result.ledgers),
      accounts: effects(result.accounts),
    },
    view: {
      columns: ['', {name: 'DEBITS', align: 'right'}, {name: 'CREDITS', align: 'right'}],
      rows: [
        ...[...result.ledgers].map(([id, effect]) => [
          `ledger ${chart?.ledgerOf(id)?.name ?? id}`,
          amountLabel(effect.debits, id, chart),
          amountLabel(effect.credits, id, chart),
        ]),
        ...[...result.accounts]
          .slice(0, 50)
          .map(([id, effect]) => [
            accountLabel(id, chart),
            accountMoney(effect.debits, id, chart),
            accountMoney(effect.credits, id, chart),
          ]),
      ],
      whenEmpty: 'No money would move.',
    },
    notices: [
      `${rows} rows are right; ${existing} of them are in ${database.name} already. Checked against the balances read at ${readAt}; others may write meanwhile. Nothing was sent.`,
    ],
  }
}

/** Money where the chart names the account, and so knows its ledger; else the integer. */
function accountMoney(amount: bigint, id: bigint, chart: Chart | undefined): string {
  const name = chart?.nameOf(id)
  return name === undefined ? amount.toString() : formatMoney(amount, chart!.account(name).ledger)
}

const NUMBERS = ['user_data_32', 'reserved', 'timeout', 'ledger', 'code', 'flags']

/** Records of bigints as the ledger's own types. */
function toRows<Row>(records: ReadonlyMap<bigint, Readonly<Record<string, bigint>>>): Map<bigint, Row> {
  return new Map(
    [...records].map(([id, record]) => [
      id,
      Object.fromEntries(
        Object.entries(record).map(([field, value]) => [field, NUMBERS.includes(field) ? Number(value) : value]),
      ) as Row,
    ]),
  )
}
