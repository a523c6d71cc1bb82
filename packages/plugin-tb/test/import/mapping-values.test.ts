import {parseTimestamp} from '@parix/kit/timestamps'
import {expect} from 'chai'
import fc from 'fast-check'
import {moneyUnit, transformOf} from '../../src/import/mapping-values.js'
import {CHART} from '../support/chart.js'
import {refused} from '../support/refusal.js'

const PLAIN = {chart: undefined, decimalComma: false}

/** What `COLUMN|transform:argument` makes of a cell. */
function convert(transform: string, argument: string, cell: string, how = PLAIN as Parameters<typeof transformOf>[3]) {
  const read = transformOf('amount', transform, argument, how)
  if (read === undefined) throw new Error(`there is no ${transform}:${argument}`)
  return read(cell)
}
const wrong = (transform: string, argument: string, cell: string, how = PLAIN as Parameters<typeof transformOf>[3]) =>
  refused(() => convert(transform, argument, cell, how)).message

describe('money in a cell', () => {
  const unit = (units: bigint, cents: bigint, scale: number) =>
    scale === 0 ? String(units) : `${units}.${String(cents).padStart(scale, '0')}`

  it('is the integer of the smallest unit, every digit of 128 bits', () =>
    fc.assert(
      fc.property(fc.bigInt({min: 0n, max: 2n ** 128n - 1n}), fc.integer({min: 0, max: 38}), (amount, scale) => {
        const power = 10n ** BigInt(scale)
        expect(convert('money', String(scale), unit(amount / power, amount % power, scale))).to.equal(String(amount))
      }),
    ))

  it('with a decimal comma is the same amount, with or without points between thousands', () =>
    fc.assert(
      fc.property(
        fc.bigInt({min: 0n, max: 10n ** 30n}),
        fc.integer({min: 1, max: 6}),
        fc.boolean(),
        (amount, scale, points) => {
          const power = 10n ** BigInt(scale)
          const units = String(amount / power)
          const grouped = points ? units.replace(/\B(?=(\d{3})+$)/g, '.') : units
          const cell = `${grouped},${String(amount % power).padStart(scale, '0')}`
          expect(convert('money', String(scale), cell, {chart: undefined, decimalComma: true})).to.equal(String(amount))
        },
      ),
    ))

  it('without a point is whole units: the mapping says that the column is money', () => {
    expect(convert('money', '2', '100')).to.equal('10000')
    expect(convert('money', '2', '0')).to.equal('0')
    expect(convert('money', '0', '100')).to.equal('100')
    expect(convert('money', 'USD', '100', {chart: CHART, decimalComma: false})).to.equal('10000')
  })

  it('is never rounded, never negative, and nothing but digits', () => {
    expect(wrong('money', '2', '1.234'))
      .to.contain('at most 2 decimal places')
      .and.contain('never rounded')
    expect(wrong('money', '2', '-5')).to.contain("can't have a sign")
    expect(wrong('money', '2', '+5')).to.contain("can't have a sign")
    for (const cell of ['1e3', '5.', '.5', '0x10', '１', 'abc', '1.2.3', 'NaN', 'Infinity'])
      expect(wrong('money', '2', cell), cell).to.contain('amount')
    expect(wrong('money', '2', '9'.repeat(39))).to.contain('does not fit in 128 bits')
  })

  it('with a decimal comma refuses what could be read in two ways', () => {
    const comma = {chart: undefined, decimalComma: true}
    for (const cell of ['1.5', '1,234.56', '1.23,4', '1..234', '1234.567,8', ',5', '5,', '1,5,5'])
      expect(wrong('money', '2', cell, comma), cell).to.contain('is not an amount with a decimal comma')
    expect(convert('money', '2', '1.234', comma)).to.equal('123400')
    expect(convert('money', '2', '1234,5', comma)).to.equal('123450')
  })

  it('has a unit: a ledger of the chart, or decimal places, at most as many as 128 bits have digits', () => {
    expect(moneyUnit('amount', 'USD', CHART)).to.include({scale: 2})
    expect(moneyUnit('amount', '38', undefined)).to.include({scale: 38})
    for (const places of ['39', '1000000000', '9'.repeat(400)])
      expect(
        refused(() => moneyUnit('amount', places, undefined)),
        places,
      ).to.include({
        code: 'bad_mapping',
        message: '--map amount: money has at most 38 decimal places.',
      })
    expect(refused(() => moneyUnit('amount', 'USD', undefined))).to.include({code: 'no_chart'})
    expect(refused(() => moneyUnit('amount', 'GBP', CHART)).message).to.contain('GBP')
  })
})

