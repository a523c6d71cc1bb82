import type {Chart} from '@parix/books/chart'
import {leftOf, NOT_REVERSED, type Reversals, reversalId, reverse, reverseChain} from '@parix/books/corrections'
import {isPending} from '@parix/books/holds'
import {chainOf} from '@parix/books/trace'
import {ParixError} from '@parix/kit/errors'
import {formatTimestamp} from '@parix/kit/timestamps'
import {type Transfer, TransferFlags} from '@parix/ledger/schema'
import {transfersById} from '../books/read-books.js'
import {readReversals} from '../books/read-reversals.js'
import {around} from '../books/trace-command.js'
import {codeOf} from './chain-fields.js'
import {nothingToSend} from './nothing-to-send.js'
import {Parties} from './parties.js'
import type {ChainPlan, Reading} from './run-chain.js'

export interface ReverseFlags {
  amount?: string | undefined
  'amount-raw'?: string | undefined
  code?: string | undefined
  chain?: boolean
}

/** What the ledger answers where another process has used the id of this reversal, or it was refused before. */
const TAKEN = /^(id_already_failed|exists_with_different_\w+|linked_event_failed|exists)$/

/**
 * Makes plans for a reversal, one after the other: each time the ids of a plan turn out to be taken, what is in the ledger by
 * then is read again. An id is derived from the original and the number of the reversal, so that two processes that reverse
 * at once create one reversal.
 */
export function reversalPlanner(
  id: bigint,
  flags: ReverseFlags,
  chart: Chart | undefined,
): (read: Reading) => Promise<ChainPlan> {
  /** By original: numbers below this one can't be used any more. */
  const burnt = new Map<bigint, number>()
  const code = flags.code === undefined ? correctionCode(chart) : codeOf(flags.code, chart)
  return (read) =>
    read(async (reader, database) => {
      const original = (await transfersById(reader, [id])).get(id)
      if (original === undefined)
        throw new ParixError('NOT_FOUND', `There is no transfer ${id} in ${database.name}. Nothing was sent.`, {
          code: 'transfer_not_found',
        })
      const originals = flags.chain === true ? chainOf(original, await around(reader, original)) : [original]
      const known = await readReversals(
        reader,
        originals.map((transfer) => transfer.id),
        burnt,
      )
      const reversals = (one: bigint): Reversals => {
        const {earlier, k} = known.get(one) ?? NOT_REVERSED
        return {earlier, k: Math.max(k, burnt.get(one) ?? 0)}
      }
      const done = originals.every((transfer) => isReversed(transfer, reversals(transfer.id).earlier))
      const given = flags.amount ?? flags['amount-raw']
      if (done && given === undefined) return nothingToSend(database, reversed(originals, reversals, chart))
      const transfers =
        flags.chain === true
          ? reverseChain(originals, reversals, code)
          : [
              reverse(
                original,
                reversals(id),
                amountOf(flags, original, chart, read),
                code,
                new Parties(chart, read).amountText,
              ),
            ]
      if (transfers.length === 0) return nothingToSend(database, reversed(originals, reversals, chart))
      const placeOf = new Map(
        originals.map(({id: one}) => {
          const {k} = reversals(one)
          return [String(reversalId(one, k)), {one, k}] as const
        }),
      )
      return {
        transfers,
        notes: notesOf(original, flags),
        again({code: result, details}) {
          // What exists by now is counted when it is read again; an id that is burnt is not found there.
          for (const refused of details.tbResults ?? []) {
            const place = placeOf.get(String(refused.id))
            if (refused.result === 'id_already_failed' && place !== undefined) burnt.set(place.one, place.k + 1)
          }
          return TAKEN.test(result)
        },
      }
    })
}

function correctionCode(chart: Chart | undefined): number | undefined {
  const codes = chart?.compiled.codes.transfer ?? {}
  return Object.hasOwn(codes, 'correction') ? codes.correction : undefined
}

function amountOf(
  flags: ReverseFlags,
  {ledger}: Transfer,
  chart: Chart | undefined,
  read: Reading,
): bigint | undefined {
  const parties = new Parties(chart, read)
  if (flags['amount-raw'] !== undefined) return parties.integer('--amount-raw', flags['amount-raw'])
  return flags.amount === undefined ? undefined : parties.amount('--amount', flags.amount, ledger, '--amount-raw')
}

/** Whether nothing is left to reverse. A hold is voided whatever it holds: one of nothing may close an account. */
function isReversed(transfer: Transfer, earlier: readonly Transfer[]): boolean {
  return isPending(transfer) ? earlier.length > 0 : leftOf(transfer, earlier) === 0n
}

function reversed(originals: readonly Transfer[], reversalsOf: (id: bigint) => Reversals, chart: Chart | undefined) {
  const rows = originals.flatMap(({id}) => [...reversalsOf(id).earlier])
  const [first] = originals
  const last = rows.reduce((latest, {timestamp}) => later(latest, timestamp), 0n)
  const what = originals.length === 1 ? `Transfer ${first!.id}` : `The chain of ${originals.length} transfers`
  const when = last === 0n ? 'moved nothing that could be reversed' : `was reversed at ${formatTimestamp(last)}`
  return {rows, sentence: `${what} ${when}. Nothing was sent.`, chart}
}

function notesOf({flags}: Transfer, {chain}: ReverseFlags): string[] {
  return (flags & TransferFlags.linked) !== 0 && chain !== true
    ? ['The transfer is part of a chain; --chain reverses all of it.']
    : []
}

function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
