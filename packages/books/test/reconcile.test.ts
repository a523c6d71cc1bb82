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

  it('every line is in exactly one list', () => {
    const line = fc.record({
      amount: fc.bigInt(-3n, 3n),
      time: fc.bigInt(0n, 3n),
      reference: fc.constantFrom('', 'A', 'B', 'C'),
    })
    fc.assert(
      fc.property(
        fc.array(line, {maxLength: 12}),
        fc.uniqueArray(line, {maxLength: 12, selector: ({reference}) => reference || Symbol('none')}),
        (there, here) => {
          const lines = there.map((item, index) => ({...item, line: index + 1}))
          const books = here.map((item, index) => ({...item, id: BigInt(index)}))
          const {matched, amountDiffers, onlyBank, onlyBooks, doubled} = reconcile(lines, books, 1n)
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
          ]
          expect(bankLines.map((item) => item.line).sort((a, b) => a - b)).to.deep.equal(lines.map((item) => item.line))
          expect(bookLines.map((item) => item.id).sort()).to.deep.equal(books.map((item) => item.id).sort())
          for (const pair of matched) expect(pair.bank.amount).to.equal(pair.book.amount)
        },
      ),
      {numRuns: 500},
    )
  })
})
