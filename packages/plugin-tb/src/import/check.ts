/**
 * Checks a file before it is imported; only reads are sent. Three passes: each row and the file as a whole, the rows against the
 * database, and a dry run of the file in an embedded ledger that begins with the balances of the database.
 */

import {AccountFlags, type CreateKind, TransferFlags} from '@parix/ledger/schema'
import {isSame} from '../events/compare.js'
import {flagNames} from '../records/flags.js'
import {asRecord, type CheckReader, type CheckResult, type Find, groups, LOOKUP_MAX} from './check-rows.js'
import {dryRun} from './dry-run.js'
import {IdFilter} from './duplicate-ids.js'
import type {ReadEvent} from './events.js'

const SHOWN_MAX = 100

/**
 * @param events a fresh pass over the rows each time it is called
 * @param rowsMax as many as there may be
 */
export async function checkFile(
  kind: CreateKind,
  events: () => AsyncIterable<ReadEvent[]>,
  reader: CheckReader,
  batchEventsMax: number,
  rowsMax: number,
): Promise<CheckResult> {
  const result: CheckResult = {
    rows: 0,
    findings: [],
    findingsCount: 0,
    existing: 0,
    ledgers: new Map(),
    accounts: new Map(),
  }
  const find: Find = (finding) => {
    result.findingsCount++
    if (result.findings.length < SHOWN_MAX) result.findings.push(finding)
  }
  const ids = new IdFilter(rowsMax)
  await checkRows(kind, events, batchEventsMax, result, ids, find)
  const doubles = ids.hasSuspects ? await findDuplicates(events, ids, find) : new Set<number>()
  // What was found of a row once is not found of it again.
  const others = doubles.size === 0 ? events : () => without(events(), doubles)
  if (kind === 'account') await checkExisting(others, reader, result, find)
  else await dryRun(others, reader, result, find)
  result.findings.sort((a, b) => a.line - b.line)
  return result
}

/** Flags whose events depend on others, or on balances. */
const ORDERED: Readonly<Record<CreateKind, number>> = {
  account: AccountFlags.linked | AccountFlags.imported,
  transfer: ~0,
}

/** Each row for itself, chains, and imported timestamps. @param ids has the ids of all rows afterwards */
async function checkRows(
  kind: CreateKind,
  events: () => AsyncIterable<ReadEvent[]>,
  eventsMax: number,
  result: CheckResult,
  ids: IdFilter,
  find: Find,
): Promise<void> {
  const digits = Buffer.alloc(39)
  const linked = kind === 'account' ? AccountFlags.linked : TransferFlags.linked
  const imported = kind === 'account' ? AccountFlags.imported : TransferFlags.imported
  let chainStart = 0
  let chain = 0
  let lastLine = 0
  let first: boolean | undefined
  let newest = 0n
  for await (const chunk of events()) {
    for (const {line, record, faults} of chunk) {
      result.rows++
      lastLine = line
      for (const {field, message} of faults) find({line, ...(field !== undefined && {field}), code: 'bad_row', message})
      if (record === undefined) continue
      ids.add(digits, 0, digits.write(String(record.id), 'latin1'))
      const flags = Number(record.flags ?? 0n)
      if (chain === 0) chainStart = line
      chain = (flags & linked) === 0 ? 0 : chain + 1
      if (chain === eventsMax)
        find({
          line: chainStart,
          code: 'chain_too_long',
          message: `the chain that begins here is longer than a request of ${eventsMax} events`,
        })
      const isImported = (flags & imported) !== 0
      if ((flags & ORDERED[kind]) !== 0)
        result.ordered ??= `line ${line} has ${flagNames(kind, BigInt(flags & ORDERED[kind])).join(', ')}`
      first ??= isImported
      if (isImported !== first)
        find({line, field: 'flags', code: 'imported_mixed', message: 'imported and other rows can not be in one file'})
      if (isImported && (record.timestamp ?? 0n) <= newest)
        find({
          line,
          field: 'timestamp',
          code: 'timestamp_not_rising',
          message: `timestamp must be later than ${newest}, that of a row before`,
        })
      newest = record.timestamp !== undefined && record.timestamp > newest ? record.timestamp : newest
    }
  }
  if (chain > 0)
    find({
      line: lastLine,
      field: 'flags',
      code: 'chain_open',
      message: 'the last row is linked to a next one that does not exist',
    })
}

/** @returns the lines of the second and later ones */
async function findDuplicates(
  events: () => AsyncIterable<ReadEvent[]>,
  ids: IdFilter,
  find: Find,
): Promise<Set<number>> {
  const doubles = new Set<number>()
  const digits = Buffer.alloc(39)
  for await (const chunk of events()) {
    for (const {line, record} of chunk) {
      if (record?.id === undefined) continue
      const before = ids.lineBefore(digits, 0, digits.write(String(record.id), 'latin1'), line)
      if (before === undefined) continue
      doubles.add(line)
      find({line, field: 'id', code: 'duplicate_id', message: `id ${record.id} is that of line ${before} as well`})
    }
  }
  return doubles
}

async function* without(events: AsyncIterable<ReadEvent[]>, lines: ReadonlySet<number>): AsyncGenerator<ReadEvent[]> {
  for await (const chunk of events) yield chunk.filter(({line}) => !lines.has(line))
}

/** Accounts of the file that the database has already, as they are or otherwise. */
async function checkExisting(
  events: () => AsyncIterable<ReadEvent[]>,
  reader: CheckReader,
  result: CheckResult,
  find: Find,
): Promise<void> {
  for await (const group of groups(events(), LOOKUP_MAX)) {
    const found = await reader.accounts(group.map(({record}) => record.id!))
    for (const {line, record} of group) {
      const there = found.get(record.id!)
      if (there === undefined) continue
      if (isSame('account', asRecord(there), record)) {
        result.existing++
        continue
      }
      const field = ACCOUNT_FIELDS.find((name) => BigInt(there[name]) !== (record[name] ?? 0n)) ?? 'flags'

      find({
        line,
        field,
        code: `exists_with_different_${field}`,
        message: `account ${record.id} is in the database with ${field} ${there[field]}`,
      })
    }
  }
}

const ACCOUNT_FIELDS = ['ledger', 'code', 'user_data_128', 'user_data_64', 'user_data_32'] as const
