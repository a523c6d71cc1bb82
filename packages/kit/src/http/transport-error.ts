import {isParixError, ParixError} from '../errors.js'

/** Whether the request may have reached the service: `no` only where that is certain (it may be sent again as it is). */
export type Sent = 'no' | 'maybe'

/** The network, a proxy or TLS failed; the service did not answer. Always UNAVAILABLE (75): the command can be repeated. */
export class TransportError extends ParixError {
  readonly sent: Sent

  constructor(code: string, message: string, sent: Sent, next?: string) {
    super('UNAVAILABLE', message, {code, retryable: true, ...(next !== undefined && {next})})
    this.sent = sent
  }
}

/** By shape, as two copies of the kit may be loaded. */
export function isTransportError(error: unknown): error is TransportError {
  return isParixError(error) && 'sent' in error
}
