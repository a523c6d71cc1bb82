/** Requests that travel while the one before is carried out, all but the last byte: when that may go. */

import {deferred} from '@parix/kit/deferred'
import type {Turn} from './send-request.js'

/** What a request that waited is told when those before it were the last ones. */
export const NOT_ITS_TURN = new Error('The requests before it are the last ones.')

export interface WaitingTurn extends Turn {
  /** Whether all but the last byte is sent before. */
  isAhead: boolean
  begin(): void
  giveUp(): void
  /** It is sent when its turn comes, and not before. */
  stay(): void
}

export function makeTurn(isAhead: boolean): WaitingTurn {
  const [come, ahead] = [deferred(), deferred()]
  // Whoever waits for it is told.
  for (const {promise} of [come, ahead]) promise.catch(() => {})
  const begin = () => {
    come.resolve()
    ahead.resolve()
  }
  const stay = () => ahead.reject(NOT_ITS_TURN)
  const giveUp = () => {
    come.reject(NOT_ITS_TURN)
    stay()
  }
  return {come: come.promise, ahead: ahead.promise, isAhead, begin, giveUp, stay}
}

/** Requests of this size travel before their turn, on a connection of their own; below it, that gains nothing. */
export const AHEAD_BYTES_MIN = 1 << 16
