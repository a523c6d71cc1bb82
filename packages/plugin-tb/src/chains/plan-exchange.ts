import type {Chart} from '@parix/books/chart'
import {type ExchangeInput, exchange, parseRate, percentOf} from '@parix/books/recipes'
import {isParixError, ParixError} from '@parix/kit/errors'
import {commonOf, idsFor} from './chain-fields.js'
import type {DataFlagValues} from './chain-flags.js'
import {Parties, type Party} from './parties.js'
import type {ChainPlan, Reading} from './run-chain.js'

export interface ExchangeFlags extends DataFlagValues {
  from: string
  to: string
  via: string[]
  rate?: string | undefined
  fee?: string | undefined
  spread?: string | undefined
  'fee-to'?: string | undefined
  key?: string | undefined
}

/** An exchange of currencies as one chain. @throws ParixError BAD_INPUT */
export async function planExchange(flags: ExchangeFlags, chart: Chart | undefined, read: Reading): Promise<ChainPlan> {
  const common = commonOf(flags, chart, 'exchange')
  const parties = new Parties(chart, read)
  const {party: from, amountText} = parties.withAmount('--from', flags.from)
  const agreed = flags.to.includes('=') ? parties.withAmount('--to', flags.to) : undefined
  const to = agreed?.party ?? parties.party('--to', flags.to)
  const feeTo = flags['fee-to'] === undefined ? undefined : parties.party('--fee-to', flags['fee-to'])
  if ((flags.rate === undefined) === (agreed === undefined))
    throw new ParixError('USAGE', 'Give either --rate, or what is received: --to ACCOUNT=AMOUNT.')
  const vias = viaAccounts(flags.via, parties, chart, [from, to])
  const ledgers = await parties.ledgersOf([from, to, ...vias, ...(feeTo === undefined ? [] : [feeTo])])
  const [fromLedger, toLedger] = [ledgers.get(from.id)!, ledgers.get(to.id)!]
  if (fromLedger === toLedger)
    throw new ParixError('BAD_INPUT', `${from.text} and ${to.text} are on one ledger: there is nothing to exchange.`)
  const via = (ledger: number) => viaOn(ledger, vias, ledgers, parties)
  const unit = {from: parties.unitOf(fromLedger), to: parties.unitOf(toLedger)}
  const amount = parties.amount('the amount of --from', amountText, fromLedger)
  const fee = feeOf(flags, parties, amount, fromLedger)
  const input: ExchangeInput = {
    from: {account: from.id, ledger: fromLedger, scale: unit.from?.scale ?? 0, amount},
    to: {account: to.id, ledger: toLedger, scale: unit.to?.scale ?? 0},
    rate:
      agreed === undefined
        ? parseRate('--rate', flags.rate!)
        : {received: parties.amount('the amount of --to', agreed.amountText, toLedger)},
    via: {from: via(fromLedger), to: via(toLedger)},
    ...(fee !== undefined && {fee: {amount: fee, ...(feeTo !== undefined && {account: feeTo.id})}}),
  }
  const {ids, generated} = idsFor('exchange', flags.key)
  const {transfers, received, remainder} = exchange(input, common, ids)
  const notes = [
    `${parties.amountText(amount, fromLedger)} for ${parties.amountText(received, toLedger)}${flags.rate === undefined ? '' : ` at ${flags.rate}`}${fee === undefined ? '' : `, and a fee of ${parties.amountText(fee, fromLedger)}`}.`,
    ...(remainder.numerator === 0n
      ? []
      : [
          `Rounded down by ${decimal(remainder)} of the smallest unit, which stays with ${viaText(vias, ledgers, toLedger)}.`,
        ]),
    ...(unit.from === undefined || unit.to === undefined
      ? ['Without a chart of accounts, the rate is in smallest units of the one per smallest unit of the other.']
      : []),
  ]
  return {transfers, generated, notes}
}

/** `--via @fx` is `@fx/usd` and `@fx/inr` where the chart has these and no `@fx`. */
function viaAccounts(
  texts: readonly string[],
  parties: Parties,
  chart: Chart | undefined,
  [from, to]: readonly [Party, Party],
): Party[] {
  return texts.flatMap((text) => {
    try {
      return [parties.party('--via', text)]
    } catch (error) {
      if (!isParixError(error) || error.code !== 'unknown_name' || chart === undefined) throw error
      const ledgers = [from, to].map(({named}) => named?.ledger.name.toLowerCase())
      const names = new Set(chart.names())
      const both = ledgers.map((ledger) => `${text}/${ledger}`)
      if (!both.every((name) => names.has(name.slice(1)))) throw error
      return both.map((name) => parties.party('--via', name))
    }
  })
}

function viaOn(ledger: number, vias: readonly Party[], ledgers: ReadonlyMap<bigint, number>, parties: Parties): bigint {
  const found = vias.find(({id}) => ledgers.get(id) === ledger)
  if (found !== undefined) return found.id
  throw new ParixError(
    'BAD_INPUT',
    `--via names no account on ledger ${parties.unitOf(ledger)?.name ?? ledger}. The liquidity provider needs one on either ledger: give --via twice.`,
  )
}

function viaText(vias: readonly Party[], ledgers: ReadonlyMap<bigint, number>, ledger: number): string {
  return vias.find(({id}) => ledgers.get(id) === ledger)?.text ?? 'the liquidity account'
}

function feeOf(flags: ExchangeFlags, parties: Parties, amount: bigint, ledger: number): bigint | undefined {
  if (flags.fee !== undefined) return parties.amount('--fee', flags.fee, ledger)
  return flags.spread === undefined ? undefined : percentOf('--spread', flags.spread, amount)
}

/** To six places; it is only shown. */
function decimal({numerator, denominator}: {numerator: bigint; denominator: bigint}): string {
  const places = ((numerator * 1_000_000n) / denominator).toString().padStart(6, '0').replace(/0+$/, '')
  return places === '' ? 'less than 0.000001' : `0.${places}`
}
