import type {ParixError} from '@parix/kit/errors'
import {formatTimestamp, parseTimestamp, TIMESTAMP_MAX, timestampWord} from '@parix/kit/timestamps'
import {expect} from 'chai'
import fc from 'fast-check'

const NOW = Date.UTC(2026, 10, 27, 9, 30)
const ns = (text: string) => BigInt(Date.parse(text)) * 1_000_000n
const DAY = 86_400_000_000_000n

/** What was read, and what was said about it. */
function read(text: string, role?: 'start' | 'end' | 'recorded'): {value: bigint; notes: string[]} {
  const notes: string[] = []
  const note = (sentence: string) => notes.push(sentence)
  return {value: parseTimestamp('--at', text, {now: () => NOW, note, ...(role && {role})}), notes}
}

function refusal(text: string, role?: 'start' | 'end' | 'recorded'): ParixError {
  try {
    read(text, role)
  } catch (error) {
    return error as ParixError
  }
  throw new Error(`${text} was read`)
}

describe('times', () => {
  it('every timestamp is read from its RFC 3339 time, and from its word in a command, to the nanosecond', () => {
    fc.assert(
      fc.property(fc.bigInt({min: 0n, max: TIMESTAMP_MAX}), (timestamp) => {
        expect(read(formatTimestamp(timestamp)).value).to.equal(timestamp)
        expect(read(timestampWord(timestamp)).value).to.equal(timestamp)
      }),
    )
  })

  it('RFC 3339 with its zone and fraction, and nanoseconds, decimal or hex', () => {
    const expected = 1_764_009_600_000_000_000n
    for (const text of [
      '2025-11-24T18:40:00Z',
      '2025-11-24t18:40:00z',
      '2025-11-24 18:40Z',
      '2025-11-24T20:10:00+01:30',
      '2025-11-24T13:40:00.000000000-05:00',
      '1_764_009_600_000_000_000',
      '0x187b0df8b3a54000',
    ]) {
      const {value, notes} = read(text)
      if (!text.startsWith('0x')) expect(value, text).to.equal(expected)
      expect(notes, text).to.deep.equal([])
    }
    expect(read('2025-11-24T18:40:00.1Z').value).to.equal(expected + 100_000_000n)
  })

  it('a date is a day in UTC: its start as a lower bound, its end as an upper one, and that is said', () => {
    const {value, notes} = read('2026-11-27', 'start')
    expect(value).to.equal(ns('2026-11-27T00:00:00Z'))
    expect(notes).to.deep.equal([
      '--at 2026-11-27 is read as 2026-11-27T00:00:00.000000000Z, the start of that day, UTC.',
    ])
    const end = read('2026-11-27', 'end')
    expect(end.value).to.equal(ns('2026-11-28T00:00:00Z') - 1n)
    expect(end.notes[0]).to.contain('2026-11-27T23:59:59.999999999Z, the end of that day, UTC')
    expect(read('2026-11-27', 'recorded').value).to.equal(ns('2026-11-27T00:00:00Z'))
  })

  it('spans before now, and the words now, today and yesterday, are read and said', () => {
    const now = BigInt(NOW) * 1_000_000n
    const hour = 3_600_000_000_000n
    for (const [text, value] of [
      ['now', now],
      ['-1h', now - hour],
      ['1h', now - hour],
      ['1h ago', now - hour],
      ['7d', now - 7n * DAY],
      ['-2w', now - 14n * DAY],
      ['1h30m', now - hour - hour / 2n],
      ['90s', now - 90_000_000_000n],
      ['1.5h', now - hour - hour / 2n],
      ['250ms', now - 250_000_000n],
      ['today', ns('2026-11-27T00:00:00Z')],
      ['Yesterday', ns('2026-11-26T00:00:00Z')],
    ] as const) {
      const {value: found, notes} = read(text, 'start')
      expect(found, text).to.equal(value)
      expect(notes.join(), text).to.contain(`--at ${text} is read as ${formatTimestamp(value)}`)
    }
    expect(read('today', 'end').value).to.equal(ns('2026-11-28T00:00:00Z') - 1n)
    expect(read('yesterday', 'end').value).to.equal(ns('2026-11-27T00:00:00Z') - 1n)
  })

  it('the timestamp of an imported object is fixed: a time that moves with the clock is refused', () => {
    for (const text of ['now', '-1h', '7d', 'today', 'yesterday']) {
      expect(refusal(text, 'recorded').message, text).to.contain('needs a fixed time')
    }
  })

  it('seconds, milliseconds and microseconds are refused, with the time they mean and its spelling', () => {
    const seconds = 1_795_759_394n
    const time = '2026-11-27T06:03:14.000000000Z'
    for (const [text, unit] of [
      [`${seconds}`, 'seconds'],
      [`${seconds}.25`, 'seconds'],
      [`${seconds * 1000n}`, 'milliseconds'],
      [`${seconds * 1_000_000n}`, 'microseconds'],
      [`0x${(seconds * 1000n).toString(16)}`, 'milliseconds'],
      [`1_795_759_394`, 'seconds'],
    ] as const) {
      for (const role of ['start', 'end', 'recorded'] as const) {
        const {message, code, details} = refusal(text, role)
        expect(message, text).to.contain(`looks like ${unit}`).and.to.contain(time)
        expect(code).to.equal('time_unit')
        expect(String(details.next), text).to.contain(`${time} or ${seconds * 1_000_000_000n}`)
      }
    }
  })

  it('numbers too small to be any of them are nanoseconds, and said', () => {
    const {value, notes} = read('1_000')
    expect(value).to.equal(1000n)
    expect(notes).to.deep.equal(['--at 1_000 is in nanoseconds: 1970-01-01T00:00:00.000001000Z.'])
  })

  it('a time without a zone is refused, with both ways to write it', () => {
    for (const text of ['2025-11-24T18:40:00', '2025-11-24 18:40', '2025-11-24t18:40:00.5']) {
      const {message, code} = refusal(text)
      expect(code, text).to.equal('time_zone_missing')
      expect(message, text)
        .to.contain(`${text.replace(/[t ]/, 'T')}Z`)
        .and.to.contain('+01:00')
    }
  })

  it('what is not a time is refused', () => {
    for (const text of [
      '2025-02-29T00:00:00Z',
      '2025-13-01',
      '2025-02-30',
      '2025-11-24T24:00:00Z',
      '2025-11-24T18:40:60Z',
      '2025-11-24T18:40:00.1234567891Z',
      '2025-11-24T18:40:00+25:00',
      '24.11.2025',
      '11/24/2025',
      'tomorrow',
      '+1h',
      '7x',
      '',
      '-1',
      '1.5',
      '1960-01-01',
      '99999999d',
      '9e99h',
      String(TIMESTAMP_MAX + 1n),
    ]) {
      expect(() => read(text), text).to.throw(/--at/)
    }
  })
})
