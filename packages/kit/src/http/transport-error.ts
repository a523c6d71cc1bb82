import {isParixError, ParixError} from '../errors.js'

/** Whether the request may have reached the service: `no` only where that is certain (it may be sent again as it is). */
export type Sent = 'no' | 'maybe'

/** The network, a proxy or TLS failed: no whole answer came. Always UNAVAILABLE (75): the command can be repeated. */
export class TransportError extends ParixError {
  readonly sent: Sent

  constructor(code: string, message: string, sent: Sent, next?: string) {
    super('UNAVAILABLE', message, {code, retryable: code !== 'answer_too_big', ...(next !== undefined && {next})})
    this.sent = sent
  }
}

/** By shape, as two copies of the kit may be loaded. */
export function isTransportError(error: unknown): error is TransportError {
  return isParixError(error) && 'sent' in error
}

/** What Node's error means for a person. The error itself is dropped: it may repeat what was sent. */
export function transportError(error: NodeJS.ErrnoException, url: URL, sent: Sent): TransportError {
  const code = error.code ?? ''
  const where = url.origin
  if (code === 'ECONNREFUSED') {
    return new TransportError(
      'connection_refused',
      `Can't reach ${where}: nothing listens there.`,
      sent,
      whenLocal(url),
    )
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') {
    return new TransportError('dns_failed', `Can't find ${url.hostname} (DNS). Are you offline?`, sent)
  }
  if (/^(ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|ETIMEDOUT|EACCES|EPERM)$/.test(code)) {
    return new TransportError('unreachable', `Can't reach ${where} (${code}). Are you offline?`, sent)
  }
  if (isTlsCode(code)) return tlsError(code, where, sent)
  if (code.startsWith('HPE_')) {
    return new TransportError('not_http', `${where} did not answer with HTTP (${code}).`, sent)
  }
  const lost = sent === 'no' ? 'before the request was sent' : 'before the answer was whole'
  const name = code === '' ? '' : ` (${code})`
  return new TransportError('connection_lost', `The connection to ${where} broke ${lost}${name}.`, sent)
}

/** There is no switch to turn the check off, and none is suggested (threats 3.17). */
function tlsError(code: string, where: string, sent: Sent): TransportError {
  return new TransportError(
    'tls_failed',
    `No secure connection to ${where}: its certificate can't be trusted (${code}).`,
    sent,
    'If a proxy of your company inspects TLS, set NODE_EXTRA_CA_CERTS to the file of its certificate authority.',
  )
}

function isTlsCode(code: string): boolean {
  return /CERT|^ERR_TLS|^ERR_SSL|^EPROTO$|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_(CA|PURPOSE)$/.test(code)
}

function whenLocal(url: URL): string | undefined {
  return url.protocol === 'http:' ? 'If it is the local service: parix local start' : undefined
}
