import type {Operation, RefusedEvent} from '@parix/kit/contract'
import type {EncodedResults} from '@parix/ledger'
import {CREATED, CreateAccountStatus, CreateTransferStatus, statusName} from '@parix/ledger/schema'
import {isLinked, type Records} from './records.js'

/** The results that a client gives as objects, as columns. */
export function asColumns(results: readonly {timestamp: bigint; status: number}[]): EncodedResults {
  const columns = {timestamps: new BigUint64Array(results.length), statuses: new Uint32Array(results.length)}
  results.forEach(({timestamp, status}, i) => {
    columns.timestamps[i] = timestamp
    columns.statuses[i] = status
  })
  return columns
}

/**
 * What TigerBeetle refused: one entry for each event that is not in the database now. An event that `exists` is in it, as
 * one that was created is, so it isn't refused; except in a linked chain, where `exists` is what broke the chain and the
 * only reason that its other events have.
 */
export function refusedEvents(operation: Operation, records: Records, {statuses}: EncodedResults): RefusedEvent[] {
  const kind = operation === 'create_accounts' ? 'account' : 'transfer'
  const exists = kind === 'account' ? CreateAccountStatus.exists : CreateTransferStatus.exists
  const refused: RefusedEvent[] = []
  for (let index = 0; index < statuses.length; index++) {
    const code = statuses[index]!
    if (code === CREATED || (code === exists && !isInChain(records, index))) continue
    refused.push({index, result: statusName(kind, code) ?? `result_${code}`, code})
  }
  return refused
}

function isInChain(records: Records, index: number): boolean {
  return isLinked(records, index) || (index > 0 && isLinked(records, index - 1))
}

export function countCreated({statuses}: EncodedResults): number {
  let count = 0
  for (let index = 0; index < statuses.length; index++) if (statuses[index] === CREATED) count++
  return count
}
