import {expect} from 'chai'
import fc from 'fast-check'
import {type CheckedRow, groups} from '../../src/import/check-rows.js'
import type {ReadEvent} from '../../src/import/events.js'

describe('rows in groups', () => {
  /** @param lengths of chains, one after the other; a single row is one of length 1 */
  function rowsOf(lengths: readonly number[]): ReadEvent[] {
    const flags = lengths.flatMap((length) => [...Array<bigint>(length - 1).fill(1n), 0n])
    return flags.map((flag, index) => {
      const record = {id: BigInt(index + 1), flags: flag}
      return {line: index, nextLine: index + 1, end: 0, record, faults: []}
    })
  }

  it('are no more than a request takes, whole chains, and every row but those of a chain that no request takes', () => {
    const chains = fc.array(fc.integer({min: 1, max: 12}), {maxLength: 30})
    const sizes = fc.record({size: fc.integer({min: 1, max: 8}), more: fc.integer({min: 0, max: 4})})
    return fc.assert(
      fc.asyncProperty(chains, sizes, fc.integer({min: 1, max: 9}), async (lengths, {size, more}, chunk) => {
        const rowsMax = size + more
        const all = rowsOf(lengths)
        const chunks = async function* () {
          for (let at = 0; at < all.length; at += chunk) yield all.slice(at, at + chunk)
        }
        const found: CheckedRow[][] = []
        for await (const group of groups(chunks(), size, rowsMax)) found.push(group)
        for (const group of found) {
          expect(group.length).to.be.within(1, rowsMax)
          expect(group.at(-1)!.record.flags, 'a chain is never cut').to.equal(0n)
        }
        let start = 0
        const expected = lengths.flatMap((length) => {
          const lines = Array.from({length}, (_, index) => start + index)
          start += length
          return length > rowsMax ? [] : lines
        })
        expect(found.flat().map(({line}) => line)).to.deep.equal(expected)
      }),
    )
  })
})
