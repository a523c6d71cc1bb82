/**
 * Which rows of a segment may match: the shortest of the posting lists that the query could follow.
 *
 * A query may name an account and several user data; each has a posting list in the segment. The lists have no lengths, so
 * all are walked in turn, one step each, and the one that ends first has the fewest rows to look at.
 */

import type {PostingList, SegmentIndex} from '../memory/segment-index.js'
import {hash32, hash64, hash128, isZero128} from '../memory/words.js'
import type {Selection} from './selection.js'

/** Walks one list, or two woven into one, from the newest position down. */
class ListWalk {
  readonly positions: number[] = []
  private a = -1
  private b = -1

  constructor(
    private readonly first: PostingList,
    private readonly second: PostingList | undefined,
    hash: number,
  ) {
    this.a = first.newest(hash)
    this.b = second ? second.newest(hash) : -1
  }

  /** Takes one more position; false at the end. */
  step(): boolean {
    const {a, b} = this
    if (a < 0 && b < 0) return false
    this.positions.push(Math.max(a, b))
    if (a >= b) this.a = this.first.before(a)
    if (b >= a) this.b = this.second!.before(b)
    return true
  }
}

/**
 * @returns positions, newest first, among which are all that match; 'all' where the query names nothing that is listed,
 * 'none' where a listed value does not occur
 */
export function findCandidates(segment: SegmentIndex, selection: Selection): readonly number[] | 'all' | 'none' {
  const walks = makeListWalks(segment, selection)
  if (walks === undefined) return 'none'
  if (walks.length === 0) return 'all'
  for (;;) {
    for (const walk of walks) if (!walk.step()) return walk.positions
  }
}

function makeListWalks(segment: SegmentIndex, selection: Selection): ListWalk[] | undefined {
  const {debits, credits, account, data128, data64, data32} = selection
  const walks: ListWalk[] = []
  if (debits || credits) {
    const first = debits ? segment.debit! : segment.credit!
    walks.push(new ListWalk(first, debits && credits ? segment.credit : undefined, hash128(account, 0)))
  }
  const asked: [PostingList | undefined, number][] = []
  if (!isZero128(data128, 0)) asked.push([segment.data128, hash128(data128, 0)])
  if ((data64[0]! | data64[1]!) !== 0) asked.push([segment.data64, hash64(data64, 0)])
  if (data32 !== 0) asked.push([segment.data32, hash32(data32)])
  for (const [list, hash] of asked) {
    if (list === undefined) return undefined
    walks.push(new ListWalk(list, undefined, hash))
  }
  return walks
}
