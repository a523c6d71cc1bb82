export {CREDENTIAL_HEADERS, type Credential} from './http/credential.js'
export {type HttpRequest, type HttpResponse, type HttpStream, send, sendStreaming} from './http/send.js'
export {isTransportError, type Sent, TransportError} from './http/transport-error.js'
export {isWebPage, webPageSentence} from './http/web-page.js'
