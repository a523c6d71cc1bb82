/** The conditions of `--if-available`, `--keep-below`, `--with-limit` and `--rate-limit`, as parts of a chain. */

import {type BalanceSide, chain, joined, type Move} from '@parix/books/chains'
import {type Chart, hashId} from '@parix/books/chart'
import {availableMoves, boundMoves, limitMoves, rateMoves} from '@parix/books/guards'
import {ParixError} from '@parix/kit/errors'
import {type FlagTexts, readEvents} from '../events/read-events.js'
import {hasFlag} from '../records/flags.js'
import {createIdSource} from '../records/id.js'
import {CONDITIONS, type GuardFlagValues} from './chain-flags.js'
import {Controls, LIMITS, type Limit, limitOf} from './controls.js'
import {Parties, type Party} from './parties.js'
import {wholeSeconds} from './plan-reserve.js'
import type {ChainPlan, Reading} from './run-chain.js'

/** What is guarded: the accounts that it debits and credits, and its transfers. */
export interface Guarded {
  debits: readonly Party[]
  credits: readonly Party[]
  moves: readonly Move[]
}

export interface GuardedChain {
  moves: Move[]
  /** Where the guarded transfers begin. */
  start: number
}

export function hasGuards(flags: GuardFlagValues): boolean {
  return CONDITIONS.some((name) => (flags[name]?.length ?? 0) > 0)
}

/**
 * `guarded` with its conditions before and after it. The accounts are looked up: a condition on an account without a limit
 * would always be met.
 *
 * @throws ParixError BAD_INPUT
 */
export async function guardedChain(guarded: Guarded, flags: GuardFlagValues, parties: Parties): Promise<GuardedChain> {
  const controls = new Controls(parties, flags)
  const before: Move[][] = []
  const after: Move[][] = []
  if (hasGuards(flags)) await parties.lookUp([...guarded.debits, ...guarded.credits])
  for (const text of flags['rate-limit'] ?? []) before.push(await rateLimit(text, flags, parties, controls))
  for (const text of flags['if-available'] ?? []) before.push(await ifAvailable(text, guarded, parties, controls))
  for (const text of flags['keep-below'] ?? []) after.push(await keepBelow(text, guarded, parties, controls))
  for (const text of flags['with-limit'] ?? []) after.push(await withLimitOf(text, guarded, parties, controls))
  const start = before.reduce((sum, {length}) => sum + length, 0)
  return {moves: joined(...before, guarded.moves, ...after), start}
}

async function ifAvailable(text: string, guarded: Guarded, parties: Parties, controls: Controls): Promise<Move[]> {
  const label = '--if-available'
  // What a credit balance loses is debited, what a debit balance loses is credited.
  const candidates = [
    ...(await withLimit(guarded.debits, 'debits_must_not_exceed_credits', parties)),
    ...(await withLimit(guarded.credits, 'credits_must_not_exceed_debits', parties)),
  ]
  const {party, amountText} = accountAndAmount(label, text, candidates, parties, () => {
    const limits =
      'debits_must_not_exceed_credits where it is debited, credits_must_not_exceed_debits where it is credited'
    return `${label} needs an account with a limit: ${limits}. Without one the ledger allows any transfer.`
  })
  const row = await parties.row(party)
  const limit = limitOf(row)
  if (limit === undefined)
    throw new ParixError(
      'BAD_INPUT',
      `${label}: ${party.text} has neither debits_must_not_exceed_credits nor credits_must_not_exceed_debits, so the ledger would allow any transfer. Nothing was sent.`,
      {code: 'no_limit'},
    )
  const side: BalanceSide = limit === 'debits_must_not_exceed_credits' ? 'credit' : 'debit'
  const {ledger} = row
  const threshold = parties.amount(label, amountText, ledger)
  const control = await controls.find('control', ledger, undefined, label)
  return availableMoves({account: party.id, side, ledger, control, threshold})
}

async function keepBelow(text: string, guarded: Guarded, parties: Parties, controls: Controls): Promise<Move[]> {
  const label = '--keep-below'
  const debitBalances = await withLimit(guarded.debits, 'credits_must_not_exceed_debits', parties)
  const credited = guarded.credits.filter(({id}) => !debitBalances.some((party) => party.id === id))
  const creditBalances = await withLimit(credited, 'debits_must_not_exceed_credits', parties)
  const limited = [...creditBalances, ...debitBalances]
  const {party, amountText} = accountAndAmount(
    label,
    text,
    limited.length > 0 ? limited : credited,
    parties,
    () => `${label}: no account of this entry receives anything.`,
  )
  const row = await parties.row(party)
  const limit =
    limitOf(row) ?? (guarded.credits.some(({id}) => id === party.id) ? 'debits_must_not_exceed_credits' : undefined)
  const side: BalanceSide = limit === 'debits_must_not_exceed_credits' ? 'credit' : 'debit'
  const {ledger} = row
  const bound = parties.amount(label, amountText, ledger)
  const opposite: Limit = side === 'credit' ? 'credits_must_not_exceed_debits' : 'debits_must_not_exceed_credits'
  const control = await controls.find('control', ledger, opposite, label)
  const operator = await controls.find('operator', ledger, undefined, label)
  return boundMoves({account: party.id, side, ledger, control, operator, bound})
}

