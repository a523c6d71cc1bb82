/** What is sent along to prove who we are, and the service (its base URL) that it belongs to. */
export type Credential =
  | {kind: 'bearer'; token: string; issuer: URL}
  | {kind: 'apiKey'; key: string; issuer: URL}
  /** Headers that the user wrote, such as `-H 'authorization: …'`. Sent alone, to the same origin only. */
  | {kind: 'own'; headers: Record<string, string>; issuer: URL}
  /** The body holds the credential (a code, a refresh token). */
  | {kind: 'inBody'; issuer: URL}

export interface HttpRequest {
  method: string
  url: URL
  /** Names in lower case. Headers that carry credentials are refused here: they come by `credential`. */
  headers?: Record<string, string>
  body?: string | Uint8Array
  credential?: Credential
  /** Until the connection (with TLS and proxy) stands; 10 s when left out. */
  connectTimeoutMs?: number
  /** `send`: from then until the whole answer is here. `sendStreaming`: until its head, then between two chunks. 30 s. */
  answerTimeoutMs?: number
  /** 4 MiB when left out; not applied when streaming. */
  answerBytesMax?: number
  signal?: AbortSignal
  /** `none`: a 3xx is an answer like any other. `same-origin-get`: GET and HEAD follow, at most 5; others throw. */
  redirects?: 'none' | 'same-origin-get'
  /** Where proxy variables are read from; `process.env` when left out. */
  environment?: NodeJS.ProcessEnv
}

export interface HttpAnswer {
  status: number
  /** Names in lower case; repeated headers joined by `, `. */
  headers: Record<string, string>
  body: Buffer
  /** Where the answer came from, after redirects. */
  url: URL
}

export interface HttpStream {
  status: number
  headers: Record<string, string>
  url: URL
  body: AsyncIterable<Buffer>
}

/**
 * One request and its whole answer, bounded in time and size.
 *
 * @throws TransportError, ParixError NOT_SENT (credential to another origin), ParixError FAILED (a redirect that isn't followed)
 */
export async function send(_request: HttpRequest): Promise<HttpAnswer> {
  throw new Error('being written')
}

/** As `send`, for answers of any size: `parix api`. */
export async function sendStreaming(_request: HttpRequest): Promise<HttpStream> {
  throw new Error('being written')
}
