/**
 * A month of a business, event by event: who pays whom, what is held and how holds end. The same numbers for the same options,
 * everywhere: nothing here looks at a clock, and there is no arithmetic but that of whole numbers.
 */

import {TransferFlags} from '@parix/ledger/schema'
import type {Row} from '../history.js'
import {BUSINESSES, type Business, type DemoKind} from './businesses.js'
import {customerBase, demoAccounts, houseId, merchantBase, population, TRANSFER_CODES} from './demo-accounts.js'
import {Random} from './random.js'

export interface DemoOptions {
  kind: DemoKind
  /** The moment at which the month ends, in nanoseconds since 1970. */
  until: bigint
  /** About as many transfers. */
  size: number
  seed: number
}

export interface DemoBooks {
  accounts: Row[]
  transfers: Row[]
}

type CurrencyIndex = 0 | 1
type Flow = keyof typeof TRANSFER_CODES
interface Move {
  flow: Flow
  debit: bigint
  credit: bigint
  amount: bigint
  currency: CurrencyIndex
  flags?: number
  timeout?: number
  pending_id?: bigint
  user_data_128?: bigint
}

const SECOND = 1_000_000_000n
const MILLISECOND = 1_000_000n
const HOUR = 3600n * SECOND
const DAY = 24n * HOUR
export const DEMO_DAYS = 30
/** How busy each hour of the day is. */
const HOURS = [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 13, 14, 12, 11, 11, 12, 14, 15, 14, 12, 9, 6, 4]
const BUSY_HOURS = HOURS.flatMap((weight, hour) => Array<number>(weight).fill(hour))

export function generateBooks(options: DemoOptions): DemoBooks {
  const month = new Month(options)
  return {accounts: month.accounts, transfers: month.run()}
}

/** A hold that ends in one way or another, at a time that is still to come. */
interface Ending {
  at: bigint
  run: (at: bigint) => void
}

class Month {
  readonly accounts: Row[]
  private readonly business: Business
  private readonly random: Random
  private readonly start: bigint
  private readonly transfers: Row[] = []
  /** What each customer and merchant may still spend. */
  private readonly available = new Map<bigint, bigint>()
  /** By time, the next one last. */
  private readonly endings: Ending[] = []
  /** Payments that can be refunded. */
  private readonly paid: {
    customer: bigint
    merchant: bigint
    amount: bigint
    currency: CurrencyIndex
    order: bigint
  }[] = []
  private time: bigint

  constructor(private readonly options: DemoOptions) {
    this.business = BUSINESSES[options.kind]
    this.random = new Random(options.seed)
    this.start = options.until - BigInt(DEMO_DAYS) * DAY
    this.accounts = demoAccounts(this.business, options.size, this.start - HOUR)
    this.time = this.start - MILLISECOND
  }

  run(): Row[] {
    for (const currency of [0, 1] as const) this.capital(currency)
    // A payment takes two to three transfers in the end.
    const arrivals = Math.max(Math.ceil((this.options.size * 10) / 23), 40)
    for (const {at, run} of this.schedule(arrivals)) {
      this.endHoldsBefore(at)
      run(at)
    }
    this.endHoldsBefore(this.options.until)
    return this.transfers
  }

  /** Everything that begins by itself, by time. */
  private schedule(arrivals: number): Ending[] {
    const {random, start} = this
    const all: Ending[] = []
    for (let i = 0; i < arrivals; i++) {
      const hour = BigInt(random.below(DEMO_DAYS) * 24 + random.pick(BUSY_HOURS))
      const at = start + hour * HOUR + BigInt(random.below(3_600_000)) * MILLISECOND
      all.push({at, run: (time) => this.arrival(time)})
    }
    for (let day = 1; day <= DEMO_DAYS; day++) {
      const evening = start + BigInt(day) * DAY - 2n * HOUR
      for (const currency of [0, 1] as const) {
        all.push({at: evening + BigInt(currency), run: (time) => this.payouts(time, currency)})
        if (day % 7 === 0) all.push({at: evening + HOUR + BigInt(currency), run: (time) => this.costs(time, currency)})
      }
    }
    return all.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  }

