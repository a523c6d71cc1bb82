import type {CreateKind} from '@parix/ledger/schema'
import {hasFlag} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'
import type {Problems} from '../records/problems.js'
import {checkAccount} from './account.js'
import {checking} from './report.js'
import {checkTransfer} from './transfer.js'

export type {CreateKind}

/** An object to create, and how its fields are called in errors. */
export interface Draft {
  record: LedgerRecord
  place: (field: string) => string
}

/** Each object for itself, then the rules that hold between the objects of one call. */
export function checkDrafts(kind: CreateKind, drafts: readonly Draft[], problems: Problems): void {
  const check = kind === 'account' ? checkAccount : checkTransfer
  for (const {record, place} of drafts) check(checking(record, place, problems))
  checkIdsDiffer(drafts, problems)
  checkImported(kind, drafts, problems)
  const last = drafts.at(-1)
  if (last && hasFlag(kind, last.record.flags, 'linked')) {
    problems.add(`${last.place('flags')} hold linked, but nothing follows: the last of a chain must not be linked.`)
  }
}

/** The second of two would be answered 'exists' and count for nothing: surely not what was meant. */
function checkIdsDiffer(drafts: readonly Draft[], problems: Problems): void {
  const seen = new Map<bigint, Draft>()
  for (const draft of drafts) {
    const {id} = draft.record
    const first = id === undefined ? undefined : seen.get(id)
    if (first) problems.add(`${draft.place('id')} is ${id}, the same as ${first.place('id')}.`)
    else if (id !== undefined) seen.set(id, draft)
  }
}

/** All or none (semantics §13). Imported ones must also rise in time, as each must be newer than all before. */
function checkImported(kind: CreateKind, drafts: readonly Draft[], problems: Problems): void {
  const imported = (draft: Draft) => hasFlag(kind, draft.record.flags, 'imported')
  const first = drafts[0]
  if (first === undefined) return
  const odd = drafts.find((draft) => imported(draft) !== imported(first))
  if (odd) {
    problems.add(
      `${odd.place('flags')} and ${first.place('flags')} differ in imported: all objects of a call are, or none.`,
    )
    return
  }
  if (!imported(first)) return
  for (const [index, draft] of drafts.entries()) {
    const before = drafts[index - 1]?.record.timestamp
    if (before !== undefined && (draft.record.timestamp ?? 0n) <= before) {
      problems.add(`${draft.place('timestamp')} must be later than that of the object before it, ${before}.`)
    }
  }
}
