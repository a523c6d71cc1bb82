/**
 * The scale lock, `parix.chart.lock.json`: each ledger's id and scale as they were when the chart was first applied or
 * checked. A scale that changes later would read every amount a power of ten too large or too small, so it is refused.
 */

import {ParixError} from '@parix/kit/errors'
import type {CompiledChart} from './chart.js'

export interface ChartLock {
  version: 1
  /** By the ledger's name; `since` is a UTC date. */
  ledgers: Record<string, {id: number; scale: number; since: string}>
}

/**
 * @param text of the lock file
 * @throws ParixError BAD_INPUT when it is not a lock file of version 1: it is never taken for empty
 */
export function readLock(file: string, text: string): ChartLock {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (!isLock(value)) {
    const newer = typeof value === 'object' && value !== null && Number((value as {version?: unknown}).version) > 1
    const why = newer ? 'was written by a newer parix' : 'is damaged'
    throw new ParixError(
      'BAD_INPUT',
      `${file} ${why}. It keeps the scale of each ledger; restore it from version control.`,
      {
        code: 'chart_lock_unreadable',
      },
    )
  }
  return value
}

function isLock(value: unknown): value is ChartLock {
  if (typeof value !== 'object' || value === null) return false
  const {version, ledgers} = value as Partial<ChartLock>
  if (version !== 1 || typeof ledgers !== 'object' || ledgers === null) return false
  return Object.values(ledgers).every(
    (entry) =>
      typeof entry === 'object' &&
      entry !== null &&
      Number.isInteger(entry.id) &&
      Number.isInteger(entry.scale) &&
      typeof entry.since === 'string',
  )
}

/** @throws ParixError BAD_INPUT `scale_changed` when a ledger has another scale or id than the lock says */
export function assertMatchesLock(chart: CompiledChart, lock: ChartLock): void {
  for (const {name, id, scale} of chart.ledgers) {
    const sameId = Object.entries(lock.ledgers).find(([other, locked]) => locked.id === id && other !== name)
    const locked = lock.ledgers[name]
    if (locked !== undefined && locked.scale !== scale) throw scaleChanged(name, locked, scale)
    if (locked !== undefined && locked.id !== id) {
      throw new ParixError(
        'BAD_INPUT',
        `${name} was ledger ${locked.id} since ${locked.since}, and the chart now says ${id}.`,
        {
          code: 'scale_changed',
        },
      )
    }
    // Renaming a ledger is harmless; a new scale under a new name is not.
    if (sameId !== undefined && sameId[1].scale !== scale)
      throw scaleChanged(`Ledger ${id} (${sameId[0]})`, sameId[1], scale)
  }
}

function scaleChanged(name: string, {scale: was, since}: {scale: number; since: string}, scale: number): ParixError {
  const factor = 10n ** BigInt(Math.abs(was - scale))
  const effect = `every amount would be read ${factor} times too ${scale < was ? 'large' : 'small'}`
  return new ParixError(
    'BAD_INPUT',
    `${name} has had scale ${was} since ${since}, and the chart now says ${scale}: ${effect}.`,
    {
      code: 'scale_changed',
    },
  )
}

/** The lock with the ledgers that it did not have; the same object when there are none. @param today as `2026-11-27` */
export function extendLock(chart: CompiledChart, lock: ChartLock | undefined, today: string): ChartLock {
  const known = lock ?? {version: 1, ledgers: {}}
  const added = chart.ledgers.filter(({name}) => !Object.hasOwn(known.ledgers, name))
  if (added.length === 0 && lock !== undefined) return lock
  return {
    version: 1,
    ledgers: {
      ...known.ledgers,
      ...Object.fromEntries(added.map(({name, id, scale}) => [name, {id, scale, since: today}])),
    },
  }
}
