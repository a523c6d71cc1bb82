import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import {checkId, checking} from '../events/validate-events.js'
import {hasFlag} from '../records/flags.js'
import type {LedgerRecord, RecordKind} from '../records/kinds.js'
import type {Problems} from '../records/problems.js'
import type {Place} from '../records/read.js'

/**
 * What makes a filter invalid (semantics §14.2, 14.3): TigerBeetle answers those with no rows and no error, which
 * reads like 'there is nothing'.
 */
export function checkFilter(kind: RecordKind, record: LedgerRecord, place: Place, problems: Problems): void {
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
