import {expect} from 'chai'
import fc from 'fast-check'
import {RecordStore, SEGMENT_ROWS} from '../../src/memory/record-store.js'

const ROW_BITS = 2
/** Rows that tell their number in each word. */
function rows(from: number, count: number): Uint32Array {
  const words = new Uint32Array(count << ROW_BITS)
  for (let word = 0; word < words.length; word++) words[word] = (from << ROW_BITS) + word + 1
  return words
}

describe('rows of records', () => {
  it('are what was added, in its order, however many came at a time, and also where the last ones were taken back', () => {
    const growths = fc.array(
      fc.record({
        add: fc.oneof(fc.nat(3), fc.nat(300), fc.nat(SEGMENT_ROWS / 2)),
        oneByOne: fc.boolean(),
        takenBack: fc.nat(5),
      }),
      {maxLength: 6},
    )
    const property = fc.property(growths, fc.boolean(), (steps, donated) => {
      const store = new RecordStore(ROW_BITS)
      if (donated) store.donate(new Uint32Array(SEGMENT_ROWS << ROW_BITS).fill(7).buffer)
      for (const {add, oneByOne, takenBack} of steps) {
        const words = rows(store.count, add)
        if (oneByOne) for (let row = 0; row < add; row++) store.append(words, row << ROW_BITS)
        else store.appendMany(words, add)
        store.count -= Math.min(takenBack, store.count)
      }
      const stored = store
        .slices(0, store.count)
        .map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength))
      expect(Buffer.concat(stored).equals(Buffer.from(rows(0, store.count).buffer))).to.equal(true)
    })
    fc.assert(property, {numRuns: 60})
  })

  it('take memory by how many they are, until the first segment is full: then the next one is whole at once', () => {
    const bytes = (count: number) => {
      const store = new RecordStore(ROW_BITS)
      store.appendMany(rows(0, count), count)
      return store.segments.reduce((sum, {byteLength}) => sum + byteLength, 0)
    }
    const rowBytes = 4 << ROW_BITS
    expect(bytes(1)).to.equal(256 * rowBytes)
    expect(bytes(257)).to.equal(512 * rowBytes)
    expect(bytes(SEGMENT_ROWS)).to.equal(SEGMENT_ROWS * rowBytes)
    expect(bytes(SEGMENT_ROWS + 1)).to.equal(2 * SEGMENT_ROWS * rowBytes)
  })
})
