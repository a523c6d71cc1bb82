/** Puts the same request to a ledger and to the model. */

import type {Ledger} from '@parix/ledger'
import type {Model} from './model/model.js'
import type {Request} from './random-events.js'

export async function askLedger(ledger: Ledger, request: Request): Promise<unknown> {
  switch (request.op) {
    case 'createAccounts':
      return ledger.createAccounts(request.events)
    case 'createTransfers':
      return ledger.createTransfers(request.events)
    case 'lookupAccounts':
    case 'lookupTransfers':
      return ledger[request.op](request.ids)
    case 'getAccountTransfers':
    case 'getAccountBalances':
      return ledger[request.op](request.filter)
    case 'queryAccounts':
    case 'queryTransfers':
      return ledger[request.op](request.filter)
    default:
      return ledger.expirePendingTransfers()
  }
}

export function askModel(model: Model, request: Request, now: bigint): unknown {
  switch (request.op) {
    case 'createAccounts':
      return model.createAccounts(request.events, now)
    case 'createTransfers':
      return model.createTransfers(request.events, now)
    case 'lookupAccounts':
    case 'lookupTransfers':
      return model[request.op](request.ids)
    case 'getAccountTransfers':
    case 'getAccountBalances':
      return model[request.op](request.filter)
    case 'queryAccounts':
    case 'queryTransfers':
      return model[request.op](request.filter)
    default:
      return model.expire(now)
  }
}

/** One text for one value, whatever the order of its fields. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) => {
    if (typeof v === 'bigint') return `${v}n`
    if (v === null || typeof v !== 'object' || Array.isArray(v)) return v
    return Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
