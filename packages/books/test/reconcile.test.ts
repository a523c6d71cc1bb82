import {type BankLine, type BookLine, isReconciled, reconcile} from '@parix/books/reconcile'
import {expect} from 'chai'
import fc from 'fast-check'

const DAY = 86_400_000_000_000n
const bank = (line: number, amount: bigint, time = 0n, reference?: string): BankLine => ({
  line,
  amount,
  time,
  ...(reference && {reference}),
})
const book = (id: bigint, amount: bigint, time = 0n, reference?: string): BookLine => ({
  id,
  amount,
  time,
  ...(reference && {reference}),
})

describe('reconciling', () => {
  it('finds exactly what is planted: one only there, one only here, one amount that differs, one doubled', () => {
    const result = reconcile(
      [bank(2, 100n, 0n, 'A'), bank(3, 55n, 0n, 'B'), bank(4, 7n, 0n), bank(5, 100n, 0n, 'A'), bank(6, 30n, DAY)],
      [book(1n, 100n, 0n, 'A'), book(2n, 50n, 0n, 'B'), book(3n, 30n), book(4n, -9n)],
      2n * DAY,
    )
    expect(result.matched.map(({bank: {line}, by}) => [line, by])).to.deep.equal([
      [2, 'reference'],
      [6, 'amount'],
    ])
    expect(result.amountDiffers.map(({bank: {line}, book: {id}}) => [line, id])).to.deep.equal([[3, 2n]])
    expect(result.onlyBank.map(({line}) => line)).to.deep.equal([4])
    expect(result.doubled.map(({line}) => line)).to.deep.equal([5])
    expect(result.onlyBooks.map(({id}) => id)).to.deep.equal([4n])
    expect(isReconciled(result)).to.equal(false)
  })

  it('does not guess between two lines of the same amount', () => {
    const result = reconcile([bank(1, 10n), bank(2, 10n)], [book(1n, 10n)], DAY)
    expect(result.matched).to.deep.equal([])
    expect([result.onlyBank.length, result.onlyBooks.length]).to.deep.equal([2, 1])
  })

  it('the window is inclusive', () => {
    expect(isReconciled(reconcile([bank(1, 10n, DAY)], [book(1n, 10n)], DAY))).to.equal(true)
    expect(isReconciled(reconcile([bank(1, 10n, DAY + 1n)], [book(1n, 10n)], DAY))).to.equal(false)
  })

  it('a transfer and its reversal take each other back, and the corrected one is found', () => {
    const {matched, cancelled, ...rest} = reconcile(
      [bank(1, -95n, 0n, 'X')],
      [book(1n, -100n, 0n, 'X'), {...book(2n, 100n, 0n, 'X'), reverses: 1n}, book(3n, -95n, 0n, 'X')],
      DAY,
    )
    expect(matched.map(({book: {id}}) => id)).to.deep.equal([3n])
    expect(cancelled.map(({book: {id}, by}) => [id, by.id])).to.deep.equal([[1n, 2n]])
    expect(rest).to.deep.equal({amountDiffers: [], onlyBank: [], onlyBooks: [], doubled: []})
  })

  it('two payments of one reference are two lines, and a third of the bank is doubled', () => {
    const lines = [bank(1, 10n, 0n, 'R'), bank(2, 10n, 0n, 'R'), bank(3, 10n, 0n, 'R')]
    const {matched, doubled} = reconcile(lines, [book(1n, 10n, 0n, 'R'), book(2n, 10n, 0n, 'R')], DAY)
    expect(matched.map(({bank: {line}}) => line)).to.deep.equal([1, 2])
    expect(doubled.map(({line}) => line)).to.deep.equal([3])
  })

  it('a date of the bank is that whole day', () => {
    const day = {...bank(1, 10n), until: DAY - 1n}
    expect(isReconciled(reconcile([day], [book(1n, 10n, DAY - 1n)], 0n))).to.equal(true)
    expect(isReconciled(reconcile([day], [book(1n, 10n, DAY)], 0n))).to.equal(false)
  })

  it('every line is in exactly one list', () => {
    const line = fc.record({
      amount: fc.bigInt(-3n, 3n),
      time: fc.bigInt(0n, 3n),
      reference: fc.constantFrom('', 'A', 'B', 'C'),
    })
    fc.assert(
      fc.property(fc.array(line, {maxLength: 12}), fc.array(line, {maxLength: 12}), (there, here) => {
        const lines = there.map((item, index) => ({...item, line: index + 1}))
        const books = here.map((item, index) => ({...item, id: BigInt(index)}))
        const {matched, cancelled, amountDiffers, onlyBank, onlyBooks, doubled} = reconcile(lines, books, 1n)
        const bankLines = [
          ...matched.map((pair) => pair.bank),
          ...amountDiffers.map((pair) => pair.bank),
          ...onlyBank,
          ...doubled,
        ]
        const bookLines = [
          ...matched.map((pair) => pair.book),
          ...amountDiffers.map((pair) => pair.book),
          ...onlyBooks,
          ...cancelled.flatMap((pair) => [pair.book, pair.by]),
        ]
        expect(bankLines.map((item) => item.line).sort((a, b) => a - b)).to.deep.equal(lines.map((item) => item.line))
        expect(bookLines.map((item) => Number(item.id)).sort((a, b) => a - b)).to.deep.equal(
          books.map((_, index) => index),
        )
        for (const pair of matched) expect(pair.bank.amount).to.equal(pair.book.amount)
        for (const pair of cancelled) expect(pair.book.amount + pair.by.amount).to.equal(0n)
      }),
      {numRuns: 500},
    )
  })
})
