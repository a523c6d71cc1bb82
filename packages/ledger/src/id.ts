import {randomFillSync} from 'node:crypto'

const RANDOM_BITS = 80n
const RANDOM_MASK = (1n << RANDOM_BITS) - 1n

let last = 0n

/**
 * A new 128-bit id: 48 bits of milliseconds above 80 random bits, each greater than the one before.
 * Rising ids are the fast ones here as in TigerBeetle (semantics §18).
 */
export function id(): bigint {
  const now = BigInt(Date.now()) << RANDOM_BITS
  const fresh = now > (last | RANDOM_MASK)
  last = fresh ? now | randomBits() : last + 1n
  return last
}

function randomBits(): bigint {
  const bytes = randomFillSync(Buffer.alloc(10))
  return (bytes.readBigUInt64LE(0) << 16n) | BigInt(bytes.readUInt16LE(8))
}
