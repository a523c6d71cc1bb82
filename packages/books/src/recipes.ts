/**
 * TigerBeetle's recipes as functions: what a bookkeeper means in, a chain of transfers out. Each chain is linked, so that all
 * of it is stored or none of it (docs.tigerbeetle.com, coding/recipes). Nothing here talks to a ledger.
 */

import {ParixError} from '@parix/kit/errors'
import {UINT128_MAX} from '@parix/kit/integers'
import {TransferFlags} from '@parix/ledger/schema'
import {type BalanceSide, type Common, chain, type Ids, type Move, type NewTransfer} from './chains.js'

export interface Leg {
  side: 'debit' | 'credit'
  account: bigint
  ledger: number
  amount: bigint
}

/**
 * A journal entry of any number of legs. In each ledger debits must equal credits. One debit with many credits, or the
 * reverse, is booked directly; many with many go through a control account, which has the same balance afterwards.
 *
 * @param controlOf the control account of a ledger; undefined where there is none
 * @param amountText an amount in errors
 * @throws ParixError BAD_INPUT when a ledger is not balanced, has one side only, or needs a control account
 */
export function entryMoves(
  legs: readonly Leg[],
  controlOf: (ledger: number) => bigint | undefined,
  amountText: (amount: bigint, ledger: number) => string = String,
): Move[] {
  const moves: Move[] = []
  for (const ledger of [...new Set(legs.map((leg) => leg.ledger))]) {
    const debits = legs.filter((leg) => leg.ledger === ledger && leg.side === 'debit')
    const credits = legs.filter((leg) => leg.ledger === ledger && leg.side === 'credit')
    assertBalanced(ledger, debits, credits, amountText)
    moves.push(...movesOf(ledger, debits, credits, controlOf))
  }
  return moves
}

function movesOf(
  ledger: number,
  debits: readonly Leg[],
  credits: readonly Leg[],
  controlOf: (ledger: number) => bigint | undefined,
): Move[] {
  const [debit] = debits
  const [credit] = credits
  if (debits.length === 1)
    return credits.map(({account, amount}) => ({debit: debit!.account, credit: account, amount, ledger}))
  if (credits.length === 1)
    return debits.map(({account, amount}) => ({debit: account, credit: credit!.account, amount, ledger}))
  const control = controlOf(ledger)
  if (control === undefined) {
    throw new ParixError(
      'BAD_INPUT',
      `${debits.length} debits and ${credits.length} credits on ledger ${ledger} need a control account. Name one, or give an account of the chart the code "control".`,
    )
  }
  return [
    ...debits.map(({account, amount}) => ({debit: account, credit: control, amount, ledger})),
    ...credits.map(({account, amount}) => ({debit: control, credit: account, amount, ledger})),
  ]
}

function assertBalanced(
  ledger: number,
  debits: readonly Leg[],
  credits: readonly Leg[],
  amountText: (amount: bigint, ledger: number) => string,
): void {
  const sum = (legs: readonly Leg[]) => legs.reduce((all, {amount}) => all + amount, 0n)
  const [debit, credit] = [sum(debits), sum(credits)]
  if (debits.length > 0 && credits.length > 0 && debit === credit) return
  const text = (amount: bigint) => amountText(amount, ledger)
  const difference =
    debit === credit
      ? ''
      : debit > credit
        ? `debits are ${text(debit - credit)} more`
        : `credits are ${text(credit - debit)} more`
  throw new ParixError(
    'BAD_INPUT',
    `The entry is not balanced on ledger ${ledger}: debits of ${text(debit)}, credits of ${text(credit)}${difference && `: ${difference}`}. Nothing was sent.`,
    {code: 'entry_not_balanced'},
  )
}

/** A positive decimal number, exactly: `82.42135` is 8242135 / 10^5. @throws ParixError BAD_INPUT */
export function parseRate(field: string, text: string): {numerator: bigint; denominator: bigint} {
  const match = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text.trim())
  const [, whole = '', places = ''] = match ?? []
  const numerator = BigInt(`0${whole}${places}`)
  if (match === null || numerator === 0n)
    throw new ParixError('BAD_INPUT', `${field} must be a positive decimal number, such as 82.42135.`)
  return {numerator, denominator: 10n ** BigInt(places.length)}
}

