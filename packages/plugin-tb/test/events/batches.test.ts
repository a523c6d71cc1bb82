import {expect} from 'chai'
import fc from 'fast-check'
import {chainsOf, halve, splitBatches} from '../../src/events/batches.js'

/** Events with ids in order, of which some are linked; the last never is. */
const EVENTS = fc
  .array(fc.boolean(), {minLength: 1, maxLength: 60})
  .map((linked) =>
    linked.map((link, index) => ({id: BigInt(index + 1), flags: link && index < linked.length - 1 ? 1n : 0n})),
  )

describe('splitting into requests', () => {
  it('keeps every event, in order, never cuts a chain, and fills requests as far as chains let it', () => {
    fc.assert(
      fc.property(EVENTS, fc.integer({min: 1, max: 20}), (events, max) => {
        const longest = Math.max(...chainsOf('transfer', events).map((chain) => chain.length))
        if (longest > max) {
          expect(() => splitBatches('transfer', events, max)).to.throw(/chain of/)
          return
        }
        const batches = splitBatches('transfer', events, max)
        expect(batches.flat()).to.deep.equal(events)
        for (const [index, batch] of batches.entries()) {
          expect(batch.length).to.be.within(1, max)
          expect(batch.at(-1)!.flags).to.equal(0n)
          const next = batches[index + 1]
          if (next) expect(batch.length + chainsOf('transfer', next)[0]!.length).to.be.greaterThan(max)
        }
      }),
    )
  })

  it('halving gives two parts that cut no chain, and ends at single chains', () => {
    fc.assert(
      fc.property(EVENTS, (events) => {
        const halves = halve('transfer', events)
        if (halves === undefined) expect(chainsOf('transfer', events)).to.have.length(1)
        else {
          expect(halves.flat()).to.deep.equal(events)
          expect(halves.every((half) => half.length > 0 && half.at(-1)!.flags === 0n)).to.equal(true)
        }
      }),
    )
  })
})
