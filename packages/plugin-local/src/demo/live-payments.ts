/** Goes on with demo books: payments at a steady rate, by the API, as the programs of a business would make them. */

import {randomBytes} from 'node:crypto'
import {setTimeout as pause} from 'node:timers/promises'
import type {Api} from '@parix/kit/api'
import {isParixError} from '@parix/kit/errors'
import {TransferFlags} from '@parix/ledger/schema'
import {BUSINESSES, type DemoKind} from './businesses.js'
import {customerBase, houseId, merchantBase, population, TRANSFER_CODES} from './demo-accounts.js'
import {Random} from './random.js'

export interface LiveOptions {
  kind: DemoKind
  databaseId: string
  /** Of the books: as many customers as they have. */
  size: number
  perSecond: number
}

type Event = Record<string, string | number>

const BATCH_MAX = 8000
const LEAST_PAUSE_MS = 20
/** Holds that are captured some payments later. */
const HELD_MAX = 50

/** Pays until the process ends. @throws ParixError where the service has gone */
export async function payOn(api: Api, {kind, databaseId, size, perSecond}: LiveOptions): Promise<never> {
  const next = createPayments(kind, size)
  const path = `/databases/${databaseId}/tb/create_transfers`
  const pauseMs = Math.max(LEAST_PAUSE_MS, 1000 / perSecond)
  const started = performance.now()
  let made = 0
  for (;;) {
    await pause(pauseMs)
    const due = Math.floor(((performance.now() - started) / 1000) * perSecond) - made
    const events = Array.from({length: Math.min(due, BATCH_MAX)}, next)
    if (events.length === 0) continue
    made += due
    // The same ids again where there was no response: never paid twice.
    await api.post(path, events, {idempotent: true}).catch((error: unknown) => {
      // A customer had too little, as happens in life. The rest of the batch is paid.
      if (!isParixError(error) || error.kind !== 'REFUSED') throw error
    })
  }
}

function createPayments(kind: DemoKind, size: number): () => Event {
  const {currencies} = BUSINESSES[kind]
  const random = new Random(randomBytes(4).readUInt32LE())
  const {customers, merchants} = population(size)
  const held: Event[] = []
  const id = () => String((BigInt(Date.now()) << 80n) | BigInt(`0x${randomBytes(10).toString('hex')}`))
  return () => {
    if (held.length > random.below(HELD_MAX)) {
      const {amount: _, timeout: __, id: pending_id, ...hold} = held.shift()!
      const amount = String(2n ** 128n - 1n)
      return {...hold, id: id(), pending_id: pending_id!, amount, flags: TransferFlags.post_pending_transfer}
    }
    const index = random.below(10) < 7 ? 0 : 1
    const {ledger, payment} = currencies[index]
    const customer = String(customerBase(index) + BigInt(1 + random.below(customers)))
    if (random.below(4) === 0) {
      const amount = String((payment[1] / 20n) * BigInt(4 + random.below(30)))
      const code = TRANSFER_CODES.fund
      return {
        id: id(),
        debit_account_id: String(houseId('bank', index)),
        credit_account_id: customer,
        amount,
        ledger,
        code,
      }
    }
    const hold = {
      ...{id: id(), debit_account_id: customer},
      credit_account_id: String(merchantBase(index) + BigInt(1 + random.below(merchants))),
      ...{amount: String(random.amount(payment)), ledger, code: TRANSFER_CODES.pay},
      ...{flags: TransferFlags.pending, timeout: 3600, user_data_128: String(random.bits(128))},
    }
    held.push(hold)
    return hold
  }
}
