/**
 * Checks a file before it is imported; only reads are sent. Three passes: each row and the file as a whole, the rows against the
 * database, and a dry run of the file in an embedded ledger that begins with the balances of the database.
 */

import {AccountFlags, type CreateKind, TransferFlags} from '@parix/ledger/schema'
import {isSame} from '../events/compare.js'
import {flagNames} from '../records/flags.js'
import {LINKED} from './batches.js'
import {
  asRecord,
  type CheckFinding,
  type CheckReader,
  type CheckResult,
  type Find,
  groups,
  LOOKUP_MAX,
} from './check-rows.js'
import {dryRun} from './dry-run.js'
import {IdFilter} from './duplicate-ids.js'
import type {ReadEvent} from './events.js'
import type {OnFaults, WireRows} from './wire-rows.js'

const SHOWN_MAX = 100

/**
 * @param rows fresh passes over the file: its rows as events, or as bytes that are ids, with what is wrong with the others
 * @param rowsMax as many as there may be
 */
export async function checkFile(
  kind: CreateKind,
  {events, ids: wire}: CheckedFile,
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
  const {findings, rows, ordered, ids} =
    (await checkBytes(kind, wire, batchEventsMax, rowsMax)) ??
    (await checkEvents(kind, events, batchEventsMax, rowsMax))
  for (const finding of findings.shown) find(finding)
  result.findingsCount = findings.count
  result.rows = rows
  if (ordered !== undefined) result.ordered = ordered
  const doubles = await findDuplicates(wire, ids, find)
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

export interface CheckedFile {
  events(): AsyncIterable<ReadEvent[]>
  ids(onFaults: OnFaults): AsyncIterable<WireRows>
}

/** What the first pass finds: each row for itself, chains, and imported timestamps. */
class RowChecks {
  readonly findings: {shown: CheckFinding[]; count: number} = {shown: [], count: 0}
  rows = 0
  /** See `CheckResult.ordered`. */
  ordered: string | undefined
  #lastLine = 0
  #chain = 0
  #chainStart = 0
  #isImported: boolean | undefined
  #newest = 0n

  constructor(
    private readonly kind: CreateKind,
    private readonly eventsMax: number,
    /** Has the ids of all rows afterwards. */
    readonly ids: IdFilter,
  ) {}

  readonly faults: OnFaults = (line, faults) => {
    this.rows++
    this.#lastLine = line
    for (const {field, message} of faults)
      this.#find({line, ...(field !== undefined && {field}), code: 'bad_row', message})
  }

  row(line: number, flags: number): void {
    this.rows++
    this.#lastLine = line
    if (this.#chain === 0) this.#chainStart = line
    this.#chain = (flags & LINKED) === 0 ? 0 : this.#chain + 1
    if (this.#chain === this.eventsMax)
      this.#find({
        line: this.#chainStart,
        code: 'chain_too_long',
        message: `the chain that begins here is longer than a request of ${this.eventsMax} events`,
      })
    if ((flags & ORDERED[this.kind]) !== 0)
      this.ordered ??= `line ${line} has ${flagNames(this.kind, BigInt(flags & ORDERED[this.kind])).join(', ')}`
  }

  time(line: number, isImported: boolean, timestamp = 0n): void {
    this.#isImported ??= isImported
    if (isImported !== this.#isImported)
      this.#find({
        line,
        field: 'flags',
        code: 'imported_mixed',
        message: 'imported and other rows can not be in one file',
      })
    if (isImported && timestamp <= this.#newest)
      this.#find({
        line,
        field: 'timestamp',
        code: 'timestamp_not_rising',
        message: `timestamp must be later than ${this.#newest}, that of a row before`,
      })
    if (timestamp > this.#newest) this.#newest = timestamp
  }

  end(): this {
    if (this.#chain > 0)
      this.#find({
        line: this.#lastLine,
        field: 'flags',
        code: 'chain_open',
        message: 'the last row is linked to a next one that does not exist',
      })
    return this
  }

  #find(finding: CheckFinding): void {
    this.findings.count++
    if (this.findings.shown.length < SHOWN_MAX) this.findings.shown.push(finding)
  }
}

/** From bytes: most rows are never taken apart. Undefined where there are imported rows, whose times it does not see. */
async function checkBytes(
  kind: CreateKind,
  wire: CheckedFile['ids'],
  eventsMax: number,
  rowsMax: number,
): Promise<RowChecks | undefined> {
  const checks = new RowChecks(kind, eventsMax, new IdFilter(rowsMax))
  for await (const {count, bytes, starts, lines, flags} of wire(checks.faults)) {
    for (let index = 0; index < count; index++) {
      if ((flags[index]! & IMPORTED[kind]) !== 0) return undefined
      checks.ids.add(bytes, starts[index]!, starts[index + 1]!)
      checks.row(lines[index]!, flags[index]!)
    }
  }
  return checks.end()
}

async function checkEvents(
  kind: CreateKind,
  events: CheckedFile['events'],
  eventsMax: number,
  rowsMax: number,
): Promise<RowChecks> {
  const checks = new RowChecks(kind, eventsMax, new IdFilter(rowsMax))
  const digits = Buffer.alloc(39)
  for await (const chunk of events()) {
    for (const {line, record, faults} of chunk) {
      if (record === undefined) {
        checks.faults(line, faults)
        continue
      }
      const flags = Number(record.flags ?? 0n)
      checks.ids.add(digits, 0, digits.write(String(record.id), 'latin1'))
      checks.row(line, flags)
      checks.time(line, (flags & IMPORTED[kind]) !== 0, record.timestamp)
    }
  }
  return checks.end()
}

const IMPORTED: Readonly<Record<CreateKind, number>> = {
  account: AccountFlags.imported,
  transfer: TransferFlags.imported,
}

/** @returns the lines of the second and later ones */
async function findDuplicates(wire: CheckedFile['ids'], ids: IdFilter, find: Find): Promise<Set<number>> {
  const doubles = new Set<number>()
  while (ids.needsAnotherPass()) {
    for await (const {count, bytes, starts, lines} of wire(() => {})) {
      for (let index = 0; index < count; index++) {
        const line = lines[index]!
        const before = ids.lineBefore(bytes, starts[index]!, starts[index + 1]!, line)
        if (before === undefined) continue
        doubles.add(line)
        const id = bytes.toString('latin1', starts[index], starts[index + 1])
        find({line, field: 'id', code: 'duplicate_id', message: `id ${id} is that of line ${before} as well`})
      }
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
