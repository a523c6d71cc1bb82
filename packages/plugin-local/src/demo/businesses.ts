/** The four businesses whose books `parix local demo` makes, as tables: what their accounts and payments are called, and how often. */

export const DEMO_KINDS = ['marketplace', 'wallet', 'bank', 'cards'] as const
export type DemoKind = (typeof DEMO_KINDS)[number]

export interface Currency {
  /** As the chart names the ledger. */
  name: string
  ledger: number
  scale: number
  /** Smallest and largest payment, in the smallest unit. */
  payment: readonly [bigint, bigint]
}

/** What happens, in the words of the business: names of transfer codes. */
export interface Words {
  /** A customer puts money in. */
  fund: string
  /** A customer pays a merchant: held first, then captured, released or left to expire. */
  pay: string
  fee: string
  refund: string
  /** A merchant's money goes to its bank. */
  payout: string
  /** From customer to customer. */
  send: string
}

export interface Business {
  summary: string
  /** Names of account codes, and first part of the names of accounts. */
  customer: string
  merchant: string
  currencies: readonly [Currency, Currency]
  /** Smallest units of the second currency for one of the first: numerator and denominator. */
  rate: readonly [bigint, bigint]
  words: Words
  /** Out of a thousand of what was captured. */
  feePerMille: bigint
  /** How often each is chosen. */
  weights: Readonly<Record<'pay' | 'fund' | 'refund' | 'send' | 'exchange', number>>
  /** How holds end, and how long they last at most. */
  holds: Readonly<Record<'captured' | 'partly' | 'released' | 'expired' | 'open', number>> & {seconds: number}
}

const USD: Currency = {name: 'USD', ledger: 700, scale: 2, payment: [350n, 24_900n]}
const EUR: Currency = {name: 'EUR', ledger: 710, scale: 2, payment: [350n, 22_900n]}
const JPY: Currency = {name: 'JPY', ledger: 720, scale: 0, payment: [480n, 36_000n]}

const DAY = 86_400

export const BUSINESSES: Readonly<Record<DemoKind, Business>> = {
  marketplace: {
    summary: 'buyers pay for orders, sellers are paid out, the marketplace keeps a commission',
    customer: 'buyer',
    merchant: 'seller',
    currencies: [USD, EUR],
    rate: [92n, 100n],
    words: {fund: 'deposit', pay: 'order', fee: 'commission', refund: 'refund', payout: 'payout', send: 'gift'},
    feePerMille: 80n,
    weights: {pay: 70, fund: 17, refund: 5, send: 3, exchange: 5},
    holds: {captured: 80, partly: 4, released: 6, expired: 6, open: 4, seconds: 7 * DAY},
  },
  wallet: {
    summary: 'people top up a wallet, send money to each other and pay in shops',
    customer: 'wallet',
    merchant: 'shop',
    currencies: [USD, EUR],
    rate: [92n, 100n],
    words: {fund: 'top-up', pay: 'purchase', fee: 'fee', refund: 'refund', payout: 'settlement', send: 'send'},
    feePerMille: 15n,
    weights: {pay: 32, fund: 18, refund: 3, send: 40, exchange: 7},
    holds: {captured: 88, partly: 2, released: 4, expired: 3, open: 3, seconds: 2 * DAY},
  },
  bank: {
    summary: 'customers of a bank are paid salaries, pay by card and transfer money',
    customer: 'customer',
    merchant: 'payee',
    currencies: [EUR, USD],
    rate: [100n, 92n],
    words: {fund: 'salary', pay: 'card-payment', fee: 'charge', refund: 'refund', payout: 'clearing', send: 'transfer'},
    feePerMille: 4n,
    weights: {pay: 52, fund: 16, refund: 3, send: 25, exchange: 4},
    holds: {captured: 90, partly: 2, released: 3, expired: 3, open: 2, seconds: 5 * DAY},
  },
  cards: {
    summary: 'cards are loaded, purchases authorised, captured in full or in part, and charged back',
    customer: 'card',
    merchant: 'merchant',
    currencies: [EUR, JPY],
    rate: [1615n, 1000n],
    words: {
      fund: 'load',
      pay: 'purchase',
      fee: 'interchange',
      refund: 'chargeback',
      payout: 'settlement',
      send: 'move',
    },
    feePerMille: 18n,
    weights: {pay: 78, fund: 15, refund: 3, send: 1, exchange: 3},
    holds: {captured: 72, partly: 10, released: 8, expired: 6, open: 4, seconds: 7 * DAY},
  },
}
