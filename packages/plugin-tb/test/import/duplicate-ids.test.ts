import {expect} from 'chai'
import fc from 'fast-check'
import {IdFilter} from '../../src/import/duplicate-ids.js'

describe('ids that come twice', () => {
  function duplicates(ids: readonly string[], rowsMax = ids.length): [line: number, before: number][] {
    const filter = new IdFilter(rowsMax)
    const bytes = ids.map((id) => Buffer.from(id))
    for (const id of bytes) filter.add(id, 0, id.length)
    if (!filter.hasSuspects) return []
    return bytes.flatMap((id, index): [number, number][] => {
      const before = filter.lineBefore(id, 0, id.length, index)
      return before === undefined ? [] : [[index, before]]
    })
  }

  it('are all found, each with the first, and no other is', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({min: 0, max: 60}).map(String)), (ids) => {
        const expected = ids.flatMap((id, index) => (ids.indexOf(id) < index ? [[index, ids.indexOf(id)]] : []))
        expect(duplicates(ids)).to.deep.equal(expected)
      }),
    ))

  it('are found among a hundred thousand consecutive ids in little memory', () => {
    const ids = Array.from({length: 100_000}, (_, index) => String(2n ** 120n + BigInt(index)))
    expect(duplicates(ids)).to.deep.equal([])
    expect(duplicates([...ids, ids[7]!, ids[99_999]!], 1000)).to.deep.equal([
      [100_000, 7],
      [100_001, 99_999],
    ])
  })
})
