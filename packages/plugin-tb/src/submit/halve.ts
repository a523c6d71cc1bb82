import type {CreateKind} from '../checks/batch.js'
import {chainsOf} from '../checks/split.js'
import type {LedgerRecord} from '../records/kinds.js'

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
