/**
 * Executes the history of another ledger again, from its rows alone: every event at its own timestamp, what expired released in
 * between. The copy comes out equal, but for ids that were refused: rows don't have them.
 */

import type {Ledger} from './ledger.js'
import {
  CODE_AND_FLAGS,
  CREDITS_POSTED,
  DEBITS_PENDING,
  FLAGS_SHIFT,
  ID,
  RECORD_WORDS,
  TIMESTAMP,
} from './records/layout.js'
import {TransferFlags} from './schema/flags.js'
import {BATCH_EVENTS_MAX} from './schema/limits.js'
import {statusName} from './schema/statuses.js'

/** Rows as records, each kind by its timestamp; a chain of linked events is whole. */
export interface History {
  accounts: Uint32Array
  transfers: Uint32Array
}

/** A row that the ledger would not have: history that is not by the rules, or a part of it is missing. */
export interface RefusedRow {
  kind: Kind
  id: bigint
  /** Name of the status; `created` where the time differs. */
  status: string
}

type Kind = 'account' | 'transfer'

interface Group {
  kind: Kind
  words: Uint32Array
  from: number
  count: number
  /** The slot of its last event. */
  at: bigint
}

const LINKED = TransferFlags.linked
/** Both kinds have it, in different places. */
const IMPORTED: Record<Kind, number> = {account: 16, transfer: TransferFlags.imported}
/** Groups that are queued at once. */
const LINE_MAX = 4096
const CREATED = 0xffffffff

/**
 * Continues the ledger with this history; all of it is later than what the ledger has. Accounts get no balances and no
 * `closed` from their rows, other than accounts that were created closed: the caller leaves the flag on those alone.
 *
 * @returns the rows that were refused, in order; none where the history is whole
 */
export async function replayHistory(ledger: Ledger, {accounts, transfers}: History): Promise<RefusedRow[]> {
  const refused: RefusedRow[] = []
  let line: Promise<void>[] = []
  for (const group of groups(accounts, transfers)) {
    line.push(execute(ledger, group, refused))
    if (line.length < LINE_MAX) continue
    await Promise.all(line)
    line = []
  }
  await Promise.all(line)
  return refused
}

async function execute(ledger: Ledger, group: Group, refused: RefusedRow[]): Promise<void> {
  const {kind, words, from, count, at} = group
  const batch = ledger.takeBatch(count)
  batch.words.set(words.subarray(from * RECORD_WORDS, (from + count) * RECORD_WORDS))
  for (let i = 0; i < count; i++) {
    const start = i * RECORD_WORDS
    if (kind === 'account') batch.words.fill(0, start + DEBITS_PENDING, start + CREDITS_POSTED + 4)
    if (!isImported(kind, words, from + i)) batch.words.fill(0, start + TIMESTAMP, start + TIMESTAMP + 2)
  }
  const {statuses, timestamps} = await ledger.createEncodedAt(kind, batch, at)
  for (let i = 0; i < count; i++) {
    if (statuses[i] === CREATED && timestamps[i] === timeOf(words, from + i)) continue
    const status = statusName(kind, statuses[i]!) ?? String(statuses[i])
    refused.push({kind, id: idOf(words, from + i), status})
  }
}

/** Both kinds in one order of time: events with consecutive timestamps are one operation, and so are imported ones. */
function* groups(accounts: Uint32Array, transfers: Uint32Array): Generator<Group> {
  const rows = {account: accounts, transfer: transfers}
  const next = {account: 0, transfer: 0}
  const ends = {account: accounts.length / RECORD_WORDS, transfer: transfers.length / RECORD_WORDS}
  const time = (kind: Kind) => (next[kind] < ends[kind] ? timeOf(rows[kind], next[kind]) : undefined)
  for (;;) {
    const account = time('account')
    const transfer = time('transfer')
    if (account === undefined && transfer === undefined) return
    const kind = transfer === undefined || (account !== undefined && account < transfer) ? 'account' : 'transfer'
    const group = groupAt(kind, rows[kind], next[kind], ends[kind], kind === 'account' ? transfer : account)
    next[kind] += group.count
    yield group
  }
}

/** @param before the next event of the other kind */
function groupAt(kind: Kind, words: Uint32Array, from: number, end: number, before: bigint | undefined): Group {
  const imported = isImported(kind, words, from)
  /** Where the last chain ended: a group that is full is cut there. */
  let whole = from
  let time = timeOf(words, from)
  for (let row = from; row < end && row - from < BATCH_EVENTS_MAX; row++) {
    const own = timeOf(words, row)
    const continues = row === from || (imported ? before === undefined || own < before : own === time + 1n)
    if (!continues || isImported(kind, words, row) !== imported) break
    time = own
    if ((flagsOf(words, row) & LINKED) === 0) whole = row + 1
  }
  // A chain that never ends is not whole: it is refused as such.
  const count = Math.max(whole - from, 1)
  // An imported event has a time of the past: any slot after it does.
  const last = timeOf(words, from + count - 1)
  return {kind, words, from, count, at: imported ? last + 1n : last}
}

function isImported(kind: Kind, words: Uint32Array, row: number): boolean {
  return (flagsOf(words, row) & IMPORTED[kind]) !== 0
}

function flagsOf(words: Uint32Array, row: number): number {
  return words[row * RECORD_WORDS + CODE_AND_FLAGS]! >>> FLAGS_SHIFT
}

function timeOf(words: Uint32Array, row: number): bigint {
  const at = row * RECORD_WORDS + TIMESTAMP
  return (BigInt(words[at + 1]!) << 32n) | BigInt(words[at]!)
}

function idOf(words: Uint32Array, row: number): bigint {
  let id = 0n
  for (let word = 3; word >= 0; word--) id = (id << 32n) | BigInt(words[row * RECORD_WORDS + ID + word]!)
  return id
}
