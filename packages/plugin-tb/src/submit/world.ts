import type {Api} from '@parix/kit/api'
import type {Outbox} from '../outbox/store.js'

/** What a submission needs of the world; tests bring a clock of their own. */
export interface SubmitWorld {
  api: Api
  outbox: Outbox
  /** What a person should know while waiting; stderr. */
  say: (text: string) => void
  sleep: (ms: number) => Promise<void>
  /** Milliseconds since 1970. */
  now: () => number
  /** 0 to 1, for spreading retries. */
  random: () => number
  limits: SubmitLimits
}

/** How long the same bytes are sent again. */
export interface SubmitLimits {
  /** No new attempt begins after this long. */
  retryForMs: number
  attemptsMax: number
  retryDelayMs: number
  retryDelayMsMax: number
  answerTimeoutMs: number
}

export const DEFAULT_LIMITS: SubmitLimits = {
  retryForMs: 60_000,
  attemptsMax: 12,
  retryDelayMs: 250,
  retryDelayMsMax: 8_000,
  answerTimeoutMs: 30_000,
}

/** The clock and the dice of this process. */
export const REAL_TIME = {
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  now: Date.now,
  random: Math.random,
}