async function withLimitOf(text: string, guarded: Guarded, parties: Parties, controls: Controls): Promise<Move[]> {
  const label = '--with-limit'
  const at = text.lastIndexOf('=')
  const limit = LIMITS.find((name) => name === text.slice(at + 1).trim())
  if (limit === undefined)
    throw new ParixError('BAD_INPUT', `${label} is ${LIMITS.join(' or ')}, but is ${JSON.stringify(text)}.`)
  // Debits can get above credits where an account is debited, and the other way round.
  const candidates = limit === 'debits_must_not_exceed_credits' ? guarded.debits : guarded.credits
  const party = at > 0 ? parties.party(label, text.slice(0, at)) : onlyParty(label, limit, candidates)
  const {ledger} = await parties.row(party)
  const control = await controls.find('control', ledger, limit, label)
  const row = await parties.row(parties.party('--control', String(control)))
  if (row.debits_posted !== row.credits_posted || row.debits_pending + row.credits_pending !== 0n)
    throw new ParixError(
      'BAD_INPUT',
      `${label} needs a control account whose balance is 0, and that of ${control} is not: it would take what is beyond the limit. Nothing was sent.`,
      {code: 'control_has_balance'},
    )
  return limitMoves({account: party.id, ledger, limit, control})
}

async function rateLimit(text: string, flags: GuardFlagValues, parties: Parties, controls: Controls): Promise<Move[]> {
  const label = '--rate-limit'
  const window = flags['rate-window']
  if (window === undefined)
    throw new ParixError('USAGE', `${label} needs --rate-window: after which time the amount is available again.`)
  const seconds = wholeSeconds('--rate-window', window)
  const {party, amountText} = parties.withAmount(label, text)
  const row = await parties.row(party)
  if (limitOf(row) !== 'debits_must_not_exceed_credits')
    throw new ParixError(
      'BAD_INPUT',
      `${label}: ${party.text} was created without debits_must_not_exceed_credits, so the ledger would allow any rate. Nothing was sent.`,
      {code: 'no_limit'},
    )
  const {ledger} = row
  const amount = parties.amount(label, amountText, ledger)
  const operator = await controls.find('operator', ledger, undefined, label)
  return rateMoves({account: party.id, operator, ledger, amount, seconds})
}

async function withLimit(among: readonly Party[], limit: Limit, parties: Parties): Promise<Party[]> {
  const found: Party[] = []
  for (const party of among) if (limitOf(await parties.row(party)) === limit) found.push(party)
  return found
}

/** `ACCOUNT=AMOUNT`, or an amount alone where only one account can be meant. */
function accountAndAmount(
  label: string,
  text: string,
  candidates: readonly Party[],
  parties: Parties,
  none: () => string,
): {party: Party; amountText: string} {
  if (text.includes('=')) return parties.withAmount(label, text)
  if (candidates.length === 0) throw new ParixError('BAD_INPUT', `${none()} Nothing was sent.`, {code: 'no_limit'})
  return {party: onlyParty(label, text, candidates), amountText: text}
}

/** @param value that of the flag, which names no account */
function onlyParty(label: string, value: string, candidates: readonly Party[]): Party {
  const ids = new Set(candidates.map(({id}) => id))
  if (ids.size !== 1)
    throw new ParixError(
      'BAD_INPUT',
      `${label} could be about ${candidates.map((party) => party.text).join(' or ')}. Write ${label} ACCOUNT=${value}. Nothing was sent.`,
    )
  return candidates[0]!
}

/** A transfer by flags, with the conditions that the ledger checks along with it. @throws ParixError BAD_INPUT */
export async function planGuardedTransfer(
  flags: FlagTexts & GuardFlagValues,
  chart: Chart | undefined,
  read: Reading,
  say: (sentence: string) => void,
): Promise<ChainPlan> {
  const next = createIdSource()
  const {records, generated: ownIds} = readEvents('transfer', undefined, flags, next, say, chart)
  const record = records[0]!
  for (const name of ['linked', 'post_pending_transfer', 'void_pending_transfer', 'imported'])
    if (hasFlag('transfer', record.flags, name))
      throw new ParixError('BAD_INPUT', `A transfer with the flag ${name} can't have conditions. Nothing was sent.`)
  const {id = 0n, debit_account_id = 0n, credit_account_id = 0n, amount = 0n, ledger = 0n, timeout = 0n} = record
  const parties = new Parties(chart, read)
  const accounts = {
    debits: [parties.party('--from', String(flags.from))],
    credits: [parties.party('--to', String(flags.to))],
  }
  const move = {
    debit: debit_account_id,
    credit: credit_account_id,
    amount,
    ledger: Number(ledger),
    flags: Number(record.flags ?? 0n),
    timeout: Number(timeout),
  }
  const {moves, start} = await guardedChain({...accounts, moves: [move]}, flags, parties)
  const {user_data_128 = 0n, user_data_64 = 0n, user_data_32 = 0n, code = 0n} = record
  const common = {code: Number(code), user_data_128, user_data_64, user_data_32: Number(user_data_32)}
  // The transfer has the id that was given or announced; where it was given, those of the conditions follow from it.
  const isGenerated = ownIds.has(id)
  const ids = moves.map((_, index) =>
    index === start ? id : isGenerated ? next() : hashId('parix-guard/1', String(id), String(index)),
  )
  return {transfers: chain(moves, common, (index) => ids[index]!), generated: new Set(isGenerated ? ids : [])}
}
