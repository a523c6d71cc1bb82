import {type BankFormat, bankLineReader, parseBankAmount} from '@parix/books/bank-lines'
import {isParixError} from '@parix/kit/errors'
import {expect} from 'chai'
import fc from 'fast-check'

const FORMAT: BankFormat = {
  specs: {},
  scale: 2,
  decimalComma: false,
  invert: false,
  zone: 'UTC',
  referenceOf: (text) => text,
}
const NOON = BigInt(Date.UTC(2026, 10, 27, 12)) * 1_000_000n
const MIDNIGHT = BigInt(Date.UTC(2026, 10, 27)) * 1_000_000n

describe('lines of a bank', () => {
  it('columns that are named as a field is need no mapping', () => {
    const read = bankLineReader(FORMAT, ['time', 'amount', 'reference', 'balance'])
    expect(read(7, ['2026-11-27T12:00:00Z', '-1,234.50', 'INV-1', '9.99'])).to.deep.equal({
      line: 7,
      time: NOON,
      amount: -123450n,
      reference: 'INV-1',
    })
  })

  it('columns that are called as banks call them need none either; the own name of a field goes first', () => {
    const read = bankLineReader(FORMAT, ['Date', 'Description', 'Amount', 'Balance'])
    expect(read(2, ['2026-11-27', 'rent', '5', '9.99'])).to.deep.include({time: MIDNIGHT, amount: 500n, text: 'rent'})
    const both = bankLineReader(FORMAT, ['date', 'time', 'amount'])
    expect(both(2, ['2026-11-01', '2026-11-27', '1'])).to.deep.include({time: MIDNIGHT})
    expect(() => bankLineReader(FORMAT, ['Date', 'Debit', 'Credit'])).to.throw(/Which column is the amount/)
  })

  it('a German statement: dates, decimal commas, received and paid in two columns', () => {
    const specs = {time: 'Buchungstag|time:DD.MM.YYYY', in: 'Haben', out: 'Soll', text: 'Zweck', reference: 'Ref'}
    const read = bankLineReader({...FORMAT, specs, decimalComma: true}, [
      'Buchungstag',
      'Soll',
      'Haben',
      'Ref',
      'Zweck',
    ])
    const day = {time: MIDNIGHT, until: MIDNIGHT + 86_400_000_000_000n - 1n}
    expect(read(2, ['27.11.2026', '', '1.234,5', '', 'Miete'])).to.deep.equal({
      line: 2,
      ...day,
      amount: 123450n,
      text: 'Miete',
    })
    expect(read(3, ['27.11.2026', '7', '', 'A', ''])).to.deep.equal({line: 3, ...day, amount: -700n, reference: 'A'})
  })

  for (const [form, text] of Object.entries({
    'MM/DD/YYYY': '11/27/2026',
    YYYYMMDD: '20261127',
    'DD-MM-YY': '27-11-26',
    ms: String(MIDNIGHT / 1_000_000n),
  })) {
    it(`time:${form} reads ${text}`, () => {
      const read = bankLineReader({...FORMAT, specs: {time: `when|time:${form}`, amount: '=1'}}, ['when'])
      expect(read(1, [text]).time).to.equal(MIDNIGHT)
    })
  }

  it('what is not a date, an amount, a field, a column or a form is refused', () => {
    const refused = (work: () => unknown) => expect(work).to.throw().and.satisfy(isParixError)
    const read = bankLineReader(FORMAT, ['time', 'amount'])
    for (const cells of [
      ['27.11.2026', '1'],
      ['2026-02-30', '1'],
      ['2026-11-27', '1.005'],
      ['2026-11-27', '1,5'],
      ['2026-11-27', 'EUR 1'],
    ])
      refused(() => read(1, cells))
    for (const specs of [
      {x: 'time'},
      {time: 'when'},
      {time: 'time|time:Q'},
      {amount: 'amount|money:x'},
      {time: 'time|a:b'},
    ])
      refused(() =>
        bankLineReader({...FORMAT, specs} as unknown as BankFormat, ['time', 'amount'])(1, ['2026-11-27', '1']),
      )
    refused(() => bankLineReader(FORMAT, ['time']))
    refused(() => bankLineReader(FORMAT, ['amount']))
  })

  const wrong = (work: () => unknown): string => {
    try {
      work()
    } catch (error) {
      if (isParixError(error)) return error.message
      throw error
    }
    return 'It was read.'
  }

  it('an amount that is a thousand in one notation and one in the other is refused; with it, 1000 times too much would be proposed', () => {
    for (const [text, decimalComma] of [
      ['1.000', false],
      ['-12.500', false],
      ['1,000', true],
      ['999,990', true],
    ] as const)
      expect(
        wrong(() => parseBankAmount(text, 2, {decimalComma})),
        text,
      ).to.match(
        new RegExp(
          `has more than 2 decimal places, or is \\d{4,6}: .* ${decimalComma ? 'without' : 'with'} --decimal-comma`,
        ),
      )
    expect(parseBankAmount('1.0000', 2, {decimalComma: false})).to.equal(100n)
    expect(parseBankAmount('1,000', 2, {decimalComma: false})).to.equal(100000n)
    expect(parseBankAmount('1.000', 3, {decimalComma: false})).to.equal(1000n)
    expect(parseBankAmount('1,234.500', 2, {decimalComma: false})).to.equal(123450n)
  })

  it('the other notation is proposed where it would read the amount', () => {
    const message = (text: string, decimalComma = false) => wrong(() => parseBankAmount(text, 2, {decimalComma}))
    expect(message('1.234,50')).to.equal('"1.234,50" is not an amount. Is it to be read with --decimal-comma?')
    expect(message('1,234.50', true)).to.equal('"1,234.50" is not an amount. Is it to be read without --decimal-comma?')
    for (const text of ['(5.00)', '5.00-', '$5.00', '5.00 CR', "5'000.00"])
      expect(message(text), text).to.equal(`${JSON.stringify(text)} is not an amount.`)
  })

  it('what was received or paid has no sign, and a line has an amount', () => {
    const read = bankLineReader(FORMAT, ['date', 'paid in', 'paid out'])
    expect(read(1, ['2026-11-27', '5', '']).amount).to.equal(500n)
    expect(read(1, ['2026-11-27', '', '3']).amount).to.equal(-300n)
    expect(read(1, ['2026-11-27', '0.00', '3']).amount).to.equal(-300n)
    for (const cells of [
      ['-5', ''],
      ['', '-3'],
    ])
      expect(wrong(() => read(1, ['2026-11-27', ...cells]))).to.contain('has a sign')
    expect(wrong(() => read(1, ['2026-11-27', '', '']))).to.equal('There is no amount in this line.')
    expect(wrong(() => bankLineReader(FORMAT, ['date', 'amount'])(1, ['2026-11-27', ' ']))).to.contain('no amount')
  })

  it('amounts are in one column or in two, not in both: the sum would count twice', () => {
    const header = ['date', 'amount', 'paid in', 'paid out']
    const cells = ['2026-11-27', '5', '5', '']
    expect(wrong(() => bankLineReader(FORMAT, header))).to.contain('Say which with --map amount=COLUMN')
    for (const specs of [{amount: 'amount'}, {in: 'paid in', out: 'paid out'}, {in: 'paid in'}])
      expect(bankLineReader({...FORMAT, specs}, header)(1, cells).amount, JSON.stringify(specs)).to.equal(500n)
    expect(wrong(() => bankLineReader({...FORMAT, specs: {amount: 'amount', in: 'paid in'}}, header))).to.contain(
      'count twice',
    )
  })

  it('times end with those of the ledger', () => {
    const read = bankLineReader(FORMAT, ['time', 'amount'])
    expect(read(1, ['2262-04-10', '1']).time).to.equal(BigInt(Date.UTC(2262, 3, 10)) * 1_000_000n)
    for (const time of ['2262-04-12', '2999-12-31', '2262-04-12T00:00:00Z'])
      expect(
        wrong(() => read(1, [time, '1'])),
        time,
      ).to.contain('2262-04-11')
    const seconds = bankLineReader({...FORMAT, specs: {time: 'time|time:s'}}, ['time', 'amount'])
    expect(wrong(() => seconds(1, ['99999999999', '1']))).to.contain('2262-04-11')
  })

  it('amounts are exact, with and without thousands separators, in both notations', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(2n ** 127n), 2n ** 127n),
        fc.integer({min: 0, max: 6}),
        fc.boolean(),
        (amount, scale, comma) => {
          const digits = (amount < 0n ? -amount : amount).toString().padStart(scale + 1, '0')
          const whole = digits.slice(0, digits.length - scale)
          for (const written of [whole, whole.replace(/\B(?=(\d{3})+$)/g, comma ? '.' : ',')]) {
            const text = `${amount < 0n ? '-' : ''}${written}${scale === 0 ? '' : (comma ? ',' : '.') + digits.slice(-scale)}`
            expect(parseBankAmount(text, scale, {decimalComma: comma})).to.equal(amount)
          }
        },
      ),
    )
  })
})
