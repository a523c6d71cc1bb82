import {isMaximum} from '@parix/books/amounts'
import type {Chart} from '@parix/books/chart'
import {sweep, sweepAll} from '@parix/books/recipes'
import {ParixError} from '@parix/kit/errors'
import {type Transfer, TransferFlags} from '@parix/ledger/schema'
import {transfersById} from '../books/read-books.js'
import {commonOf, idsFor} from './chain-fields.js'
import type {DataFlagValues} from './chain-flags.js'
import {Controls, limitOf} from './controls.js'
import {Parties, type Party} from './parties.js'
import type {ChainPlan, Reading} from './run-chain.js'

export interface SweepFlags extends DataFlagValues {
  from: string[]
  to: string
  amount?: string | undefined
  'amount-raw'?: string | undefined
  control?: string[] | undefined
  key?: string | undefined
}

/** Money from several accounts to one, as one chain. @throws ParixError BAD_INPUT, NOT_FOUND */
export async function planSweep(flags: SweepFlags, chart: Chart | undefined, read: Reading): Promise<ChainPlan> {
  const common = commonOf(flags, chart, 'sweep')
  const parties = new Parties(chart, read)
  const from = flags.from.flatMap((texts) => texts.split(',')).map((text) => parties.party('--from', text))
  const to = parties.party('--to', flags.to)
  await parties.lookUp([...from, to])
  const {ledger} = await parties.row(to)
  for (const party of from)
    if ((await parties.row(party)).ledger !== ledger)
      throw new ParixError('BAD_INPUT', `${party.text} and ${to.text} are on different ledgers. Nothing was sent.`)
  const {ids, generated} = idsFor('sweep', flags.key)
  if (flags.amount === undefined && flags['amount-raw'] === undefined)
    throw new ParixError('USAGE', 'How much? Give --amount; max for all that there is.')
  if (isMaximum(flags.amount ?? '')) {
    const sources = []
    // The side of an account without a limit changes with its balance: the same key means what it meant the first time.
    const earlier =
      flags.key === undefined
        ? new Map<bigint, Transfer>()
        : await read((reader) =>
            transfersById(
              reader,
              from.map((_, index) => ids(index)),
            ),
          )
    for (const [index, party] of from.entries())
      sources.push({account: party.id, side: sideIn(earlier.get(ids(index))) ?? (await sideOf(party, parties))})
    return {transfers: sweepAll(sources, to.id, ledger, common, ids), generated}
  }
  for (const party of from) await assertLimited(party, parties)
  const amount =
    flags['amount-raw'] === undefined
      ? parties.amount('--amount', flags.amount!, ledger, '--amount-raw')
      : parties.integer('--amount-raw', flags['amount-raw'])
  const controls = new Controls(parties, flags)
  const setup = await controls.find('control', ledger, undefined, '--amount')
  const limit = await controls.find('control', ledger, 'debits_must_not_exceed_credits', '--amount')
  const accounts = from.map(({id}) => id)
  return {transfers: sweep({from: accounts, to: to.id, amount, ledger, setup, limit}, common, ids), generated}
}

async function assertLimited(party: Party, parties: Parties): Promise<void> {
  if (limitOf(await parties.row(party)) === 'debits_must_not_exceed_credits') return
  throw new ParixError(
    'BAD_INPUT',
    `${party.text} was created without debits_must_not_exceed_credits: it is not known how much it has. Collect all of it with --amount max, or name other accounts. Nothing was sent.`,
    {code: 'no_limit'},
  )
}

/** The side that an earlier sweep with the same key has taken. */
function sideIn(transfer: Transfer | undefined): 'credit' | 'debit' | undefined {
  if (transfer === undefined) return undefined
  return (transfer.flags & TransferFlags.balancing_debit) !== 0 ? 'credit' : 'debit'
}

async function sideOf(party: Party, parties: Parties): Promise<'credit' | 'debit'> {
  const row = await parties.row(party)
  const limit = limitOf(row)
  if (limit !== undefined) return limit === 'debits_must_not_exceed_credits' ? 'credit' : 'debit'
  return row.debits_posted > row.credits_posted ? 'debit' : 'credit'
}
