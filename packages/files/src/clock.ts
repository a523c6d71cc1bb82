import {setTimeout as delay} from 'node:timers/promises'

/** Time as the lock sees it, so that its tests need not wait. */
export interface Clock {
  wallMs(): number
  /** Never jumps. */
  monotonicMs(): number
  delay(ms: number): Promise<void>
  /** Calls `work` again and again without keeping the process alive. @returns how to stop */
  every(ms: number, work: () => void): () => void
}

export const systemClock: Clock = {
  wallMs: Date.now,
  monotonicMs: () => performance.now(),
  delay: (ms) => delay(ms),
  every(ms, work) {
    const timer = setInterval(work, ms).unref()
    return () => clearInterval(timer)
  },
}
