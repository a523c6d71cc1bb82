import {ApiFault} from '../api/problem.js'
import {tooMuchData} from './events.js'

/** Seconds: a disk that is full or a cluster without a primary does not recover at once. */
const RETRY_AFTER_S = '5'

/** A ledger that does not answer: whether it did what it was asked is not known. */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable'
}

/** Errors of ours, of the embedded ledger and of the official client that say: not now. */
const UNAVAILABLE = ['LedgerUnavailable', 'StoreError', 'RequestError']

/**
 * What a ledger threw, as a problem. The embedded ledger and the official client say what happened by `code`, the system by
 * the call that it refused; what none of them names is a fault of this service and stays as it is.
 */
export function ledgerFault(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ApiFault) return error
  const {code} = error as {code?: unknown}
  if (code === 'ERR_TOO_MUCH_DATA') return tooMuchData('This request')
  const isOfTheSystem = 'syscall' in error
  if (!UNAVAILABLE.includes(error.name) && !isOfTheSystem) return error
  const detail = `The ledger is not available: ${error.message}`
  return new ApiFault(503, 'ledger-unavailable', detail, {}, {'retry-after': RETRY_AFTER_S})
}
