/** What every call here needs from outside. */
export interface OAuthWorld {
  userAgent: string
  now?: () => number
  signal?: AbortSignal
  /** How polling waits; a timer when left out. Rejects when `signal` is aborted. */
  sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>
}