describe('a time in a cell', () => {
  const PER_UNIT = {s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n}

  it('in units since 1970 is multiplied exactly, beyond 2^53 as well', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(PER_UNIT) as (keyof typeof PER_UNIT)[])),
        fc.bigInt({min: 0n, max: 10n ** 20n - 1n}),
        (unit, value) => {
          expect(convert('time', unit, String(value))).to.equal(String(value * PER_UNIT[unit]))
        },
      ),
    ))

  it('in units is a whole number and nothing else', () => {
    for (const cell of ['1.5', '-1', '1e9', '0x1', '', ' 1', '9'.repeat(21), '2026-11-24'])
      expect(wrong('time', 's', cell), cell).to.contain('is not a whole number')
  })

  it('of RFC 3339 is the same as everywhere in parix, to the nanosecond and in any zone', () =>
    fc.assert(
      fc.property(
        fc.date({min: new Date('1971-01-01T00:00:00Z'), max: new Date('2200-01-01T00:00:00Z'), noInvalidDate: true}),
        fc.integer({min: 0, max: 999_999_999}),
        fc.integer({min: -14 * 60, max: 14 * 60}),
        fc.constantFrom('T', 't', ' '),
        (date, fraction, offset, separator) => {
          const local = new Date(Math.floor(date.getTime() / 1000) * 1000 + offset * 60_000).toISOString().slice(0, 19)
          const size = Math.abs(offset)
          const zone = `${offset < 0 ? '-' : '+'}${String(Math.trunc(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
          const text = `${local.replace('T', separator)}.${String(fraction).padStart(9, '0')}${zone}`
          const expected = BigInt(Math.floor(date.getTime() / 1000)) * 1_000_000_000n + BigInt(fraction)
          expect(convert('time', 'RFC3339', text)).to.equal(String(expected))
          expect(parseTimestamp('t', text, {role: 'recorded'})).to.equal(expected)
        },
      ),
    ))

  it('that no calendar has is refused, not taken for another day', () => {
    for (const cell of [
      ...['2024-02-30T00:00:00Z', '2023-02-29T00:00:00Z', '2024-04-31T00:00:00Z', '2024-13-01T00:00:00Z'],
      ...['2024-00-10T00:00:00Z', '2024-01-00T00:00:00Z', '2024-01-01T24:00:00Z', '2024-01-01T23:60:00Z'],
      ...['2024-01-01T23:59:60Z', '2024-01-01T00:00:00+24:00', '2024-01-01T00:00:00+00:60'],
    ])
      expect(wrong('time', 'RFC3339', cell), cell).to.contain('is not a time')
    expect(convert('time', 'RFC3339', '2024-02-29T00:00:00Z')).to.equal('1709164800000000000')
  })

  it('without a zone, without seconds, or before 1970 is refused: it could be another one', () => {
    for (const cell of ['2024-01-01T00:00:00', '2024-01-01T00:00Z', '2024-01-01', 'yesterday', '-1h', '1700000000'])
      expect(wrong('time', 'RFC3339', cell), cell).to.contain('is not an RFC 3339 time with a time zone')
    expect(wrong('time', 'RFC3339', '1969-12-31T23:59:59Z')).to.contain('before 1970')
  })

  it('has the forms that it has, whatever an object has beside them', () => {
    for (const form of ['', 'm', 'constructor', 'toString', '__proto__', 'valueOf', 'minutes'])
      expect(transformOf('timestamp', 'time', form, PLAIN), form).to.equal(undefined)
    expect(transformOf('timestamp', 'time', 'rfc 3339', PLAIN)).to.be.a('function')
  })
})

describe('a table of values', () => {
  it('has a value for each text that it names, and for no other', () => {
    expect(convert('map', '{in:1, out : 2}', 'in')).to.equal('1')
    expect(convert('map', '{in:1, out : 2}', 'out')).to.equal('2')
    for (const cell of ['', 'IN', ' in', 'constructor', '__proto__', 'toString'])
      expect(wrong('map', '{in:1,out:2}', cell), cell).to.contain('which the mapping does not have')
    expect(wrong('map', '{a:1}', 'x'.repeat(1000)).length).to.be.lessThan(150)
  })

  it('names that an object has of its own are texts as others are', () => {
    expect(convert('map', '{constructor:1,__proto__:2}', 'constructor')).to.equal('1')
    expect(convert('map', '{constructor:1,__proto__:2}', '__proto__')).to.equal('2')
  })

  it('that can be read in two ways is refused: a second colon, a text that comes twice, an empty value', () => {
    for (const argument of [
      '',
      '{',
      'a:1',
      '{}',
      '{a}',
      '{a:}',
      '{:1}',
      '{a:1,}',
      '{09:00:1}',
      '{a:1,a:2}',
      '{a:1,a:1}',
    ])
      expect(transformOf('code', 'map', argument, PLAIN), argument).to.equal(undefined)
  })
})

describe('a name of the chart from a cell', () => {
  it('is the pattern with the cell in place of its star', () => {
    expect(convert('name', 'customer/*', '17')).to.equal('@customer/17')
    expect(convert('name', '@customer/*', '17')).to.equal('@customer/17')
    expect(convert('name', '*', 'bank')).to.equal('@bank')
  })

  it('without a star at its end it is no pattern, and there are no other conversions', () => {
    expect(transformOf('debit_account_id', 'name', 'customer', PLAIN)).to.equal(undefined)
    expect(transformOf('debit_account_id', 'name', '', PLAIN)).to.equal(undefined)
    for (const transform of ['', 'euro', 'constructor', 'Money', 'money '])
      expect(transformOf('amount', transform, '2', PLAIN), transform).to.equal(undefined)
  })
})
