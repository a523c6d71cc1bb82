export {type Credential, type HttpAnswer, type HttpRequest, type HttpStream, send, sendStreaming} from './http/send.js'
export {isTransportError, TransportError} from './http/transport-error.js'
