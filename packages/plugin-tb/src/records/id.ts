import {randomFillSync} from 'node:crypto'

const RANDOM_BITS = 80n
const RANDOM_MASK = (1n << RANDOM_BITS) - 1n

/** Makes ids, each greater than the one before. */
export type IdSource = () => bigint

export interface IdWorld {
  /** Milliseconds since 1970. */
  now: () => number
  /** Ten random bytes. */
  random: () => Buffer
}

const REAL: IdWorld = {now: Date.now, random: () => randomFillSync(Buffer.alloc(10))}

/**
 * TigerBeetle's time-based ids (semantics §18): 48 bits of milliseconds above 80 random bits. Within a millisecond,
 * or when the clock went back, one is added to the last, so that ids rise strictly: those are the fast ones.
 */
export function createIdSource(world: IdWorld = REAL): IdSource {
  let last = 0n
  return () => {
    const milliseconds = BigInt(world.now())
    last = milliseconds > last >> RANDOM_BITS ? (milliseconds << RANDOM_BITS) | random80(world) : last + 1n
    return last
  }
}

function random80(world: IdWorld): bigint {
  return BigInt(`0x${world.random().toString('hex')}`) & RANDOM_MASK
}
