/** The commands that would make a difference go away, as they run. They are proposed, never sent. */

import {formatAmount} from '@parix/books/amounts'
import {type Chart, hashId} from '@parix/books/chart'
import {accountLabel, userDataText} from '@parix/books/present'
import type {BankLine} from '@parix/books/reconcile'
import type {StatementRow} from '@parix/books/statement'
import {translateFields} from '@parix/books/translate'
import {isParixError} from '@parix/kit/errors'
import {UINT128_MAX} from '@parix/kit/integers'
import {type NextCommand, nextCommand} from '@parix/kit/next-command'

/** Where a transfer keeps the reference of the bank. */
export const REFERENCE_FIELDS = ['user-data-128', 'user-data-64', 'user-data-32', 'id'] as const
export type ReferenceField = (typeof REFERENCE_FIELDS)[number]

export interface Proposals {
  database: string
  account: bigint
  side: 'debit' | 'credit'
  ledger: number
  /** Undefined where the chart does not have the ledger. */
  scale: number | undefined
  chart: Chart | undefined
  chartFlag: string | undefined
  reference: ReferenceField
  /** For what is only at the bank: the other account, and the code. */
  counterpart: string | undefined
  code: string | undefined
  /** The field that has the time at which things happened, where the books are compared by it. */
  occurred: Exclude<ReferenceField, 'id'> | undefined
}

type UserData = Partial<Record<Exclude<ReferenceField, 'id'>, string>>

/** Books a line of the bank; undefined where it is not known between which accounts. The id is derived: twice is once. */
export function bookLine(line: BankLine, proposals: Proposals): NextCommand | undefined {
  const {counterpart, code, reference, account, occurred} = proposals
  if (counterpart === undefined || code === undefined || line.amount === 0n) return undefined
  const integer = referenceInteger(line.reference, proposals)
  const {time, amount} = line
  const derived = hashId(
    'parix-reconcile/1',
    String(account),
    line.reference ?? '',
    String(time),
    String(amount),
    String(line.line),
  )
  return transferCommand(
    {
      id: reference === 'id' && integer !== undefined ? integer : derived.toString(),
      amount,
      counterpart,
      code,
      userData: {
        ...(occurred !== undefined && {[occurred]: String(line.time)}),
        ...(reference !== 'id' && integer !== undefined && {[reference]: integer}),
      },
    },
    proposals,
  )
}

/** Takes back what was booked with a wrong amount, and books the amount of the bank. */
export function correctAmount(line: BankLine, row: StatementRow, proposals: Proposals): NextCommand[] {
  const {chart, code, account} = proposals
  const userData: UserData = {
    ...(row.userData128 !== 0n && {'user-data-128': String(row.userData128)}),
    ...(row.userData64 !== 0n && {'user-data-64': String(row.userData64)}),
    ...(row.userData32 !== 0 && {'user-data-32': String(row.userData32)}),
  }
  const back = nextCommand('tb reverse', {
    args: [proposals.database, String(row.id)],
    flags: {code, chart: proposals.chartFlag},
  })
  if (line.amount === 0n) return [back]
  const right: Entry = {
    id: hashId('parix-reconcile/1', String(account), String(row.id), String(line.amount)).toString(),
    amount: line.amount,
    counterpart: accountLabel(row.counterpart, chart),
    code: code ?? chart?.codeName('transfer', row.code) ?? String(row.code),
    userData,
  }
  return [back, transferCommand(right, proposals)]
}

interface Entry {
  id: string
  /** Signed, on the account's normal side. */
  amount: bigint
  counterpart: string
  code: string
  userData: UserData
}

function transferCommand({id, amount, counterpart, code, userData}: Entry, proposals: Proposals): NextCommand {
  const {database, account, side, ledger, scale, chart, chartFlag} = proposals
  const own = accountLabel(account, chart)
  const size = amount < 0n ? -amount : amount
  const debitOwn = amount > 0n === (side === 'debit')
  return nextCommand('tb create-transfers', {
    args: [database],
    flags: {
      id,
      from: debitOwn ? own : counterpart,
      to: debitOwn ? counterpart : own,
      amount: formatAmount(size, scale ?? 0),
      ledger: chart?.ledgerOf(ledger)?.name ?? String(ledger),
      code,
      ...userData,
      chart: chartFlag,
    },
  })
}

/** The reference as it is shown and compared: as the chart says of the field, else a decimal integer. */
export function referenceText(row: StatementRow, field: ReferenceField, chart: Chart | undefined): string | undefined {
  if (field === 'id') return row.id.toString()
  const value = {
    'user-data-128': row.userData128,
    'user-data-64': row.userData64,
    'user-data-32': BigInt(row.userData32),
  }[field]
  if (value === 0n) return undefined
  const meaning = chart?.compiled.userData.transfer[field.slice('user-data-'.length)]
  return (meaning && userDataText(value, meaning.as)) ?? value.toString()
}

/** What the bank writes, spelled as `referenceText` spells it. */
export function referenceOf(text: string, field: ReferenceField, chart: Chart | undefined): string {
  const integer = referenceInteger(text, {reference: field, chart})
  if (integer === undefined) return text
  if (field === 'id') return BigInt(integer).toString()
  const meaning = chart?.compiled.userData.transfer[field.slice('user-data-'.length)]
  return (meaning && userDataText(BigInt(integer), meaning.as)) ?? BigInt(integer).toString()
}

/** The integer that a transfer keeps for a reference; undefined where it can't keep such a text. 0 is none, and no id. */
function referenceInteger(
  text: string | undefined,
  proposals: Pick<Proposals, 'reference' | 'chart'>,
): string | undefined {
  const integer = text === undefined ? undefined : integerOf(text, proposals)
  return integer === undefined || integer === 0n || integer > LARGEST[proposals.reference] ? undefined : String(integer)
}

/** The largest id is a reserved one. */
const LARGEST: Readonly<Record<ReferenceField, bigint>> = {
  'user-data-128': UINT128_MAX,
  'user-data-64': 2n ** 64n - 1n,
  'user-data-32': 2n ** 32n - 1n,
  id: UINT128_MAX - 1n,
}

function integerOf(text: string, {reference, chart}: Pick<Proposals, 'reference' | 'chart'>): bigint | undefined {
  const field = reference.replaceAll('-', '_')
  try {
    const translated = translateFields({[field]: text}, chart, {
      kind: 'transfer',
      label: () => 'the reference',
      typed: true,
    })
    const integer = translated[field]!.replaceAll('_', '')
    if (/^(\d+|0x[0-9a-f]+)$/i.test(integer)) return BigInt(integer)
    const hex = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text) && text.replaceAll('-', '')
    return hex ? BigInt(`0x${hex}`) : undefined
  } catch (error) {
    if (isParixError(error)) return undefined
    throw error
  }
}
