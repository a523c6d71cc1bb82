/** Runs the tests of a file, each in a ledger of its own in memory: no service, and nothing that lasts. */

import type {Chart} from '@parix/books/chart'
import {ExpectationError, parseExpectation} from '@parix/books/expectations'
import {Holds} from '@parix/books/holds'
import {type Facts, judge} from '@parix/books/judge'
import type {BooksTest, Place, StepFields, TestFile, TestStep, Written} from '@parix/books/test-file'
import {parseDuration} from '@parix/kit/duration'
import {isParixError} from '@parix/kit/errors'
import {UINT128_MAX} from '@parix/kit/integers'
import {type Account, openMemoryLedger, type Transfer} from '@parix/ledger'
import {
  AccountFlags,
  BLANK_ACCOUNT,
  CreateAccountStatus,
  CreateTransferStatus,
  FIELDS,
  PAGE_ROWS_MAX,
  TransferFlags,
} from '@parix/ledger/schema'
import {fromFlags} from '../events/read-events.js'
import {createProblems} from '../records/problems.js'

type MemoryLedger = Awaited<ReturnType<typeof openMemoryLedger>>

/** What the tests of a file begin with. */
export interface Base {
  /** Of the ledger that is copied; undefined for an empty one. */
  directory: string | undefined
  /** The clock at the beginning, in nanoseconds since 1970. */
  now: bigint
}

export interface TestResult {
  name: string
  ok: boolean
  line: number
  milliseconds: number
  /** What was expected and is not so; the first step that fails ends a test. */
  failures: Failure[]
}

export interface Failure extends Place {
  message: string
}

/** A step or expectation that is not what was expected. */
class NotAsExpected extends Error {
  constructor(
    readonly place: Place,
    message: string,
  ) {
    super(message)
  }
}

export async function runTests({tests}: TestFile, chart: Chart | undefined, base: Base): Promise<TestResult[]> {
  const results: TestResult[] = []
  for (const test of tests) {
    const begin = performance.now()
    const failures = await failuresOf(test, chart, base)
    const milliseconds = Math.round(performance.now() - begin)
    results.push({name: test.name, ok: failures.length === 0, line: test.line, milliseconds, failures})
  }
  return results
}

async function failuresOf(test: BooksTest, chart: Chart | undefined, base: Base): Promise<Failure[]> {
  const run = await Run.begin(chart, base)
  try {
    for (const step of test.steps) await run.step(step)
    return await run.check(test.expectations)
  } catch (error) {
    if (!(error instanceof NotAsExpected)) throw error
    const {line, column} = error.place
    return [{line, column, message: error.message}]
  } finally {
    await run.close()
  }
}

class Run {
  readonly #named = new Map<string, bigint>()
  #nextId = 1n

  private constructor(
    private readonly ledger: MemoryLedger,
    private readonly chart: Chart | undefined,
    private readonly clock: {now: bigint},
  ) {}

  static async begin(chart: Chart | undefined, {directory, now}: Base): Promise<Run> {
    const clock = {now}
    const copy = directory === undefined ? {} : {copyOf: {directory}}
    const run = new Run(await openMemoryLedger({now: () => clock.now, ...copy}), chart, clock)
    const listed = chart?.listed() ?? []
    await run.#createNamed(listed.map(({name}) => name))
    return run
  }

  async close(): Promise<void> {
    await this.ledger.close()
  }

  async step(step: TestStep): Promise<void> {
    this.clock.now += 1_000_000n
    await this.ledger.expirePendingTransfers()
    if (step.kind === 'wait') {
      this.clock.now += BigInt(Math.round(read(step, () => parseDuration('wait', step.duration)))) * 1_000_000n
      await this.ledger.expirePendingTransfers()
    } else if (step.kind === 'check') {
      const [first] = await this.check(step.expectations)
      if (first !== undefined) throw new NotAsExpected(first, first.message)
    } else await this.#create(step)
  }

  /** @returns those that are not met */
  async check(written: readonly Written[]): Promise<Failure[]> {
    if (written.length === 0) return []
    const facts = await this.#facts()
    return written.flatMap(({text, ...place}) => {
      try {
        const {ok, found} = judge(parseExpectation(text, this.chart), facts, this.chart)
        return ok ? [] : [{...place, message: `${text}: ${found.join('; ')}`}]
      } catch (error) {
        if (!(error instanceof ExpectationError)) throw error
        return [{line: place.line, column: place.column + error.column - 1, message: error.message}]
      }
    })
  }