export interface ExchangeInput {
  from: {account: bigint; ledger: number; scale: number; amount: bigint}
  to: {account: bigint; ledger: number; scale: number}
  /** Units of the target currency per unit of the source currency; or what is received, as it was agreed. */
  rate: {numerator: bigint; denominator: bigint} | {received: bigint}
  /** The liquidity provider's account on either ledger. */
  via: {from: bigint; to: bigint}
  /** Charged on the source ledger, in addition to `amount`; goes to the liquidity account or to `account`. */
  fee?: {amount: bigint; account?: bigint}
}

export interface Exchange {
  transfers: NewTransfer[]
  received: bigint
  /** What rounding down left with the liquidity account, as a fraction of the smallest target unit. */
  remainder: {numerator: bigint; denominator: bigint}
}

/** TigerBeetle's currency exchange: two linked transfers, three with a fee. Rounds in favour of the liquidity account. */
export function exchange({from, to, rate, via, fee}: ExchangeInput, common: Common, ids: Ids): Exchange {
  const {received, remainder} = receivedAt(from, to, rate)
  const moves: Move[] = [
    {debit: from.account, credit: via.from, amount: from.amount, ledger: from.ledger},
    ...(fee === undefined
      ? []
      : [{debit: from.account, credit: fee.account ?? via.from, amount: fee.amount, ledger: from.ledger}]),
    {debit: via.to, credit: to.account, amount: received, ledger: to.ledger},
  ]
  return {transfers: chain(moves, common, ids), received, remainder}
}

function receivedAt(
  from: ExchangeInput['from'],
  to: ExchangeInput['to'],
  rate: ExchangeInput['rate'],
): Pick<Exchange, 'received' | 'remainder'> {
  if ('received' in rate) return {received: rate.received, remainder: {numerator: 0n, denominator: 1n}}
  const numerator = from.amount * rate.numerator * 10n ** BigInt(to.scale)
  const denominator = rate.denominator * 10n ** BigInt(from.scale)
  const received = numerator / denominator
  if (received === 0n || received > UINT128_MAX) {
    throw new ParixError(
      'BAD_INPUT',
      received === 0n
        ? 'At this rate nothing would be received. Nothing was sent.'
        : 'At this rate the amount received does not fit in 128 bits. Nothing was sent.',
    )
  }
  return {received, remainder: {numerator: numerator % denominator, denominator}}
}

/** A part of an amount, such as `0.25%`, rounded up to the smallest unit: in favour of who receives it. @throws ParixError BAD_INPUT */
export function percentOf(field: string, text: string, amount: bigint): bigint {
  const {numerator, denominator} = parseRate(field, text.trim().replace(/\s*%$/, ''))
  const whole = amount * numerator
  const parts = denominator * 100n
  return (whole + parts - 1n) / parts
}

export interface SweepInput {
  /** Accounts with debits_must_not_exceed_credits, in the order in which they are drawn on. */
  from: readonly bigint[]
  to: bigint
  amount: bigint
  ledger: number
  /** Both with no balance of their own; `limit` with debits_must_not_exceed_credits. */
  setup: bigint
  limit: bigint
}

/** `amount` from several accounts, as much from each as there is; refused as a whole when they have less together. */
export function sweep({from, to, amount, ledger, setup, limit}: SweepInput, common: Common, ids: Ids): NewTransfer[] {
  const both = TransferFlags.balancing_debit | TransferFlags.balancing_credit
  return chain(
    [
      {debit: setup, credit: limit, amount, ledger},
      ...from.map((account) => ({debit: account, credit: setup, amount, ledger, flags: both})),
      {debit: setup, credit: to, amount, ledger},
      {debit: limit, credit: setup, amount: UINT128_MAX, ledger, flags: TransferFlags.balancing_credit},
    ],
    common,
    ids,
  )
}

/** All that there is in several accounts: one balancing transfer each, which moves nothing from an empty account. */
export function sweepAll(
  from: readonly {account: bigint; side: BalanceSide}[],
  to: bigint,
  ledger: number,
  common: Common,
  ids: Ids,
): NewTransfer[] {
  return chain(
    from.map(({account, side}) =>
      side === 'credit'
        ? {debit: account, credit: to, amount: UINT128_MAX, ledger, flags: TransferFlags.balancing_debit}
        : {debit: to, credit: account, amount: UINT128_MAX, ledger, flags: TransferFlags.balancing_credit},
    ),
    common,
    ids,
  )
}
