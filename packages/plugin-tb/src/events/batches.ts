import {ParixError} from '@parix/kit/errors'
import type {CreateKind} from '@parix/ledger/schema'
import {hasFlag} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'

/**
 * `records` in batches of at most `eventsMax`, in order. A linked chain is never cut: its events stand or fall together,
 * and TigerBeetle knows chains only within one request.
 *
 * @throws ParixError BAD_INPUT when a chain is longer than a batch
 */
export function splitBatches(kind: CreateKind, records: readonly LedgerRecord[], eventsMax: number): LedgerRecord[][] {
  const batches: LedgerRecord[][] = []
  let batch: LedgerRecord[] = []
  for (const chain of chainsOf(kind, records)) {
    if (chain.length > eventsMax) throw chainTooLong(chain.length, chain[0]!.id!, eventsMax)
    if (batch.length + chain.length > eventsMax) {
      batches.push(batch)
      batch = []
    }
    for (const record of chain) batch.push(record)
  }
  if (batch.length > 0) batches.push(batch)
  return batches
}

/** Runs of linked events, each with the event that closes it; an event that isn't linked is a chain of its own. */
export function chainsOf<T extends {flags?: bigint}>(kind: CreateKind, records: readonly T[]): T[][] {
  const chains: T[][] = []
  let open: T[] = []
  for (const record of records) {
    open.push(record)
    if (hasFlag(kind, record.flags, 'linked')) continue
    chains.push(open)
    open = []
  }
  if (open.length > 0) chains.push(open)
  return chains
}

export function chainTooLong(events: number, firstId: bigint | string, eventsMax: number): ParixError {
  return new ParixError(
    'BAD_INPUT',
    `A chain of ${events} linked events begins with id ${firstId}; one request takes ${eventsMax}. Nothing was sent.`,
    {code: 'chain_too_long'},
  )
}

/** Two batches of about one size in place of one that is too large; undefined when it is a single chain. */
export function halve(
  kind: CreateKind,
  records: readonly LedgerRecord[],
): [LedgerRecord[], LedgerRecord[]] | undefined {
  const chains = chainsOf(kind, records)
  if (chains.length < 2) return undefined
  const first: LedgerRecord[] = []
  let taken = 0
  while (taken < chains.length - 1 && (taken === 0 || first.length + chains[taken]!.length <= records.length / 2)) {
    first.push(...chains[taken++]!)
  }
  return [first, chains.slice(taken).flat()]
}
