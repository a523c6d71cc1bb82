import {formatAmount, formatMoney, parseMoney, SCALE_MAX} from '@parix/books/amounts'
import {UINT128_MAX} from '@parix/kit/integers'
import {expect} from 'chai'
import fc from 'fast-check'

const USD = {name: 'USD', scale: 2}
const JPY = {name: 'JPY', scale: 0}

describe('amounts', () => {
  it('money to integer and back is exact for every scale from 0 to 38 and all of 128 bits', () => {
    for (let scale = 0; scale <= SCALE_MAX; scale++) {
      const unit = {name: 'X', scale}
      fc.assert(
        fc.property(fc.bigInt(0n, UINT128_MAX), (amount) => {
          expect(parseMoney('--amount', formatMoney(amount, unit), unit)).to.equal(amount)
          if (scale > 0) expect(parseMoney('--amount', formatAmount(amount, scale), unit)).to.equal(amount)
        }),
        {numRuns: 300},
      )
      for (const edge of [0n, 1n, 10n ** BigInt(scale), UINT128_MAX]) {
        expect(parseMoney('--amount', formatMoney(edge, unit), unit)).to.equal(edge)
      }
    }
  })

  it('reads a point, a unit and separators between digits', () => {
    for (const [text, amount] of [
      ['12.50', 1250n],
      ['12.5', 1250n],
      ['100 USD', 10000n],
      ['1_000.00', 100000n],
      [' 0.01 USD ', 1n],
      ['007.00', 700n],
    ] as const) {
      expect(parseMoney('--amount', text, USD), text).to.equal(amount)
    }
    expect(parseMoney('--amount', '100', JPY)).to.equal(100n)
  })

  it('refuses a bare integer where the scale is not 0 and offers both readings', () => {
    expect(() => parseMoney('--amount', '100', USD, '--amount-raw'))
      .to.throw(/"100\.00" for 100\.00 USD, or "--amount-raw 100" for 100 of the smallest unit \(1\.00 USD\)/)
      .with.nested.property('details.code', 'ambiguous_amount')
  })

  it('refuses what it would have to round or guess, and says what to write', () => {
    for (const [text, message] of [
      ['12.505', /at most 2 decimal places/],
      ['12.500', /at most 2 decimal places/],
      ['12.50 EUR', /in "EUR", but the ledger is USD/],
      ['1,000.00', /write "1000\.00"/],
      ['1,000', /write "1000\.00" for "1,000"\.$/],
      ['1,00,000.00 USD', /write "100000\.00 USD"/],
      ['1,0000.00', /is not an amount/],
      ['\u22125.00', /can't have a sign/],
      ['12,505', /can't have commas: write "12505\.00"/],
      ['12,50', /write "12\.50"/],
      ['-1.00', /can't have a sign/],
      ['1e3', /is not an amount/],
      ['12.', /is not an amount/],
      ['.50', /is not an amount/],
      ['0x64', /is not an amount/],
      ['1__0.00', /is not an amount/],
      ['', /is not an amount/],
      ['١٢.٥٠', /is not an amount/],
    ] as const) {
      expect(() => parseMoney('--amount', text, USD), text).to.throw(message)
    }
    expect(() => parseMoney('--amount', '5,000', {scale: 3})).to.throw(
      'write "5000.000" for "5,000", or "5.000" if the comma is a decimal point.',
    )
    expect(() => parseMoney('--amount', '1,5', JPY)).to.throw('is "1,5", but JPY has no decimal places')
    expect(() => parseMoney('--amount', '5 EUR', {scale: 2})).to.throw('is in "EUR", but no unit is known here')
    expect(() => parseMoney('--amount', '1.0', JPY)).to.throw(/no decimal places/)
    expect(() => parseMoney('--amount', `${UINT128_MAX}.00`, USD)).to.throw(/does not fit in 128 bits/)
  })

  it('offers no text that it would refuse', () =>
    fc.assert(
      fc.property(
        fc.stringMatching(/^\d{1,4}(,\d{1,4}){0,2}(\.\d{0,3})?( USD)?$/),
        fc.integer({min: 0, max: 4}),
        (text, scale) => {
          const unit = {name: 'USD', scale}
          let message = ''
          try {
            parseMoney('it', text, unit)
          } catch (error) {
            message = (error as Error).message
          }
          for (const [, offered] of message.matchAll(/\b(?:write|Write|or) "([^"]*)"/g))
            expect(() => parseMoney('it', offered!, unit), `${message} ${offered}`).not.to.throw()
        },
      ),
    ))

  it('shows the sign of a difference', () => {
    expect(formatAmount(-5n, 2)).to.equal('-0.05')
    expect(formatAmount(-1250n, 2)).to.equal('-12.50')
  })
})
