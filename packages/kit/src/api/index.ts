import type {BaseUrl} from '../origin.js'
import type {CredentialSource} from '../session/index.js'

export interface ApiOptions {
  base: BaseUrl
  credentials: CredentialSource
  /** `parix/VERSION`. */
  userAgent: string
  environment: NodeJS.ProcessEnv
  /** What a person should know while waiting, such as a retry; goes to stderr. */
  say: (text: string) => void
  /** One line a request for `--debug`: method, path, status, milliseconds; never a credential. */
  debug?: (text: string) => void
}

export interface ApiRequest {
  method: string
  /** Under `/api/v1`, beginning with `/`; or a whole URL of the base's origin (`resolveTarget`). */
  target: string | URL
  query?: Record<string, string | number | boolean | undefined>
  headers?: Record<string, string>
  /** Sent as it is, byte for byte. */
  body?: string | Uint8Array
  /** Whether it may be sent again after a fault: GET and HEAD unless said otherwise, others only if `true`. */
  idempotent?: boolean
  answerTimeoutMs?: number
  answerBytesMax?: number
  signal?: AbortSignal
}

export interface ApiAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
  url: URL
}

export interface ApiStream {
  status: number
  headers: Record<string, string>
  url: URL
  body: AsyncIterable<Buffer>
}

export interface Api {
  readonly base: BaseUrl
  /** Numbers beyond 2^53 arrive as bigint. @throws ParixError by the status */
  get<T>(path: string, query?: ApiRequest['query']): Promise<T>
  /** `body` is written by `stringifyExact`. `idempotent`: a lookup, which may be sent again. */
  post<T>(path: string, body: unknown, options?: {idempotent?: boolean; signal?: AbortSignal}): Promise<T>
  delete<T>(path: string): Promise<T>
  /** The answer as it came, whatever its status; a 401 has been followed by one refresh and one retry. @throws TransportError */
  request(request: ApiRequest): Promise<ApiAnswer>
  /** As `request`, without a bound on size. */
  stream(request: ApiRequest): Promise<ApiStream>
}

export function createApi(_options: ApiOptions): Api {
  throw new Error('being written')
}

/** A JSON answer, exact. @throws ParixError when it is a web page or not JSON (auth-threats 3.18) */
export function readJsonAnswer(_answer: ApiAnswer): unknown {
  throw new Error('being written')
}

/** What an answer that isn't 2xx means, by one table. */
export function problemError(_answer: ApiAnswer): import('../errors.js').ParixError {
  throw new Error('being written')
}
