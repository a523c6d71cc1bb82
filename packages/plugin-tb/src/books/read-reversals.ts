import {type Reversals, reversalId} from '@parix/books/corrections'
import type {Transfer} from '@parix/ledger/schema'
import {type BookReader, transfersById} from './read-books.js'

/** Ids are looked up this many at a time; after the last reversal, one more portion without any ends the search. */
const PORTION = 16

/**
 * The reversals of transfers. An id in between may be missing: a reversal that was refused leaves nothing in the ledger, and
 * its id can't be used again, so the next one has a later k.
 *
 * @param burnt up to which k the ids of a transfer are known to be used up
 */
export async function readReversals(
  reader: BookReader,
  ids: readonly bigint[],
  burnt: ReadonlyMap<bigint, number> = new Map(),
): Promise<Map<bigint, Reversals>> {
  const found = new Map<bigint, {earlier: Transfer[]; k: number}>(ids.map((id) => [id, {earlier: [], k: 0}]))
  let open = [...ids]
  for (let first = 0; open.length > 0; first += PORTION) {
    const places = open.flatMap((id) =>
      Array.from({length: PORTION}, (_, index) => ({id, k: first + index, reversal: reversalId(id, first + index)})),
    )
    const rows = await transfersById(
      reader,
      places.map(({reversal}) => reversal),
    )
    for (const {id, k, reversal} of places) {
      const row = rows.get(reversal)
      if (row === undefined) continue
      const reversals = found.get(id)!
      reversals.earlier.push(row)
      reversals.k = k + 1
    }
    open = open.filter((id) => found.get(id)!.k > first || (burnt.get(id) ?? 0) > first)
  }
  return found
}