  private arrival(at: bigint): void {
    const {random, business} = this
    const currency = random.below(10) < 7 ? 0 : 1
    const customer = this.customer(currency)
    const amount = random.amount(business.currencies[currency].payment)
    const what = random.weighted(business.weights)
    if (what === 'refund') this.refund(at)
    // Who has too little puts money in first, and comes back later.
    else if (what === 'fund' || this.left(customer) < amount) this.fund(at, customer, currency)
    else if (what === 'pay') this.hold(at, customer, amount, currency)
    else if (what === 'send') this.send(at, customer, amount, currency)
    else this.exchange(at, customer, amount, currency)
  }

  private capital(currency: CurrencyIndex): void {
    const amount = this.business.currencies[currency].payment[1] * 100n
    const [debit, credit] = [houseId('bank', currency), houseId('capital', currency)]
    this.emit(this.start, [{flow: 'capital', debit, credit, amount, currency}])
  }

  private fund(at: bigint, customer: bigint, currency: CurrencyIndex): void {
    const [, most] = this.business.currencies[currency].payment
    // Round sums, as people choose them.
    const unit = most / 20n
    const amount = unit * BigInt(4 + this.random.below(30))
    this.emit(at, [{flow: 'fund', debit: houseId('bank', currency), credit: customer, amount, currency}])
    this.change(customer, amount)
  }

  private hold(at: bigint, customer: bigint, amount: bigint, currency: CurrencyIndex): void {
    const {random, business} = this
    const {seconds, ...outcomes} = business.holds
    const merchant = merchantBase(currency) + BigInt(1 + random.below(population(this.options.size).merchants))
    const outcome = random.weighted(outcomes)
    const order = random.bits(128)
    const timeout = outcome === 'open' ? 0 : seconds
    const flags = TransferFlags.pending
    const move = {flow: 'pay', debit: customer, credit: merchant, amount, currency, user_data_128: order} as const
    const [id] = this.emit(at, [{...move, flags, timeout}])
    this.change(customer, -amount)
    const end = (after: bigint, run: Ending['run']) => this.enqueue({at: at + after, run})
    if (outcome === 'open') return
    if (outcome === 'expired') {
      end(BigInt(seconds) * SECOND, () => this.change(customer, amount))
      return
    }
    // From minutes to two thirds of the time that there is.
    const after = BigInt(60 + random.below(Math.floor((seconds * 2) / 3))) * SECOND
    const resolution = {...move, pending_id: id!}
    if (outcome === 'released') {
      end(after, (time) => {
        this.emit(time, [{...resolution, flags: TransferFlags.void_pending_transfer}])
        this.change(customer, amount)
      })
      return
    }
    const captured = outcome === 'partly' ? (amount * BigInt(30 + random.below(60))) / 100n : amount
    end(after, (time) => this.capture(time, {...resolution, amount: captured}, amount))
  }

  private capture(at: bigint, move: Move, held: bigint): void {
    const {debit: customer, credit: merchant, amount, currency, user_data_128: order = 0n} = move
    const fee = (amount * this.business.feePerMille) / 1000n
    const post = {...move, flags: TransferFlags.post_pending_transfer}
    const credit = houseId('fees', currency)
    const charge: Move = {flow: 'fee', debit: merchant, credit, amount: fee, currency, user_data_128: order}
    this.emit(at, fee === 0n ? [post] : [post, charge])
    this.change(customer, held - amount)
    this.change(merchant, amount - fee)
    this.paid.push({customer, merchant, amount, currency, order})
  }

  private refund(at: bigint): void {
    const {random, paid} = this
    if (paid.length === 0) return
    const [payment] = paid.splice(random.below(paid.length), 1)
    const {customer, merchant, currency, order} = payment!
    const amount = random.below(3) === 0 ? (payment!.amount + 1n) / 2n : payment!.amount
    if (this.left(merchant) < amount) return
    this.emit(at, [{flow: 'refund', debit: merchant, credit: customer, amount, currency, user_data_128: order}])
    this.change(merchant, -amount)
    this.change(customer, amount)
  }

