import type {Chart} from '@parix/books/chart'
import {accountLabel, amountLabel, idLabel} from '@parix/books/present'
import {UINT128_MAX} from '@parix/kit/integers'
import type {Table, View} from '@parix/kit/output'
import {formatTimestamp} from '@parix/kit/timestamps'
import type {CreateKind} from '@parix/ledger/schema'
import {flagNames, hasFlag} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'
import type {Moved} from '../results/moved.js'
import type {EventOutcome} from '../results/outcome.js'
import {count} from './tables.js'

/** A table of this many rows is still looked at; beyond, the counts say more. */
const ROWS_MAX = 50

const SAID: Readonly<Partial<Record<EventOutcome['state'], string>>> = {
  created: 'created',
  exists: 'already there',
  stored: 'in the ledger',
  refused: 'refused',
}

/** What a create call did. `moved`: see `lookUpMoved`. */
export function createdView(
  kind: CreateKind,
  records: readonly LedgerRecord[],
  events: readonly EventOutcome[],
  moved: ReadonlyMap<number, Moved> = new Map(),
  chart?: Chart,
): View {
  if (events.length > ROWS_MAX) return summary(kind, events)
  if (kind === 'account') return accounts(records, events, chart)
  const only = events.length === 1 ? moved.get(0) : undefined
  return only?.pending
    ? resolved(records[0]!, events[0]!, only, only.pending)
    : transfers(records, events, moved, chart)
}

/** A post or void: what is now true of the pending transfer. */
function resolved(
  record: LedgerRecord,
  event: EventOutcome,
  {from, to, amount}: Moved,
  pending: NonNullable<Moved['pending']>,
): View {
  const voids = hasFlag('transfer', record.flags, 'void_pending_transfer')
  return {
    details: [
      ['id', event.id],
      ['pending transfer', pending.id],
      ['from', from],
      ['to', to],
      ['posted', voids ? undefined : `${amount} of ${pending.held}`],
      ['given back', pending.givenBack],
      ['remaining', 0],
      ['result', `${voids ? 'voided' : 'posted'}, ${SAID[event.state]}`],
      ['time', time(event.timestamp)],
    ],
  }
}

function summary(kind: CreateKind, events: readonly EventOutcome[]): View {
  const states = (['created', 'stored', 'exists'] as const).map((state): [string, string | undefined] => {
    const number = events.filter((event) => event.state === state).length
    return [SAID[state]!, number === 0 ? undefined : count(kind, number)]
  })
  return {details: [...states, ['first id', events[0]!.id], ['last id', events.at(-1)!.id]]}
}

function accounts(records: readonly LedgerRecord[], events: readonly EventOutcome[], chart: Chart | undefined): Table {
  return {
    columns: [right('ID'), right('LEDGER'), right('CODE'), 'FLAGS', 'RESULT', 'TIME'],
    rows: events.map(({index, id, state, timestamp}) => {
      const {ledger, code, flags = 0n} = records[index]!
      return [
        nameOf(BigInt(id), chart),
        chart?.ledgerOf(Number(ledger))?.name ?? ledger,
        chart?.codeName('account', Number(code)) ?? code,
        flagNames('account', flags).join(' '),
        SAID[state],
        time(timestamp),
      ]
    }),
    whenEmpty: '',
  }
}

/** With a column for what moved, where that may be less than what was asked for. */
function transfers(
  records: readonly LedgerRecord[],
  events: readonly EventOutcome[],
  moved: ReadonlyMap<number, Moved>,
  chart: Chart | undefined,
): Table {
  const amounts = moved.size > 0 ? [right('REQUESTED'), right('MOVED')] : [right('AMOUNT')]
  return {
    columns: [right('ID'), right('FROM'), right('TO'), ...amounts, 'FLAGS', 'RESULT', 'TIME'],
    rows: events.map(({index, id, state, timestamp}) => {
      const {debit_account_id, credit_account_id, amount, ledger, flags = 0n} = records[index]!
      const {from = debit_account_id, to = credit_account_id, amount: movedAmount = amount} = moved.get(index) ?? {}
      return [
        idLabel(BigInt(id), chart),
        nameOf(from, chart),
        nameOf(to, chart),
        money(amountSaid(amount, flags), ledger, chart),
        ...(moved.size > 0 ? [money(movedAmount, ledger, chart)] : []),
        flagNames('transfer', flags).join(' '),
        SAID[state],
        time(timestamp),
      ]
    }),
    whenEmpty: '',
  }
}

/** What was asked for, in the words it was asked in: 2^128 − 1 means all there is, and 0 for all where one voids. */
function amountSaid(amount: bigint | undefined, flags: bigint): bigint | string | undefined {
  const flag = (name: string) => hasFlag('transfer', flags, name)
  if (flag('void_pending_transfer') && (amount ?? 0n) === 0n) return 'all'
  if (amount !== UINT128_MAX) return amount
  if (flag('post_pending_transfer')) return 'all'
  return flag('balancing_debit') || flag('balancing_credit') ? 'max' : amount
}

function nameOf(id: bigint | string | undefined, chart: Chart | undefined): string | undefined {
  return id === undefined ? undefined : accountLabel(BigInt(id), chart)
}

function money(amount: bigint | string | undefined, ledger: bigint | undefined, chart: Chart | undefined) {
  const isNumber = typeof amount === 'bigint' || (typeof amount === 'string' && /^\d+$/.test(amount))
  return chart === undefined || ledger === undefined || !isNumber
    ? amount
    : amountLabel(BigInt(amount), Number(ledger), chart)
}

function right(name: string) {
  return {name, align: 'right'} as const
}

function time(timestamp: string | undefined): string | undefined {
  return timestamp === undefined || timestamp === '0' ? undefined : formatTimestamp(BigInt(timestamp))
}
