/** Compares an account with the statement of a bank: what is on both, what only on one side. Proposes, never books. */

export interface BankLine {
  /** Line of the file, from 1. */
  line: number
  /** Nanoseconds since 1970. */
  time: bigint
  /** Signed, in the ledger's smallest unit; positive is money received by the account's owner. */
  amount: bigint
  reference?: string
  text?: string
}

export interface BookLine {
  id: bigint
  time: bigint
  /** Signed as the bank's. */
  amount: bigint
  reference?: string
}

export interface Reconciliation {
  matched: {bank: BankLine; book: BookLine; by: 'reference' | 'amount'}[]
  /** The same reference with another amount. */
  amountDiffers: {bank: BankLine; book: BookLine}[]
  onlyBank: BankLine[]
  onlyBooks: BookLine[]
  /** Lines of the bank with a reference that came before. */
  doubled: BankLine[]
}

/**
 * First by reference, then by amount within `window`, and only where that pair is the only one on both sides: a guess between
 * two equal amounts would hide the very difference that is looked for.
 *
 * @param windowNs how far apart in time two lines may be to count as the same
 */
export function reconcile(bank: readonly BankLine[], books: readonly BookLine[], windowNs: bigint): Reconciliation {
  const result: Reconciliation = {matched: [], amountDiffers: [], onlyBank: [], onlyBooks: [], doubled: []}
  const byReference = new Map(books.flatMap((book) => (book.reference ? [[book.reference, book]] : [])))
  const used = new Set<BookLine>()
  const seen = new Set<string>()
  const rest: BankLine[] = []
  for (const line of bank) {
    const {reference} = line
    if (reference && seen.has(reference)) {
      result.doubled.push(line)
      continue
    }
    if (reference) seen.add(reference)
    const book = reference ? byReference.get(reference) : undefined
    if (book === undefined) rest.push(line)
    else {
      used.add(book)
      if (book.amount === line.amount) result.matched.push({bank: line, book, by: 'reference'})
      else result.amountDiffers.push({bank: line, book})
    }
  }
  matchByAmount(
    rest,
    books.filter((book) => !used.has(book)),
    windowNs,
    result,
  )
  return result
}

function matchByAmount(
  bank: readonly BankLine[],
  books: readonly BookLine[],
  windowNs: bigint,
  result: Reconciliation,
): void {
  const close = (a: {time: bigint; amount: bigint}, b: {time: bigint; amount: bigint}) =>
    a.amount === b.amount && a.time - b.time <= windowNs && b.time - a.time <= windowNs
  const booksByAmount = group(books)
  const bankByAmount = group(bank)
  const used = new Set<BookLine>()
  for (const line of bank) {
    const candidates = (booksByAmount.get(line.amount) ?? []).filter((book) => close(line, book))
    const [book] = candidates
    const rivals = book === undefined ? [] : (bankByAmount.get(book.amount) ?? []).filter((other) => close(other, book))
    if (book !== undefined && candidates.length === 1 && rivals.length === 1) {
      used.add(book)
      result.matched.push({bank: line, book, by: 'amount'})
    } else result.onlyBank.push(line)
  }
  result.onlyBooks.push(...books.filter((book) => !used.has(book)))
}

function group<Line extends {amount: bigint}>(lines: readonly Line[]): Map<bigint, Line[]> {
  const groups = new Map<bigint, Line[]>()
  for (const line of lines) {
    const known = groups.get(line.amount)
    if (known === undefined) groups.set(line.amount, [line])
    else known.push(line)
  }
  return groups
}

/** Whether nothing is left to look at. */
export function isReconciled({amountDiffers, onlyBank, onlyBooks, doubled}: Reconciliation): boolean {
  return amountDiffers.length + onlyBank.length + onlyBooks.length + doubled.length === 0
}