  async #create(step: TestStep & {kind: 'account' | 'transfers' | 'resolve'}): Promise<void> {
    const statuses = await this.#send(step)
    const differs = statuses.findIndex((status, index) => status !== step.expect[index])
    if (differs < 0) return
    const which = statuses.length === 1 ? '' : ` of event ${differs + 1}`
    throw new NotAsExpected(step, `expected ${step.expect[differs]}${which}, the ledger says ${statuses[differs]}`)
  }

  async #send(step: TestStep & {kind: 'account' | 'transfers' | 'resolve'}): Promise<string[]> {
    if (step.kind === 'account') {
      const record = this.#record('account', step, step.events[0])
      const results = await this.ledger.createAccounts([record as unknown as Account])
      return results.map(({status}) => CreateAccountStatus[status])
    }
    const transfers = step.kind === 'resolve' ? [await this.#resolving(step)] : await this.#transfers(step)
    if (step.as !== undefined) this.#named.set(step.as, transfers.at(-1)!.id)
    const results = await this.ledger.createTransfers(transfers)
    return results.map(({status}) => CreateTransferStatus[status])
  }

  /** The accounts that the chart names come into being when they are used. */
  async #transfers(step: TestStep & {kind: 'transfers'}): Promise<Transfer[]> {
    const names = step.events.flatMap(({from = '', to = ''}) => [from, to]).filter((text) => text.startsWith('@'))
    read(step, () => names.map((name) => this.chart?.account(name.slice(1))))
    await this.#createNamed(names.map((name) => name.slice(1)))
    return step.events.map((fields, index) => {
      const transfer = this.#record('transfer', step, fields) as unknown as Transfer
      const linked = index < step.events.length - 1 ? TransferFlags.linked : 0
      return {...transfer, flags: transfer.flags | linked}
    })
  }

  async #resolving(step: TestStep & {kind: 'resolve'}): Promise<Transfer> {
    const pending_id = this.#transferId(step, step.pending)
    const [pending] = await this.ledger.lookupTransfers([pending_id])
    const given =
      step.amount === undefined || pending === undefined
        ? undefined
        : this.#record('transfer', step, {
            amount: step.amount,
            ledger: this.chart?.ledgerOf(pending.ledger)?.name ?? String(pending.ledger),
          }).amount
    const everything = step.flag === 'post_pending_transfer' ? UINT128_MAX : 0n
    const blank = this.#record('transfer', step, {}) as unknown as Transfer
    return {...blank, pending_id, amount: (given as bigint | undefined) ?? everything, flags: TransferFlags[step.flag]}
  }

  /** A record of all fields, as the ledger takes it. */
  #record(
    kind: 'account' | 'transfer',
    step: TestStep,
    {flags, ...fields}: StepFields,
  ): Record<string, bigint | number> {
    const problems = createProblems()
    const pending = fields['pending-id']
    const given = {
      ...fields,
      ...(flags !== undefined && {flag: [flags]}),
      ...(pending !== undefined && {'pending-id': String(this.#transferId(step, pending))}),
    }
    const {record} = fromFlags(kind, given, problems, {chart: this.chart})
    read(step, () => problems.throwIfAny(`the ${kind}`))
    const values: Readonly<Record<string, bigint | undefined>> = {id: this.#nextId++, ...record}
    return Object.fromEntries(
      FIELDS[kind].map(({name, bits}) => [name, bits > 32 ? (values[name] ?? 0n) : Number(values[name] ?? 0n)]),
    )
  }

  #transferId(step: TestStep, text: string): bigint {
    const named = this.#named.get(text)
    if (named !== undefined) return named
    if (/^\d+$/.test(text)) return BigInt(text)
    throw new NotAsExpected(step, `no transfer before is called "${text}": give it a name with as`)
  }

  async #createNamed(names: readonly string[]): Promise<void> {
    if (this.chart === undefined || names.length === 0) return
    const accounts = [...new Set(names)].map((name) => this.chart!.account(name))
    const existing = new Set((await this.ledger.lookupAccounts(accounts.map(({id}) => id))).map(({id}) => id))
    const missing = accounts.filter(({id}) => !existing.has(id))
    if (missing.length === 0) return
    await this.ledger.createAccounts(
      missing.map(({id, ledger, code, flags}) => ({
        ...BLANK_ACCOUNT,
        id,
        ledger: ledger.id,
        code,
        flags: flags.reduce((bits, flag) => bits | (AccountFlags[flag as keyof typeof AccountFlags] as number), 0),
      })),
    )
  }

  async #facts(): Promise<Facts> {
    const accounts = await this.#everything((filter) => this.ledger.queryAccounts(filter))
    const transfers = await this.#everything((filter) => this.ledger.queryTransfers(filter))
    const holds = new Holds()
    for (const transfer of transfers) {
      holds.lapse(transfer.timestamp)
      holds.take(transfer)
    }
    holds.lapse(this.clock.now)
    return {
      accounts: new Map(accounts.map((account) => [account.id, account])),
      pending: holds.open().map(({transfer}) => transfer),
      transfers: transfers.length,
      now: this.clock.now,
    }
  }

  async #everything<Row extends {timestamp: bigint}>(query: (filter: typeof ALL) => Promise<Row[]>): Promise<Row[]> {
    const rows: Row[] = []
    for (let from = 0n; ; from = rows.at(-1)!.timestamp + 1n) {
      const page = await query({...ALL, timestamp_min: from})
      rows.push(...page)
      if (page.length < PAGE_ROWS_MAX) return rows
    }
  }
}

const USER_DATA = {user_data_128: 0n, user_data_64: 0n, user_data_32: 0}
const ALL = {...USER_DATA, ledger: 0, code: 0, timestamp_min: 0n, timestamp_max: 0n, limit: PAGE_ROWS_MAX, flags: 0}

/** What can't be read in a step is where the step is. */
function read<T>(place: Place, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!isParixError(error)) throw error
    const details = error.details.errors ?? []
    throw new NotAsExpected(place, [error.message.replace(/ Nothing was sent\.$/, ''), ...details].join(' '))
  }
}
