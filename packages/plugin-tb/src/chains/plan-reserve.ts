import {chain} from '@parix/books/chains'
import type {Chart} from '@parix/books/chart'
import {parseDuration} from '@parix/kit/duration'
import {ParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {formatTimestamp} from '@parix/kit/timestamps'
import {TransferFlags} from '@parix/ledger/schema'
import {commonOf, idsFor} from './chain-fields.js'
import type {DataFlagValues} from './chain-flags.js'
import {Parties} from './parties.js'
import type {ChainCall, ChainPlan, Reading} from './run-chain.js'

export interface ReserveFlags extends DataFlagValues {
  from: string
  to: string
  amount?: string | undefined
  'amount-raw'?: string | undefined
  timeout?: string | undefined
  ledger?: string | undefined
  key?: string | undefined
}

/** A pending transfer. @throws ParixError BAD_INPUT */
export async function planReserve(flags: ReserveFlags, chart: Chart | undefined, read: Reading): Promise<ChainPlan> {
  const common = commonOf(flags, chart)
  const parties = new Parties(chart, read, flags.ledger)
  const [from, to] = [parties.party('--from', flags.from), parties.party('--to', flags.to)]
  const ledgers = await parties.ledgersOf([from, to])
  const ledger = ledgers.get(from.id)!
  if (ledgers.get(to.id) !== ledger)
    throw new ParixError('BAD_INPUT', `${from.text} and ${to.text} are on different ledgers. Nothing was sent.`)
  const seconds = flags.timeout === undefined ? undefined : wholeSeconds('--timeout', flags.timeout)
  const amount = amountOf(flags, parties, ledger)
  const {ids, generated} = idsFor('reserve', flags.key)
  const timeout = seconds === undefined ? {} : {timeout: seconds}
  const hold = {debit: from.id, credit: to.id, amount, ledger, flags: TransferFlags.pending, ...timeout}
  return {transfers: chain([hold], common, ids), generated}
}

function amountOf(flags: ReserveFlags, parties: Parties, ledger: number): bigint {
  if (flags['amount-raw'] !== undefined) return parties.integer('--amount-raw', flags['amount-raw'])
  if (flags.amount === undefined) throw new ParixError('USAGE', 'How much? Give --amount.')
  return parties.amount('--amount', flags.amount, ledger, '--amount-raw')
}

/** TigerBeetle counts timeouts in whole seconds. @throws ParixError BAD_INPUT */
export function wholeSeconds(field: string, text: string): number {
  const milliseconds = parseDuration(field, text)
  if (milliseconds % 1000 === 0 && milliseconds > 0) return milliseconds / 1000
  throw new ParixError('BAD_INPUT', `${field} is counted in whole seconds, and ${text} is not.`)
}

/** Until when it holds, and how it ends. */
export function afterReserving(timeout: string | undefined): NonNullable<ChainCall['afterwards']> {
  return async ({result}, api, database) => {
    const [row] = result.responsePayload
    if (row === undefined) return []
    const next = (words: string) => renderCommand(nextCommand(words, {args: [database.name, row.id]}), api.base)
    const until =
      timeout === undefined || row.timestamp === undefined
        ? 'It is held until it is posted or voided.'
        : `It is held until ${formatTimestamp(BigInt(row.timestamp) + BigInt(wholeSeconds('--timeout', timeout)) * 1_000_000_000n)}.`
    return [until, `Pay: ${next('tb post')}`, `Give back: ${next('tb void')}`]
  }
}
