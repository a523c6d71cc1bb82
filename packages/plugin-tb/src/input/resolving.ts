import {UINT128_MAX} from '@parix/kit/integers'
import {checkDrafts} from '../checks/batch.js'
import {FLAGS} from '../records/flags.js'
import {createIdSource} from '../records/id.js'
import type {LedgerRecord} from '../records/kinds.js'
import {createProblems} from '../records/problems.js'
import {readField} from '../records/read.js'

/**
 * The transfer that posts or voids a pending one. What isn't said (accounts, ledger, code) comes from the pending one.
 *
 * @throws ParixError BAD_INPUT
 */
export function resolvingRecord(
  flag: 'post_pending_transfer' | 'void_pending_transfer',
  pendingId: bigint,
  given: {id?: string | undefined; amount?: string | undefined},
): {record: LedgerRecord; generated: Set<bigint>} {
  const problems = createProblems()
  const read = (field: string, text: string | undefined) =>
    text === undefined ? undefined : problems.collect(() => readField('transfer', field, `--${field}`, text))
  const id = given.id === undefined ? createIdSource()() : (read('id', given.id) ?? 0n)
  const amount = read('amount', given.amount) ?? (flag === 'post_pending_transfer' ? UINT128_MAX : 0n)
  const record = {id, amount, pending_id: pendingId, flags: FLAGS.transfer[flag]!}
  if (problems.count === 0) checkDrafts('transfer', [{record, place: (field) => `--${field}`}], problems)
  problems.throwIfAny('the transfer')
  return {record, generated: new Set(given.id === undefined ? [id] : [])}
}
