import {expect} from 'chai'
import fc from 'fast-check'
import {IdFilter} from '../../src/import/duplicate-ids.js'

describe('ids that come twice', () => {
  function duplicates(ids: readonly string[], rowsMax = ids.length): [line: number, before: number][] {
    const filter = new IdFilter(rowsMax)
    const bytes = ids.map((id) => Buffer.from(id))
    for (const id of bytes) filter.add(id, 0, id.length)
    const found: [number, number][] = []
    while (filter.needsAnotherPass()) {
      for (const [index, id] of bytes.entries()) {
        const before = filter.lineBefore(id, 0, id.length, index)
        if (before !== undefined) found.push([index, before])
      }
    }
    return found
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

  it('are found when ids rise for long before one comes again', () => {
    const rising = Array.from({length: 20_000}, (_, index) => String(5 * index + 1))
    expect(duplicates([...rising, '3'])).to.deep.equal([])
    for (const first of [0, 8191, 8192, 19_999])
      expect(duplicates([...rising, rising[first]!])).to.deep.equal([[20_000, first]])
  })

  it('are found around the first ids that are kept', () => {
    for (const count of [1, 8190, 8191, 8192, 8193]) {
      const rising = Array.from({length: count}, (_, index) => String(10n ** 38n + BigInt(index)))
      expect(duplicates([...rising, '7', ...rising.slice(-1), '7'])).to.deep.equal([
        [count + 1, count - 1],
        [count + 2, count],
      ])
    }
  })

  it('are read once where ids rise, whatever their number of digits', () => {
    const filter = new IdFilter(1000)
    for (const id of ['1', '9', '10', '99', '100', '340282366920938463463374607431768211455'])
      filter.add(Buffer.from(id), 0, id.length)
    expect(filter.needsAnotherPass()).to.equal(false)
  })
})
