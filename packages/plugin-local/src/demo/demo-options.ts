import {ParixError} from '@parix/kit/errors'
import {parseTimestamp} from '@parix/kit/timestamps'
import {SNAPSHOT_NAME} from '../server/snapshots/snapshot-files.js'
import type {DemoKind} from './businesses.js'
import type {DemoOptions} from './generate.js'

export const DEMO_DEFAULTS = {size: '5000', seed: 1, until: '2026-11-01'} as const

const SIZE_MAX = 1_000_000
const RATE_MAX = 10_000
const MILLISECOND = 1_000_000n
/** Before it, there is no month to tell of. */
const FIRST = BigInt(Date.UTC(1980)) * MILLISECOND

/** @throws ParixError USAGE for a size or a time that is not valid */
export function readDemoOptions(given: {kind: DemoKind; size: string; seed: number; until: string}): DemoOptions {
  const {kind, seed} = given
  return {kind, seed, size: readSize(given.size), until: readUntil(given.until)}
}

/** The books that `parix local demo` makes without flags. */
export function defaultDemo(kind: DemoKind): DemoOptions {
  return readDemoOptions({kind, ...DEMO_DEFAULTS})
}

/**
 * The snapshot of a database of demo books as they were made.
 *
 * @throws ParixError BAD_INPUT where no snapshot, and no directory of files, can be called like this
 */
export function demoSnapshot(database: string): string {
  const snapshot = `${database}-as-made`
  if (SNAPSHOT_NAME.test(snapshot)) return snapshot
  const longest = 64 - '-as-made'.length
  throw new ParixError(
    'BAD_INPUT',
    `Nothing was created: ${JSON.stringify(database.slice(0, 60))} can't be the name of demo books, of which there are files: letters, digits, ".", "_" and "-", beginning with a letter or digit, at most ${longest}.`,
    {code: 'bad_name'},
  )
}

/** `5000`, `10k`, `1M` */
function readSize(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,7})(k|M)?$/.exec(text) ?? []
  const size = Number(digits) * (unit === 'k' ? 1000 : unit === 'M' ? 1_000_000 : 1)
  if (digits === undefined || size < 100 || size > SIZE_MAX)
    throw new ParixError('USAGE', `--size must be between 100 and ${SIZE_MAX}, as in 5000, 10k or 1M, not ${text}.`)
  return size
}

function readUntil(text: string): bigint {
  const time = parseTimestamp('--until', text)
  // What the ledger's clock has not reached yet, it could not continue from.
  if (time <= BigInt(Date.now()) * MILLISECOND && time >= FIRST) return time - (time % MILLISECOND)
  throw new ParixError('USAGE', `--until must be a moment of the past, as in 2026-11-01, or now, not ${text}.`)
}

/** `20/s` or `20` @throws ParixError USAGE */
export function readRate(text: string): number {
  const rate = /^\d{1,5}(\/s)?$/.test(text) ? Number.parseInt(text, 10) : 0
  if (rate >= 1 && rate <= RATE_MAX) return rate
  throw new ParixError('USAGE', `--live must be between 1/s and ${RATE_MAX}/s, as in 20/s, not ${text}.`)
}
