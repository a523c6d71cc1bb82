import {expect} from 'chai'
import {demoSnapshot, readDemoOptions, readRate} from '../../src/demo/demo-options.js'

const given = {kind: 'bank', size: '5000', seed: 1, until: '2026-11-01'} as const
const NOW_NS = BigInt(Date.now()) * 1_000_000n

function failure(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return (error as {exitCode?: number}).exitCode
  }
}

describe('options of demo books', () => {
  it('sizes may have a unit, times are those of every command', () => {
    expect(readDemoOptions(given).until).to.equal(BigInt(Date.UTC(2026, 10, 1)) * 1_000_000n)
    expect(readDemoOptions({...given, size: '10k'}).size).to.equal(10_000)
    expect(readDemoOptions({...given, size: '1M'}).size).to.equal(1_000_000)
    expect(readDemoOptions({...given, until: 'now'}).until >= NOW_NS).to.equal(true)
    expect(readDemoOptions({...given, until: '2026-06-30T12:00:00+02:00'}).until % 1_000_000n).to.equal(0n)
    expect([readRate('20'), readRate('20/s'), readRate('10000/s')]).to.deep.equal([20, 20, 10_000])
  })

  it('a name of which there can be no files is refused', () => {
    for (const name of ['../../x', 'a/b', '..', '.hidden', 'a b', 'ü', 'a\nb', 'a'.repeat(57)])
      expect(
        failure(() => demoSnapshot(name)),
        name,
      ).to.equal(2)
    for (const name of ['bank', 'my.books_2-x', 'a'.repeat(56)]) expect(demoSnapshot(name)).to.equal(`${name}-as-made`)
  })

  it('what is not valid ends with exit code 2', () => {
    for (const size of ['5', '99', 'many', '2M', '10K', '-1', ''])
      expect(
        failure(() => readDemoOptions({...given, size})),
        size,
      ).to.equal(2)
    for (const until of ['soon', '2999-01-01', '1975-01-01', '2026-13-01'])
      expect(
        failure(() => readDemoOptions({...given, until})),
        until,
      ).to.equal(2)
    for (const rate of ['0', '0/s', 'fast', '20/m', '10001/s', '1.5/s'])
      expect(
        failure(() => readRate(rate)),
        rate,
      ).to.equal(2)
  })
})
