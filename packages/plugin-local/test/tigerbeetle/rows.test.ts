import {expect} from 'chai'
import fc from 'fast-check'
import {createdRows} from '../../src/server/tigerbeetle/rows.js'

const U64_MAX = 2n ** 64n - 1n

/** Runs of consecutive timestamps, and jumps between them: where digits carry over, and where they don't. */
const timestamps = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.bigInt(0n, U64_MAX - 300n),
        fc.integer({min: 0, max: 19}).map((power) => 10n ** BigInt(power) - 3n),
      ),
      fc.integer({min: 1, max: 120}),
    ),
    {maxLength: 4},
  )
  .map((runs) =>
    runs.flatMap(([start, length]) => Array.from({length}, (_, i) => (start < 0n ? 0n : start) + BigInt(i))),
  )

function text(results: Parameters<typeof createdRows>[0]): string {
  const rows = createdRows(results)
  const buffer = Buffer.alloc(rows.bytesMax + 3)
  const end = rows.writeTo(buffer, 3)
  return buffer.subarray(3, end).toString()
}

describe('the rows of a create answer', () => {
  it('are what JSON.stringify would write', () => {
    fc.assert(
      fc.property(timestamps, fc.infiniteStream(fc.boolean()), (times, created) => {
        const statuses = Uint32Array.from(times, () => (created.next().value ? 0xffffffff : 46))
        const written = text({timestamps: BigUint64Array.from(times), statuses})
        const expected = times.map((timestamp, index) => ({
          index,
          result: statuses[index] === 46 ? 'exists' : 'created',
          timestamp: String(timestamp),
        }))
        expect(written).to.equal(JSON.stringify(expected))
      }),
    )
  })

  it('at both ends of 64 bits', () => {
    const times = BigUint64Array.of(0n, 1n, U64_MAX - 1n, U64_MAX, 0n)
    const written = text({timestamps: times, statuses: new Uint32Array(5).fill(0xffffffff)})
    const values = JSON.parse(written).map(({timestamp}: {timestamp: string}) => timestamp)
    expect(values).to.deep.equal(['0', '1', '18446744073709551614', '18446744073709551615', '0'])
  })
})
