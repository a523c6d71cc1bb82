/**
 * Which rows of a segment may match: the shortest of the lists that the query could follow.
 *
 * A query may name an account and several user data; each has its list in the segment. Nobody counted the lists, so they
 * race: each is walked one step in turn, and the one that ends first has the fewest rows to look at.
 */

import type {SegmentCatalogue} from '../memory/catalogue.js'
import type {Chain} from '../memory/chain.js'
import {hash32, hash64, hash128, isZero128} from '../memory/words.js'
import type {Selection} from './selection.js'

/** Walks one list, or two woven into one, from the newest position down. */
class Runner {
  readonly positions: number[] = []
  private a = -1
  private b = -1

  constructor(
    private readonly first: Chain,
    private readonly second: Chain | undefined,
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
export function findCandidates(segment: SegmentCatalogue, selection: Selection): readonly number[] | 'all' | 'none' {
  const runners = makeRunners(segment, selection)
  if (runners === undefined) return 'none'
  if (runners.length === 0) return 'all'
  for (;;) {
    for (const runner of runners) if (!runner.step()) return runner.positions
  }
}

function makeRunners(segment: SegmentCatalogue, selection: Selection): Runner[] | undefined {
  const {debits, credits, account, data128, data64, data32} = selection
  const runners: Runner[] = []
  if (debits || credits) {
    const first = debits ? segment.debit! : segment.credit!
    runners.push(new Runner(first, debits && credits ? segment.credit : undefined, hash128(account, 0)))
  }
  const asked: [Chain | undefined, number][] = []
  if (!isZero128(data128, 0)) asked.push([segment.data128, hash128(data128, 0)])
  if ((data64[0]! | data64[1]!) !== 0) asked.push([segment.data64, hash64(data64, 0)])
  if (data32 !== 0) asked.push([segment.data32, hash32(data32)])
  for (const [chain, hash] of asked) {
    if (chain === undefined) return undefined
    runners.push(new Runner(chain, undefined, hash))
  }
  return runners
}
