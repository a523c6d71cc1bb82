import {ParixError} from '@parix/kit/errors'
import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import {type FlagTexts, fromFlags, type Names} from '../events/read-events.js'
import {checkId, checking} from '../events/validate-events.js'
import {FLAGS, hasFlag} from '../records/flags.js'
import type {LedgerRecord, RecordKind} from '../records/kinds.js'
import {createProblems, type Problems} from '../records/problems.js'
import {type Place, readRecord} from '../records/read.js'
import {readItems} from './documents.js'
import type {Source} from './source.js'

export type FilterKind = 'account_filter' | 'query_filter'

const LIMIT = 100n

/**
 * A filter that matches something: what is left out gets its default, and what TigerBeetle would answer with silence is an
 * error.
 *
 * @throws ParixError BAD_INPUT
 */
export function readFilter(
  kind: FilterKind,
  source: Source | undefined,
  flags: FlagTexts,
  say?: (sentence: string) => void,
  names?: Names,
): LedgerRecord {
  const problems = createProblems(say)
  const {record, place} = source ? fromSource(kind, source, problems, names) : fromFlags(kind, flags, problems, names)
  const filter = withDefaults(kind, record, flags.all === true)
  if (problems.count === 0) checkFilter(kind, filter, place, problems)
  problems.throwIfAny('the filter')
  return filter
}

function fromSource(kind: FilterKind, source: Source, problems: Problems, names: Names | undefined) {
  const items = readItems(source, problems)
  problems.throwIfAny('the filter')
  if (items.length !== 1)
    throw new ParixError('BAD_INPUT', `${source.name} must hold one filter, but holds ${items.length}.`)
  const place = (field: string) => `${source.name} ${field}`.trim()
  return {record: readRecord(kind, place, items[0]!.value, problems, names), place}
}

/** Flaw 5: TigerBeetle answers an account filter without debits and credits with nothing, so both are the default. */
function withDefaults(kind: FilterKind, record: LedgerRecord, all: boolean): LedgerRecord {
  let flags = record.flags ?? 0n
  const sides = hasFlag(kind, flags, 'reversed') ? flags & ~FLAGS[kind].reversed! : flags
  if (kind === 'account_filter' && sides === 0n) flags |= FLAGS.account_filter.debits! | FLAGS.account_filter.credits!
  return {...record, flags, limit: record.limit ?? (all ? BigInt(BATCH_EVENTS_MAX) : LIMIT)}
}

/**
 * What makes a filter invalid (semantics §14.2, 14.3): TigerBeetle answers those with no rows and no error, which
 * reads like 'there is nothing'.
 */
function checkFilter(kind: RecordKind, record: LedgerRecord, place: Place, problems: Problems): void {
  const filter = checking(record, place, problems)
  const {value, wrong} = filter
  if (kind === 'account_filter') {
    checkId(filter, 'account_id')
    if (!hasFlag(kind, value('flags'), 'debits') && !hasFlag(kind, value('flags'), 'credits')) {
      wrong('flags', 'must hold debits, credits or both: without them nothing matches')
    }
  }
  if (value('limit') === 0n) wrong('limit', 'must be at least 1')
  else if (value('limit') > BigInt(BATCH_EVENTS_MAX)) {
    wrong('limit', `must be ${BATCH_EVENTS_MAX} at most; --all gives every row`)
  }
  if (value('timestamp_max') !== 0n && value('timestamp_min') > value('timestamp_max')) {
    wrong('timestamp_min', `is later than ${place('timestamp_max')}`)
  }
}
