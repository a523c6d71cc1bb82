import {type CodeForm, chainCode} from '@parix/books/chain-code'
import type {NewTransfer} from '@parix/books/chains'
import type {Chart} from '@parix/books/chart'
import {accountLabel, amountLabel} from '@parix/books/present'
import type {Api} from '@parix/kit/api'
import type {Effect} from '@parix/kit/command'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {isParixError, type ParixError} from '@parix/kit/errors'
import {UINT128_MAX} from '@parix/kit/integers'
import {parseJson} from '@parix/kit/json'
import {render, type Table, type Terminal, type View} from '@parix/kit/output'
import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import type {BookReader} from '../books/read-books.js'
import type {ChainDryRun} from '../chain-command.js'
import {validateEvents} from '../events/validate-events.js'
import type {ReceiptFile} from '../receipts/receipt.js'
import {flagNames, hasFlag} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'
import {createProblems} from '../records/problems.js'
import {wireList} from '../records/wire.js'
import type {CreateResult, Report} from '../results/report.js'
import {resumeKey, type SubmissionOptions, submitRecords} from '../submit/submit.js'

/** Asks the database, when something has to be known of it: a dry run that knows all it needs connects to nothing. */
export type Reading = <T>(work: (reader: BookReader, database: ResolvedDatabase) => Promise<T>) => Promise<T>

/** A chain that is ready to be sent, or why there is nothing to send. */
export type ChainPlan =
  | {
      transfers: readonly NewTransfer[]
      /** Ids that were generated, so that another run would have others. */
      generated?: ReadonlySet<bigint>
      /** What else there is to know: for stderr, below the chain. */
      notes?: readonly string[]
      /** Whether another plan is made and sent where the ledger refuses this one: somebody else was faster. */
      again?: (error: ParixError) => boolean
    }
  | {nothing: Report}

export interface ChainFlags {
  'retry-for'?: string | undefined
  'dry-run'?: boolean
  as?: string | undefined
  receipt?: string | undefined
}

export interface ChainCall {
  database: string | undefined
  flags: ChainFlags
  chart: Chart | undefined
  /** See `CreateCall.key`: for chains that depend on what is in the ledger. */
  key?: string
  plan(read: Reading): Promise<ChainPlan>
  /** What is said after it was sent, such as the next commands. */
  afterwards?(report: Report, api: Api, database: ResolvedDatabase): Promise<string[]>
}

/** What the command gives. */
export interface ChainHost {
  inDatabase<T>(work: (api: Api, database: ResolvedDatabase) => Promise<T>): Promise<T>
  terminal: Terminal
  show(view: View): void
  announce(effect: Effect): void
  command: string
  openReceipt(): Promise<ReceiptFile | undefined>
}

const PLANS_MAX = 50

/** Plans a chain, prints it, and sends it by the outbox; with `--dry-run` it is only printed. */
export async function runChain(host: ChainHost, call: ChainCall): Promise<CreateResult | ChainDryRun> {
  if (call.flags['dry-run'] === true) return dryRun(host, call)
  return host.inDatabase(async (api, database) => {
    const receipt = await host.openReceipt()
    const report = await send(host, call, receipt, api, database).finally(() => receipt?.discard())
    host.show(report.view)
    const further = (await call.afterwards?.(report, api, database)) ?? []
    for (const notice of [...report.notices, ...further]) host.terminal.say(notice)
    return report.result
  })
}

async function send(
  host: ChainHost,
  call: ChainCall,
  receipt: ReceiptFile | undefined,
  api: Api,
  database: ResolvedDatabase,
): Promise<Report> {
  const {terminal} = host
  const {chart, key} = call
  let effect: Effect | undefined
  let notes: readonly string[] = []
  const options: SubmissionOptions = {
    api,
    terminal,
    environment: process.env,
    retryFor: call.flags['retry-for'],
    command: host.command,
    receipt,
    announce(next) {
      effect = next
      host.announce(next)
    },
    placed(records) {
      terminal.say(render(chainTable(records, chart)).trimEnd())
      for (const note of notes) terminal.say(note)
    },
    ...(chart && {chart}),
  }
  const left = key === undefined ? undefined : await resumeKey(options, database, key)
  if (left !== undefined) return left
  for (let plans = 1; ; plans++) {
    const plan = await call.plan((work) => work({api, databaseId: database.id}, database))
    if ('nothing' in plan) return receipt === undefined ? plan.nothing : withoutReceipt(plan.nothing)
    const {transfers, generated = new Set<bigint>(), again} = plan
    notes = plan.notes ?? []
    const records = recordsOf(transfers)
    try {
      return await submitRecords(
        {...options, calm: again !== undefined},
        {kind: 'transfer', records, generated, database, batchEventsMax: BATCH_EVENTS_MAX, key},
      )
    } catch (error) {
      if (!isParixError(error) || error.kind !== 'REFUSED' || plans >= PLANS_MAX || again?.(error) !== true) throw error
      // The refusal is known and dealt with: its entry leaves the outbox.
      effect?.shown?.()
    }
  }
}

