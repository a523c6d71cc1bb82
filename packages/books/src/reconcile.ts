/** Compares an account with the statement of a bank: what is on both, what only on one side. Proposes, never books. */

export interface BankLine {
  /** Line of the file, from 1. */
  line: number
  /** Nanoseconds since 1970. */
  time: bigint
  /** The end of the day, where the bank gives a date only. */
  until?: bigint
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
  /** The transfer that this one reverses. */
  reverses?: bigint
}

export interface Reconciliation {
  matched: {bank: BankLine; book: BookLine; by: 'reference' | 'amount'}[]
  /** Two lines of the books that take each other back, and which the bank does not have. */
  cancelled: {book: BookLine; by: BookLine}[]
  /** The same reference with another amount. */
  amountDiffers: {bank: BankLine; book: BookLine}[]
  onlyBank: BankLine[]
  onlyBooks: BookLine[]
  /** Lines of the bank that repeat the reference and the amount of a line before, where the books have it once. */
  doubled: BankLine[]
}

/**
 * First by reference, then by amount within `window`, and only where that pair is the only one on both sides: a guess between
 * two equal amounts would hide the very difference that is looked for.
 *
 * @param windowNs how far apart in time two lines may be to count as the same
 */
export function reconcile(bank: readonly BankLine[], books: readonly BookLine[], windowNs: bigint): Reconciliation {
  const result: Reconciliation = {
    matched: [],
    cancelled: [],
    amountDiffers: [],
    onlyBank: [],
    onlyBooks: [],
    doubled: [],
  }
  const unused = new Set(books)
  const rest = matchByReference(bank, unused, result)
  cancelOut(unused, result)
  differByReference(rest, unused, result)
  matchByAmount(rest, unused, windowNs, result)
  result.onlyBooks.push(...unused)
  return result
}

/** @returns the lines of the bank that were not found, which the next steps take from */
function matchByReference(bank: readonly BankLine[], unused: Set<BookLine>, result: Reconciliation): Set<BankLine> {
  const byReference = group(unused, ({reference}) => reference || undefined)
  const seen = new Set<string>()
  const rest = new Set<BankLine>()
  for (const line of bank) {
    const {reference, amount} = line
    const book = reference
      ? byReference.get(reference)?.find((other) => unused.has(other) && other.amount === amount)
      : undefined
    const key = `${reference} ${amount}`
    if (book !== undefined) {
      unused.delete(book)
      result.matched.push({bank: line, book, by: 'reference'})
    } else if (reference && seen.has(key)) result.doubled.push(line)
    else rest.add(line)
    if (reference) seen.add(key)
  }
  return rest
}

/** A transfer and its reversal, or two of the same reference that add up to nothing. */
function cancelOut(unused: Set<BookLine>, result: Reconciliation): void {
  const byId = new Map([...unused].map((book) => [book.id, book]))
  const byReference = group(unused, ({reference}) => reference || undefined)
  for (const book of [...unused]) {
    if (!unused.has(book)) continue
    const original = book.reverses === undefined ? undefined : byId.get(book.reverses)
    const takesBack = (other: BookLine) => other !== book && unused.has(other) && other.amount === -book.amount
    const other =
      original !== undefined && takesBack(original)
        ? original
        : byReference.get(book.reference ?? '')?.find((candidate) => takesBack(candidate))
    if (other === undefined) continue
    unused.delete(book)
    unused.delete(other)
    const isReversal = other.reverses === book.id || (book.reverses !== other.id && other.time > book.time)
    result.cancelled.push(isReversal ? {book, by: other} : {book: other, by: book})
  }
}

function differByReference(rest: Set<BankLine>, unused: Set<BookLine>, result: Reconciliation): void {
  const byReference = group(unused, ({reference}) => reference || undefined)
  for (const bank of [...rest]) {
    const book = bank.reference ? byReference.get(bank.reference)?.find((other) => unused.has(other)) : undefined
    if (book === undefined) continue
    unused.delete(book)
    rest.delete(bank)
    result.amountDiffers.push({bank, book})
  }
}

function matchByAmount(
  rest: ReadonlySet<BankLine>,
  unused: Set<BookLine>,
  windowNs: bigint,
  result: Reconciliation,
): void {
  const close = (line: BankLine, book: BookLine) =>
    line.amount === book.amount &&
    line.time - book.time <= windowNs &&
    book.time - (line.until ?? line.time) <= windowNs
  const booksByAmount = group(unused, ({amount}) => amount)
  const bankByAmount = group(rest, ({amount}) => amount)
  for (const line of rest) {
    const candidates = (booksByAmount.get(line.amount) ?? []).filter((book) => close(line, book))
    const [book] = candidates
    const rivals = book === undefined ? [] : (bankByAmount.get(book.amount) ?? []).filter((other) => close(other, book))
    if (book !== undefined && candidates.length === 1 && rivals.length === 1) {
      unused.delete(book)
      result.matched.push({bank: line, book, by: 'amount'})
    } else result.onlyBank.push(line)
  }
}

function group<Line, Key>(lines: Iterable<Line>, keyOf: (line: Line) => Key | undefined): Map<Key, Line[]> {
  const groups = new Map<Key, Line[]>()
  for (const line of lines) {
    const key = keyOf(line)
    if (key === undefined) continue
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [line])
    else known.push(line)
  }
  return groups
}

/** Whether nothing is left to look at. */
export function isReconciled({amountDiffers, onlyBank, onlyBooks, doubled}: Reconciliation): boolean {
  return amountDiffers.length + onlyBank.length + onlyBooks.length + doubled.length === 0
}
