import {expect} from 'chai'
import {parseDuration} from '../../src/auth/duration.js'

describe('--timeout', () => {
  for (const [text, milliseconds] of [
    ['1ms', 1],
    ['90s', 90_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
  ] as const) {
    it(`${text} is ${milliseconds} ms`, () => expect(parseDuration(text)).to.equal(milliseconds))
  }

  for (const text of ['', '5', '0s', '-1s', '1.5m', '5 m', '25h', '1e3s', '5min', '99999999999s']) {
    it(`flaw 6: "${text}" is refused before anything starts`, () => {
      expect(() => parseDuration(text))
        .to.throw(/not a length of time/)
        .with.property('exitCode', 2)
    })
  }
})
