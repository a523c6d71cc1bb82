import {assertTimeZone, dateOf, dateTimeOf, endOfDay, isoOf, startOfDay} from '@parix/books/periods'
import {expect} from 'chai'
import fc from 'fast-check'

const at = (iso: string) => BigInt(Date.parse(iso)) * 1_000_000n

describe('periods', () => {
  it('a day begins at midnight of its time zone, also when the clocks change', () => {
    for (const [date, zone, start] of [
      ['2026-11-27', 'UTC', '2026-11-27T00:00:00Z'],
      ['2026-11-27', 'Europe/Berlin', '2026-11-26T23:00:00Z'],
      ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
      ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00Z'],
      ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00Z'],
      ['2026-10-26', 'Europe/Berlin', '2026-10-25T23:00:00Z'],
      ['2026-01-01', 'Pacific/Kiritimati', '2025-12-31T10:00:00Z'],
      ['2026-01-01', 'America/Los_Angeles', '2026-01-01T08:00:00Z'],
      // Clocks go forward at midnight: the day begins at 01:00.
      ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
    ] as const) {
      expect(startOfDay(date, zone), `${date} ${zone}`).to.equal(at(start))
    }
  })

  it('every moment lies in the day that it is dated, and days follow each other without a gap', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Apia']
    fc.assert(
      fc.property(fc.integer({min: 1_600_000_000, max: 1_900_000_000}), fc.constantFrom(...zones), (seconds, zone) => {
        const moment = BigInt(seconds) * 1_000_000_000n
        const date = dateOf(moment, zone)
        const start = startOfDay(date, zone)!
        const end = endOfDay(date, zone)!
        expect(start <= moment && moment < end, `${date} ${zone}`).to.equal(true)
        expect(dateOf(end - 1n, zone)).to.equal(date)
      }),
      {numRuns: 300},
    )
  })

  it('dates that are not in the calendar are refused', () => {
    for (const date of ['2026-02-30', '2026-13-01', '26-1-1', 'today', ''])
      expect(startOfDay(date, 'UTC'), date).to.equal(undefined)
    expect(() => assertTimeZone('--tz', 'Mars/Base')).to.throw(/--tz is not a time zone/)
    assertTimeZone('--tz', 'Europe/Berlin')
  })

  it('times are shown to the second, or exactly', () => {
    expect(dateTimeOf(at('2026-11-27T08:05:09Z'), 'Europe/Berlin')).to.equal('2026-11-27 09:05:09')
    expect(isoOf(at('2026-11-27T08:05:09Z') + 7n)).to.equal('2026-11-27T08:05:09.000000007Z')
  })
})
