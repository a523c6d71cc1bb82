import {chain} from '@parix/books/chains'
import type {Chart} from '@parix/books/chart'
import {entryMoves, type Leg} from '@parix/books/recipes'
import {ParixError} from '@parix/kit/errors'
import type {Terminal} from '@parix/kit/output'
import {readItems} from '../input/documents.js'
import {readSource, type SourceFlags} from '../input/source.js'
import {createProblems} from '../records/problems.js'
import {integerText} from '../records/read.js'
import {commonOf, idsFor} from './chain-fields.js'
import type {DataFlagValues, GuardFlagValues} from './chain-flags.js'
import {Controls} from './controls.js'
import {Parties, type Party} from './parties.js'
import {guardedChain} from './plan-guards.js'
import type {ChainPlan, Reading} from './run-chain.js'

export interface EntryFlags extends DataFlagValues, GuardFlagValues, SourceFlags {
  debit?: string[] | undefined
  credit?: string[] | undefined
  ledger?: string | undefined
  key?: string | undefined
}

/** A leg as it was given; in JSON `amount` is the integer, elsewhere what a person wrote. */
interface LegText {
  side: Leg['side']
  party: Party
  label: string
  money?: string
  integer?: bigint
}

/** A journal entry as one chain. @throws ParixError BAD_INPUT with what is wrong, or the difference where it is not balanced */
export async function planEntry(
  flags: EntryFlags,
  chart: Chart | undefined,
  read: Reading,
  terminal: Terminal,
): Promise<ChainPlan> {
  const common = commonOf(flags, chart)
  const parties = new Parties(chart, read, flags.ledger)
  const texts = [...flagLegs(flags, parties), ...(await sourceLegs(flags, parties, terminal))]
  if (texts.length === 0)
    throw new ParixError('USAGE', 'Which accounts? Give --debit ACCOUNT=AMOUNT and --credit ACCOUNT=AMOUNT, or --file.')
  const legs = await readLegs(texts, parties)
  const ledgers = [...new Set(legs.map(({ledger}) => ledger))]
  const controlOf = await new Controls(parties, flags).forEntry(ledgers)
  const moves = entryMoves(legs, controlOf, parties.amountText)
  const of = (side: Leg['side']) => texts.filter((leg) => leg.side === side).map(({party}) => party)
  const guarded = await guardedChain({debits: of('debit'), credits: of('credit'), moves}, flags, parties)
  const {ids, generated} = idsFor('entry', flags.key)
  return {transfers: chain(guarded.moves, common, ids), generated}
}

function flagLegs(flags: EntryFlags, parties: Parties): LegText[] {
  return (['debit', 'credit'] as const).flatMap((side) =>
    (flags[side] ?? []).map((text) => {
      const {party, amountText} = parties.withAmount(`--${side}`, text)
      return {side, party, label: `the amount of --${side} ${party.text}`, money: amountText}
    }),
  )
}

const KEYS = ['debit', 'credit', 'amount', 'amountText']

/** Legs as JSON: `{"debit": "@cash", "amountText": "100.00"}` and `{"credit": "@sales", "amount": 10000}`. */
async function sourceLegs(flags: SourceFlags, parties: Parties, terminal: Terminal): Promise<LegText[]> {
  const source = await readSource(flags, terminal)
  if (source === undefined) return []
  const problems = createProblems()
  const legs = readItems(source, problems).flatMap(({value, where}) => {
    const place = `${source.name}${where}`
    const leg = problems.collect(() => legOf(value, place, parties))
    return leg === undefined ? [] : [leg]
  })
  problems.throwIfAny(source.name)
  return legs
}

function legOf(value: unknown, place: string, parties: Parties): LegText {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ParixError('BAD_INPUT', `${place} must be an object such as {"debit": "@cash", "amountText": "100.00"}.`)
  const given = value as Record<string, Parameters<typeof integerText>[1]>
  const unknown = Object.keys(given).find((key) => !KEYS.includes(key))
  if (unknown !== undefined)
    throw new ParixError(
      'BAD_INPUT',
      `${place}: there is no ${JSON.stringify(unknown)} in a leg, only ${KEYS.join(', ')}.`,
    )
  const side = given.debit === undefined ? 'credit' : 'debit'
  const account = given[side]
  if (account === undefined || (given.debit !== undefined && given.credit !== undefined))
    throw new ParixError('BAD_INPUT', `${place} must have either debit or credit, with an account.`)
  const name = `${place}${place.includes(' ') ? ':' : ''} ${side}`
  const text = typeof account === 'string' ? account : integerText(name, account)
  const leg = {side, party: parties.party(name, text), label: `${place} amount`} as const
  const {amount, amountText} = given
  if ((amount === undefined) === (amountText === undefined))
    throw new ParixError('BAD_INPUT', `${place} must have either amount, an integer, or amountText, money.`)
  if (amountText !== undefined) return {...leg, money: String(amountText)}
  return {...leg, integer: parties.integer(leg.label, integerText(leg.label, amount!))}
}

async function readLegs(texts: readonly LegText[], parties: Parties): Promise<Leg[]> {
  const ledgers = await parties.ledgersOf(texts.map(({party}) => party))
  const problems = createProblems()
  const legs = texts.flatMap(({side, party, label, money, integer}) => {
    const ledger = ledgers.get(party.id)!
    const amount = integer ?? problems.collect(() => parties.amount(label, money!, ledger))
    return amount === undefined ? [] : [{side, account: party.id, ledger, amount}]
  })
  problems.throwIfAny('the entry')
  return legs
}