  private send(at: bigint, customer: bigint, amount: bigint, currency: CurrencyIndex): void {
    const other = this.customer(currency)
    if (other === customer) return
    this.emit(at, [{flow: 'send', debit: customer, credit: other, amount, currency}])
    this.change(customer, -amount)
    this.change(other, amount)
  }

  /** Into the same person's account in the other currency: two linked transfers, rounded down. */
  private exchange(at: bigint, customer: bigint, amount: bigint, currency: CurrencyIndex): void {
    const target = currency === 0 ? 1 : 0
    const [numerator, denominator] = currency === 0 ? this.business.rate : this.business.rate.toReversed()
    const received = (amount * numerator!) / denominator!
    const same = customerBase(target) + (customer - customerBase(currency))
    const order = this.random.bits(128)
    const give = {flow: 'exchange', debit: customer, credit: houseId('exchange', currency), amount, currency} as const
    const take = {flow: 'exchange', debit: houseId('exchange', target), credit: same, amount: received} as const
    this.emit(at, [
      {...give, user_data_128: order},
      {...take, currency: target, user_data_128: order},
    ])
    this.change(customer, -amount)
    this.change(same, received)
  }

  /** Nine tenths of what a merchant has, every evening. */
  private payouts(at: bigint, currency: CurrencyIndex): void {
    const {merchants} = population(this.options.size)
    for (let n = 1; n <= merchants; n++) {
      const merchant = merchantBase(currency) + BigInt(n)
      const amount = (this.left(merchant) * 9n) / 10n
      if (amount < this.business.currencies[currency].payment[0] * 10n) continue
      this.emit(at, [{flow: 'payout', debit: merchant, credit: houseId('bank', currency), amount, currency}])
      this.change(merchant, -amount)
    }
  }

  private costs(at: bigint, currency: CurrencyIndex): void {
    const amount = this.random.amount(this.business.currencies[currency].payment) + 1000n
    const [debit, credit] = [houseId('costs', currency), houseId('bank', currency)]
    this.emit(at, [{flow: 'cost', debit, credit, amount, currency}])
  }

  private endHoldsBefore(time: bigint): void {
    for (let next = this.endings.at(-1); next !== undefined && next.at < time; next = this.endings.at(-1)) {
      this.endings.pop()
      next.run(next.at)
    }
  }

  private enqueue(ending: Ending): void {
    let low = 0
    let high = this.endings.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.endings[middle]!.at > ending.at) low = middle + 1
      else high = middle
    }
    this.endings.splice(low, 0, ending)
  }

  /** One operation: several moves are linked, and have consecutive times. @returns their ids */
  private emit(at: bigint, moves: Move[]): bigint[] {
    if (at <= this.time) at = this.time + MILLISECOND
    // What happens at the bank has a reference of the bank; an order its own, through to its refund.
    const reference = this.random.bits(128)
    return moves.map(({flow, debit, credit, amount, currency, flags = 0, ...more}, index) => {
      const timestamp = at + BigInt(index)
      const id = ((timestamp / MILLISECOND) << 80n) | (this.random.bits(96) >> 16n)
      const linked = index < moves.length - 1 ? TransferFlags.linked : 0
      const {ledger} = this.business.currencies[currency]
      this.transfers.push({
        ...{id, debit_account_id: debit, credit_account_id: credit, amount},
        ...{user_data_128: reference, ...more},
        ...{ledger, code: TRANSFER_CODES[flow], flags: flags | linked, timestamp},
      })
      this.time = timestamp
      return id
    })
  }

  private customer(currency: CurrencyIndex): bigint {
    return customerBase(currency) + BigInt(1 + this.random.below(population(this.options.size).customers))
  }

  private left(account: bigint): bigint {
    return this.available.get(account) ?? 0n
  }

  private change(account: bigint, by: bigint): void {
    this.available.set(account, this.left(account) + by)
  }
}
