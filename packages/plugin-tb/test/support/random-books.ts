import {AccountFlags, type Transfer, TransferFlags} from '@parix/ledger'
import fc from 'fast-check'
import {type MemoryBooks, memoryBooks, SECOND} from './memory-books.js'

/** One request of a random history. Accounts and holds are chosen by numbers, of which any is one. */
export interface Step {
  kind: 'plain' | 'hold' | 'post' | 'void' | 'balancing' | 'chain' | 'wait'
  from: number
  to: number
  amount: bigint
  /** Which of the holds so far is posted or voided. */
  hold: number
  seconds: number
}

const KINDS = ['plain', 'plain', 'hold', 'hold', 'post', 'void', 'balancing', 'chain', 'wait'] as const

export const someSteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    from: fc.nat({max: 3}),
    to: fc.nat({max: 2}),
    amount: fc.oneof(
      fc.bigInt({min: 0n, max: 1000n}),
      fc.bigInt({min: 2n ** 53n, max: 2n ** 90n}),
      fc.constantFrom(1n, 0n, 2n ** 64n - 1n, 2n ** 64n),
    ),
    hold: fc.nat({max: 20}),
    seconds: fc.nat({max: 40}),
  }),
  {minLength: 1, maxLength: 25},
)

/** With a history of balances, without limits; without either; with each of the two limits. */
export const RANDOM_ACCOUNTS = [
  {id: 1n, flags: AccountFlags.history},
  {id: 2n, flags: 0},
  {id: 3n, flags: AccountFlags.debits_must_not_exceed_credits | AccountFlags.history},
  {id: 4n, flags: AccountFlags.credits_must_not_exceed_debits},
]

/** `work` on a random history, in a ledger of its own that is closed after it. */
export async function withRandomBooks(
  steps: readonly Step[],
  work: (books: MemoryBooks) => Promise<void>,
): Promise<void> {
  const books = await randomBooks(steps)
  try {
    await work(books)
  } finally {
    await books.close()
  }
}

/** What the ledger refuses is left out, as in any ledger. */
async function randomBooks(steps: readonly Step[]): Promise<MemoryBooks> {
  const books = await memoryBooks(...RANDOM_ACCOUNTS)
  const holds: bigint[] = []
  let id = 10n
  for (const step of steps) {
    if (step.kind === 'wait') {
      books.clock.now += BigInt(step.seconds) * SECOND
      continue
    }
    const batch = batchOf(step, holds, () => ++id)
    if (batch.length > 0) await books.results(...batch)
  }
  return books
}

function batchOf(
  {kind, from, to, amount, hold, seconds}: Step,
  holds: bigint[],
  next: () => bigint,
): Partial<Transfer>[] {
  const [debit, credit] = [from + 1, ((from + 1 + to) % 4) + 1]
  const plain = {id: next(), debit_account_id: BigInt(debit), credit_account_id: BigInt(credit), amount}
  const pending_id = holds[hold % holds.length]
  switch (kind) {
    case 'hold':
      holds.push(plain.id)
      // Half of them have no timeout.
      return [{...plain, flags: TransferFlags.pending, timeout: Math.max(0, seconds - 20)}]
    case 'post':
      return pending_id === undefined
        ? []
        : [{id: plain.id, pending_id, amount, flags: TransferFlags.post_pending_transfer}]
    case 'void':
      return pending_id === undefined ? [] : [{id: plain.id, pending_id, flags: TransferFlags.void_pending_transfer}]
    case 'balancing':
      return [{...plain, flags: seconds % 2 === 0 ? TransferFlags.balancing_debit : TransferFlags.balancing_credit}]
    case 'chain':
      return [
        {...plain, flags: TransferFlags.linked},
        {...plain, id: next(), debit_account_id: plain.credit_account_id, credit_account_id: plain.debit_account_id},
      ]
    default:
      return [plain]
  }
}

/** Every transfer, in the order of time. */
export async function allTransfers({ledger}: MemoryBooks): Promise<Transfer[]> {
  return ledger.queryTransfers({
    ...{user_data_128: 0n, user_data_64: 0n, user_data_32: 0, ledger: 0, code: 0},
    ...{timestamp_min: 0n, timestamp_max: 0n, limit: 8189, flags: 0},
  })
}
