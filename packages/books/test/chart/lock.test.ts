import {assertMatchesLock, extendLock, readLock} from '@parix/books/chart/lock'
import {expect} from 'chai'
import {compile} from './example.js'

const chart = (scale: number, name = 'USD') =>
  compile(`version: 1\nledgers: {${name}: {id: 700, scale: ${scale}}}\ncodes: {}\n`)

describe('the scale lock', () => {
  const lock = extendLock(chart(2), undefined, '2026-11-27')

  it('keeps what it has and adds what is new', () => {
    expect(lock.ledgers).to.deep.equal({USD: {id: 700, scale: 2, since: '2026-11-27'}})
    expect(extendLock(chart(2), lock, '2027-01-01')).to.equal(lock)
    assertMatchesLock(chart(2), lock)
  })

  it('refuses a changed scale and says what it would do to amounts', () => {
    expect(() => assertMatchesLock(chart(0), lock)).to.throw(
      /scale 2 since 2026-11-27.*now says 0: every amount would be read 100 times too large/,
    )
    expect(() => assertMatchesLock(chart(4), lock)).to.throw(/100 times too small/)
    expect(() => assertMatchesLock(chart(0, 'EUR'), lock)).to.throw(/Ledger 700 \(USD\)/)
    assertMatchesLock(chart(2, 'EUR'), lock)
  })

  it('is never taken for empty when it is damaged or newer', () => {
    for (const text of ['', '{}', 'null', '{"version":1}', '{"version":1,"ledgers":{"USD":{"id":"7"}}}']) {
      expect(() => readLock('parix.chart.lock.json', text), text).to.throw(/is damaged/)
    }
    expect(() => readLock('parix.chart.lock.json', '{"version":2,"ledgers":{}}')).to.throw(/newer parix/)
    expect(readLock('x', JSON.stringify(lock))).to.deep.equal(lock)
  })
})
