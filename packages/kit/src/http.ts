export {isWebPage, webPageSentence} from './http/response.js'
export {
  CREDENTIAL_HEADERS,
  type Credential,
  type HttpRequest,
  type HttpResponse,
  type HttpStream,
  send,
  sendStreaming,
} from './http/send.js'
export {isTransportError, type Sent, startLocal, TransportError} from './http/transport-error.js'
