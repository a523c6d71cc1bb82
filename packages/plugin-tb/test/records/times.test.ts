import {expect} from 'chai'
import fc from 'fast-check'
import {formatTimestamp, parseTimestamp, TIMESTAMP_MAX} from '../../src/records/times.js'

describe('timestamps', () => {
  it('every one comes back from its RFC 3339 time, to the nanosecond', () => {
    fc.assert(
      fc.property(fc.bigInt({min: 0n, max: TIMESTAMP_MAX}), (timestamp) => {
        expect(parseTimestamp('t', formatTimestamp(timestamp))).to.equal(timestamp)
        expect(parseTimestamp('t', String(timestamp))).to.equal(timestamp)
      }),
    )
  })

  it('zones, fractions, dates alone', () => {
    const expected = 1_764_009_600_000_000_000n
    for (const text of [
      '2025-11-24T18:40:00Z',
      '2025-11-24t18:40:00z',
      '2025-11-24 18:40Z',
      '2025-11-24T20:10:00+01:30',
      '2025-11-24T13:40:00.000000000-05:00',
    ]) {
      expect(parseTimestamp('t', text), text).to.equal(expected)
    }
    expect(parseTimestamp('t', '2025-11-24T18:40:00.1Z')).to.equal(expected + 100_000_000n)
    expect(parseTimestamp('t', '1970-01-02')).to.equal(86_400_000_000_000n)
    expect(parseTimestamp('t', '1_000')).to.equal(1000n)
  })

  it('what is no time is no time', () => {
    for (const text of [
      '2025-02-29T00:00:00Z',
      '2025-13-01',
      '2025-11-24T24:00:00Z',
      '2025-11-24T18:40:60Z',
      '2025-11-24T18:40:00',
      '2025-11-24T18:40:00.1234567891Z',
      '2025-11-24T18:40:00+25:00',
      '24.11.2025',
      'yesterday',
      '',
      '-1',
      '1.5',
      '1960-01-01',
      String(TIMESTAMP_MAX + 1n),
    ]) {
      expect(() => parseTimestamp('--at', text), text).to.throw(/--at/)
    }
  })
})
