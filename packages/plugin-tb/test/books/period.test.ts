import {isoOf} from '@parix/books/periods'
import {expect} from 'chai'
import fc from 'fast-check'
import {readPeriod} from '../../src/books/period.js'
import {refused} from '../support/refusal.js'

const at = (text: string) => BigInt(Date.parse(text)) * 1_000_000n
/** Later than every period below. */
const NOW = at('2027-01-01T00:00:00Z')
const DAY = 86_400n * 1_000_000_000n

describe('the period of a statement or report', () => {
  const read = (flags: {from?: string; to?: string; tz?: string}, now = NOW) => readPeriod({tz: 'UTC', ...flags}, now)

  it('is everything up to now where nothing is given', () => {
    expect(read({})).to.deep.equal({from: 0n, to: NOW + 1n, now: true})
  })

  it('contains the whole of the days that are named, to the nanosecond', () => {
    expect(read({from: '2026-11-01', to: '2026-11-30'})).to.deep.equal({
      from: at('2026-11-01T00:00:00Z'),
      to: at('2026-12-01T00:00:00Z'),
      now: false,
    })
    expect(read({from: '2026-11-30', to: '2026-11-30'})).to.include({
      from: at('2026-11-30T00:00:00Z'),
      to: at('2026-12-01T00:00:00Z'),
    })
  })

  it('begins and ends at the midnight of the time zone, also where its clocks change', () => {
    const march = read({from: '2026-03-29', to: '2026-03-29', tz: 'Europe/Berlin'})
    expect([isoOf(march.from), isoOf(march.to)]).to.deep.equal([
      '2026-03-28T23:00:00.000000000Z',
      '2026-03-29T22:00:00.000000000Z',
    ])
    const october = read({from: '2026-10-25', to: '2026-10-25', tz: 'Europe/Berlin'})
    expect([march, october].map(({from, to}) => (to - from) / 3_600_000_000_000n)).to.deep.equal([23n, 25n])
    expect(isoOf(read({from: '2026-11-01', tz: 'Asia/Kathmandu'}).from)).to.equal('2026-10-31T18:15:00.000000000Z')
  })

  it('contains the moment that --to names, and the one that --from names', () => {
    const [from, to] = ['2026-11-27T09:00:00.000000001Z', '2026-11-27T09:00:00.000000002Z']
    const period = read({from, to})
    expect([isoOf(period.from), isoOf(period.to - 1n)]).to.deep.equal([from, to])
    expect(read({from, to: from}), 'one nanosecond').to.include({to: period.from + 1n})
  })

  it('is the present where it ends now or later, whatever --to says', () => {
    const today = NOW - (NOW % DAY) + DAY / 2n
    expect(read({to: '2027-01-01'}, today)).to.deep.equal({from: 0n, to: today + 1n, now: true})
    expect(read({to: isoOf(today)}, today)).to.deep.equal({from: 0n, to: today + 1n, now: true})
    expect(read({to: isoOf(today - 1n)}, today)).to.deep.equal({from: 0n, to: today, now: false})
    expect(read({to: isoOf(today + 1n)}, today)).to.include({now: true})
  })

  it('that begins in the future is not over before it began: the clock of the service may be ahead', () => {
    expect(read({from: isoOf(NOW + 5n)})).to.deep.equal({from: NOW + 5n, to: NOW + 6n, now: true})
  })

  it('that ends before it begins is refused, with both moments', () => {
    expect(refused(() => read({from: '2026-12-01', to: '2026-11-30'}))).to.include({
      kind: 'BAD_INPUT',
      message:
        '--from must not be later than --to: the period from 2026-12-01T00:00:00.000000000Z to 2026-11-30T23:59:59.999999999Z has no moment in it.',
    })
    refused(() => read({from: '2026-11-27T09:00:00.000000002Z', to: '2026-11-27T09:00:00.000000001Z'}))
    // Also where both are to come, and for a day that a time zone has left out.
    refused(() => read({from: '2027-03-01', to: '2027-02-01'}))
    refused(() => read({from: '2011-12-30', to: '2011-12-30', tz: 'Pacific/Apia'}))
  })

  it('takes no time zone, date or time that does not exist', () => {
    for (const flags of [
      {tz: 'Europe/Atlantis'},
      {tz: ''},
      {from: '2026-02-30'},
      {to: '2026-13-01'},
      {from: '2026-11-27T09:00:00'},
      {from: 'soon'},
      {to: '1969-12-31'},
      {from: '1793577600'},
    ])
      expect(
        refused(() => read(flags)),
        JSON.stringify(flags),
      ).to.include({kind: 'BAD_INPUT', exitCode: 2})
  })

  it('of two days in a row: what one ends with is what the other begins with, in any zone', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/Sao_Paulo', 'Pacific/Auckland', 'Asia/Kathmandu', 'Africa/Cairo']
    fc.assert(
      fc.property(fc.integer({min: 0, max: 20_000}), fc.constantFrom(...zones), (days, tz) => {
        const [day, next] = [days, days + 1].map((n) => new Date(n * 86_400_000).toISOString().slice(0, 10))
        const [one, two] = [day!, next!].map((date) => read({from: date, to: date, tz}))
        expect(one!.to).to.equal(two!.from)
        expect(read({from: day!, to: next!, tz})).to.deep.equal({from: one!.from, to: two!.to, now: false})
      }),
      {numRuns: 100},
    )
  })
})
