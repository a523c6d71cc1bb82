import type {Chart} from '@parix/books/chart'
import {accountLabel, amountLabel, idLabel} from '@parix/books/present'
import {formatDuration} from '@parix/kit/duration'
import type {Cell, Column, Table} from '@parix/kit/output'
import {formatTimestamp} from '@parix/kit/timestamps'
import type {PendingTransfer} from '../reads/pending.js'
import {numberIn, type Row} from '../reads/rows.js'
import {flagNames} from '../records/flags.js'
import {CALLED, type RecordKind} from '../records/kinds.js'

const right = (name: string): Column => ({name, align: 'right'})

/** The columns that people look for; `--json` has every field. */
export function accountTable(rows: readonly Row[], whenEmpty: string, chart?: Chart): Table {
  return {
    columns: [
      right('ID'),
      right('LEDGER'),
      right('CODE'),
      right('DEBITS'),
      right('DEBITS PENDING'),
      right('CREDITS'),
      right('CREDITS PENDING'),
      'FLAGS',
      'CREATED',
    ],
    rows: rows.map((row) => [
      accountText(row, 'id', chart),
      ledgerText(row, chart),
      codeText(row, 'account', chart),
      amountText(row, 'debits_posted', chart),
      amountText(row, 'debits_pending', chart),
      amountText(row, 'credits_posted', chart),
      amountText(row, 'credits_pending', chart),
      flagText('account', row),
      timeText(row),
    ]),
    whenEmpty,
  }
}

/** With a column for what became of pending transfers, where that is known. */
export function transferTable(rows: readonly Row[], whenEmpty: string, chart?: Chart): Table {
  const states = rows.some((row) => row.pending_state !== undefined)
  return {
    columns: [
      right('ID'),
      right('FROM'),
      right('TO'),
      right('AMOUNT'),
      right('LEDGER'),
      right('CODE'),
      'FLAGS',
      ...(states ? ['STATE'] : []),
      'CREATED',
    ],
    rows: rows.map((row) => [
      idText(row, chart),
      accountText(row, 'debit_account_id', chart),
      accountText(row, 'credit_account_id', chart),
      amountText(row, 'amount', chart),
      ledgerText(row, chart),
      codeText(row, 'transfer', chart),
      flagText('transfer', row),
      ...(states ? [stateText(row)] : []),
      timeText(row),
    ]),
    whenEmpty,
  }
}

/** `pending`, `posted 150 of 300 by 17`. */
function stateText(row: Row): Cell {
  const {pending_state: state, resolved_by: by, posted_amount: posted, amount} = row
  if (state === undefined) return undefined
  const part = state === 'posted' && posted !== amount ? ` ${posted} of ${amount}` : ''
  return `${state}${part}${by === undefined ? '' : ` by ${by}`}`
}

/** @param chart as money of `ledger`, which rows of balances do not have */
export function balanceTable(rows: readonly Row[], whenEmpty: string, chart?: Chart, ledger?: Row): Table {
  const amount = (row: Row, field: string) =>
    ledger === undefined ? text(row, field) : amountText({...row, ledger: ledger.ledger!}, field, chart)
  return {
    columns: [right('DEBITS'), right('DEBITS PENDING'), right('CREDITS'), right('CREDITS PENDING'), 'AT'],
    rows: rows.map((row) => [
      amount(row, 'debits_posted'),
      amount(row, 'debits_pending'),
      amount(row, 'credits_posted'),
      amount(row, 'credits_pending'),
      timeText(row),
    ]),
    whenEmpty,
  }
}

/** `@bank`, or the id. */
export function accountText(row: Row, field: string, chart: Chart | undefined): Cell {
  const id = text(row, field)
  return chart === undefined || id === undefined ? id : accountLabel(numberIn(row, field), chart)
}

function idText(row: Row, chart: Chart | undefined): Cell {
  return row.id === undefined ? undefined : idLabel(numberIn(row, 'id'), chart)
}

/** `12.50 USD`, or the integer. */
export function amountText(row: Row, field: string, chart: Chart | undefined): Cell {
  const amount = text(row, field)
  return chart === undefined || amount === undefined
    ? amount
    : amountLabel(numberIn(row, field), Number(numberIn(row, 'ledger')), chart)
}

export function ledgerText(row: Row, chart: Chart | undefined): Cell {
  return chart?.ledgerOf(Number(numberIn(row, 'ledger')))?.name ?? text(row, 'ledger')
}

export function codeText(row: Row, kind: 'account' | 'transfer', chart: Chart | undefined): Cell {
  return chart?.codeName(kind, Number(numberIn(row, 'code'))) ?? text(row, 'code')
}

export function text(row: Row, field: string): Cell {
  const value = row[field]
  return value === undefined || value === null ? undefined : String(value)
}

export function timeText(row: Row): Cell {
  const timestamp = numberIn(row, 'timestamp')
  return timestamp === 0n ? undefined : formatTimestamp(timestamp)
}

export function flagText(kind: RecordKind, row: Row): Cell {
  return flagNames(kind, numberIn(row, 'flags')).join(' ')
}

/** `1 transfer`, `8,189 transfers`. */
export function count(kind: RecordKind, number: number): string {
  return `${String(number).replace(/\B(?=(\d{3})+$)/g, ',')} ${number === 1 ? CALLED[kind].one : CALLED[kind].many}`
}

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