function withoutReceipt(report: Report): Report {
  return {...report, notices: [...report.notices, 'No receipt is written: this call wrote nothing.']}
}

async function dryRun(host: ChainHost, call: ChainCall): Promise<ChainDryRun | CreateResult> {
  const {flags, chart} = call
  const plan = await call.plan((work) =>
    host.inDatabase((api, database) => work({api, databaseId: database.id}, database)),
  )
  if ('nothing' in plan) {
    host.show(plan.nothing.view)
    for (const notice of plan.nothing.notices) host.terminal.say(notice)
    return plan.nothing.result
  }
  const records = recordsOf(plan.transfers)
  const form = flags.as as CodeForm | undefined
  const text = form === undefined ? undefined : chainCode(plan.transfers, form)
  host.show(text ?? chainTable(records, chart))
  for (const note of plan.notes ?? []) host.terminal.say(note)
  if ((plan.generated?.size ?? 0) > 0)
    host.terminal.say('The ids are generated: each run has others. parix tb id generates them as well.')
  host.terminal.say('Nothing was sent.')
  return {
    dryRun: true,
    operation: 'create_transfers',
    requests: [parseJson(wireList('transfer', records))],
    ...(form !== undefined && text !== undefined && {code: {form, text}}),
  }
}

/** As they are sent, checked by the rules that need no ledger. @throws ParixError BAD_INPUT */
function recordsOf(transfers: readonly NewTransfer[]): LedgerRecord[] {
  const records = transfers.map((transfer) => {
    const given = Object.entries(transfer).map(([field, value]) => [field, BigInt(value)] as const)
    return Object.fromEntries(given.filter(([field, value]) => field === 'amount' || value !== 0n)) as LedgerRecord
  })
  const problems = createProblems()
  const drafts = records.map((record, index) => ({
    record,
    place: (field: string) => `transfer ${index + 1} of the chain: ${field}`,
  }))
  validateEvents('transfer', drafts, problems)
  problems.throwIfAny('the chain')
  return records
}

/** A chain before it is sent, numbered, so that what one transfer voids can be named. */
function chainTable(records: readonly LedgerRecord[], chart: Chart | undefined): Table {
  const right = (name: string) => ({name, align: 'right'}) as const
  const places = new Map(records.map(({id}, index) => [id, index + 1]))
  const account = (id: bigint | undefined) => (id === undefined ? undefined : accountLabel(id, chart))
  return {
    columns: [right('#'), right('ID'), right('FROM'), right('TO'), right('AMOUNT'), 'LEDGER', 'FLAGS'],
    rows: records.map((record, index) => {
      const {id, debit_account_id, credit_account_id, ledger, pending_id, flags = 0n, timeout} = record
      const pending = places.get(pending_id) ?? pending_id
      const unit = chart?.ledgerOf(Number(ledger ?? 0n))
      const names = flagNames('transfer', flags).join(' ')
      return [
        index + 1,
        id,
        account(debit_account_id),
        account(credit_account_id),
        amountOf(record, chart),
        unit?.name ?? ledger,
        `${names}${pending === undefined ? '' : ` of ${pending}`}${timeout === undefined ? '' : ` for ${timeout} s`}`,
      ]
    }),
    whenEmpty: '',
  }
}

function amountOf({amount = 0n, ledger = 0n, flags}: LedgerRecord, chart: Chart | undefined): string {
  if (hasFlag('transfer', flags, 'void_pending_transfer')) return 'all'
  if (amount === UINT128_MAX) return 'max'
  return amountLabel(amount, Number(ledger), chart)
}
