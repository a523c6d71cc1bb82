import {expect} from 'chai'
import {formatDuration, parseDuration} from '../src/duration.js'

describe('durations', () => {
  const read: [string, number][] = [
    ['90', 90_000],
    ['0', 0],
    ['1.5', 1500],
    ['90s', 90_000],
    ['250ms', 250],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1h30', -1],
    [' 2H ', 7_200_000],
    ['30d', 2_592_000_000],
    ['31d', -1],
    ['', -1],
    ['-5', -1],
    ['ten', -1],
    ['5 m', -1],
    ['1e3', -1],
    ['m', -1],
  ]
  for (const [text, ms] of read) {
    it(`${JSON.stringify(text)} is ${ms < 0 ? 'refused' : `${ms} ms`}`, () => {
      if (ms >= 0) expect(parseDuration('--timeout', text)).to.equal(ms)
      else expect(() => parseDuration('--timeout', text)).to.throw(/--timeout must be/)
    })
  }

  it('is written for people', () => {
    expect([0, 450, 12_000, 59_700, 185_000, 7_800_000].map(formatDuration)).to.deep.equal([
      '0 ms',
      '450 ms',
      '12 s',
      '1 min 00 s',
      '3 min 05 s',
      '2 h 10 min',
    ])
  })
})
