import {LOCAL_PORT} from '../contract/index.js'
import {isParixError, type NextStep, ParixError} from '../errors.js'
import {plainCommand} from '../next-command.js'
import {isLoopback} from '../origin.js'

/** Whether the request may have reached the service: `no` only where that is certain, and the same request may be sent again. */
export type Sent = 'no' | 'maybe'

/**
 * The network, a proxy or TLS failed: no complete response arrived. UNAVAILABLE (75), as the command can be repeated, but
 * for what repeating never mends, such as the wrong host in a certificate (FAILED, 1).
 */
export class TransportError extends ParixError {
  readonly sent: Sent

  /** @param options.lasting repeating the request does not help */
  constructor(code: string, message: string, sent: Sent, options: {next?: NextStep; lasting?: boolean} = {}) {
    const {next, lasting = false} = options
    super(lasting ? 'FAILED' : 'UNAVAILABLE', message, {
      code,
      retryable: !lasting && code !== 'answer_too_big',
      ...(next !== undefined && {next}),
    })
    this.sent = sent
  }
}

/** By shape, as two copies of the kit may be loaded. */
export function isTransportError(error: unknown): error is TransportError {
  return isParixError(error) && 'sent' in error
}

/** What an error of Node's means to a person. The error itself is dropped: it may repeat what was sent. */
export function transportError(error: NodeJS.ErrnoException, url: URL, sent: Sent): TransportError {
  const code = error.code ?? ''
  const where = url.origin
  if (code === 'ECONNREFUSED') {
    const next = url.protocol === 'http:' ? {next: startLocal(url)} : {}
    return new TransportError('connection_refused', `Can't reach ${where}: nothing is listening there.`, sent, next)
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') {
    return new TransportError('dns_failed', `Can't find ${url.hostname} (DNS). Are you offline?`, sent)
  }
  if (/^(ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|ETIMEDOUT|EACCES|EPERM)$/.test(code)) {
    return new TransportError('unreachable', `Can't reach ${where} (${code}). Are you offline?`, sent)
  }
  if (/^(EPROTO$|ERR_SSL_)/.test(code)) return handshakeError(error, url, sent)
  if (isCertificateCode(code)) return certificateError(code, url, sent)
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new TransportError('not_http', `The response headers of ${where} are too large.`, sent)
  }
  if (code.startsWith('HPE_')) {
    return new TransportError('not_http', `${where} did not respond with HTTP (${code}).`, sent)
  }
  if (/^(Z_|ERR_BROTLI|ERR__ERROR_|ZSTD_)/.test(code)) {
    return new TransportError('bad_encoding', `The response of ${where} can't be decompressed (${code}).`, sent)
  }
  const lost = sent === 'no' ? 'before the request was sent' : 'before the response was complete'
  const name = code === '' ? '' : ` (${code})`
  return new TransportError('connection_lost', `The connection to ${where} broke ${lost}${name}.`, sent)
}

/** The other side does not speak TLS, or not with us. Node's message, which holds addresses in memory, is only searched. */
function handshakeError({code, message}: NodeJS.ErrnoException, url: URL, sent: Sent): TransportError {
  const plain = /wrong.version.number|packet.length.too.long|http.request|record.layer.failure/i.test(
    `${code} ${message}`,
  )
  if (!plain) {
    const reason = /:SSL routines:[^:]*:([^:]{1,60})/.exec(message)?.[1] ?? code
    const text = `No secure connection to ${url.origin}: the TLS handshake failed (${reason}).`
    return new TransportError('tls_handshake_failed', text, sent, {lasting: true})
  }
  return new TransportError('not_tls', `${url.origin} does not speak TLS: it may be an http:// address.`, sent, {
    lasting: true,
    next: isLoopback(url)
      ? `Write http:// in the base URL: --base-url ${url.origin.replace('https:', 'http:')}`
      : 'Check the port in the base URL.',
  })
}

/** There is no switch to turn the check off, and none is suggested (threats 3.17). */
function certificateError(code: string, url: URL, sent: Sent): TransportError {
  const secure = `No secure connection to ${url.origin}`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    const text = `${secure}: its certificate is not for ${url.hostname}.`
    return new TransportError('tls_wrong_host', text, sent, {lasting: true, next: 'Check the host in the base URL.'})
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const when = code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'
    return new TransportError('tls_failed', `${secure}: its certificate ${when} (${code}).`, sent, {
      next: 'Check the clock of this machine; if it is right, the service has to renew its certificate.',
    })
  }
  return new TransportError('tls_failed', `${secure}: its certificate can't be trusted (${code}).`, sent, {
    next: 'If a proxy of your company inspects TLS, set NODE_EXTRA_CA_CERTS to the file of its certificate authority.',
  })
}

function isCertificateCode(code: string): boolean {
  return /CERT|^ERR_TLS|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_(CA|PURPOSE)$/.test(code)
}

/** http is of this machine only, so it is probably a local service that was not started, or that has ended. */
export function startLocal(url: URL): string {
  const port = url.port || '80'
  return plainCommand('local start', {flags: {port: port === String(LOCAL_PORT) ? undefined : port}})
}
