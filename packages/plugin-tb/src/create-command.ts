import {existsSync, statSync} from 'node:fs'
import type {Chart} from '@parix/books/chart'
import type {Api} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import {LARGE_FILE_BYTES, readingFile} from '@parix/kit/first-line'
import {type Json, parseJson} from '@parix/kit/json'
import {type Progress, startProgress} from '@parix/kit/output'
import type {ChosenDatabase} from '@parix/kit/settings'
import {cleanLine} from '@parix/kit/text'
import {BATCH_EVENTS_MAX, type CreateKind} from '@parix/ledger/schema'
import type {EventFile, EventFileOptions} from './events/event-file.js'
import type {FlagTexts} from './events/read-events.js'
import type {SourceFlags} from './input/source.js'
import type {Spooled} from './input/spool.js'
import type {ReceiptFile} from './receipts/receipt.js'
import type {LedgerRecord} from './records/kinds.js'
import type {CreateResult} from './results/report.js'
import type {CreateCall} from './submit/place-call.js'
import type {SubmissionOptions} from './submit/submit.js'
import {type ChartFlagValues, TbCommand} from './tb-command.js'

/** The flags of SENDING. */
export interface SendingFlags {
  'retry-for'?: string | undefined
  'batch-size'?: number | undefined
  'dry-run'?: boolean
  receipt?: string | undefined
}

/** With `--dry-run`: what would be sent, request by request. */
export interface DryRun {
  dryRun: true
  operation: string
  requests: Json[]
}

const OUTCOME = 'Nothing was sent.'

/** What creating commands share: everything goes through the outbox. */
export abstract class CreateCommand extends TbCommand<CreateResult | DryRun> {
  /** A checkout that one is in must not choose where money goes without a word (threats 4.3). */
  protected override chosen(chosen: ChosenDatabase): void {
    if (chosen.source === 'project') {
      this.terminal.say(`Database ${cleanLine(chosen.database)}, as ${chosen.path} says.`)
    } else super.chosen(chosen)
  }

  /** Objects as JSON or by flags, into the database that is meant. */
  protected async create(
    kind: CreateKind,
    argument: string | undefined,
    flags: FlagTexts & SourceFlags & SendingFlags & ChartFlagValues,
  ): Promise<CreateResult | DryRun> {
    const chart = await this.useChart(flags)
    const batchEventsMax = flags['batch-size'] ?? BATCH_EVENTS_MAX
    const piped = this.mayStream(flags) ? await this.spool(flags.file!) : undefined
    try {
      const path = piped === undefined ? flags.file : piped.path
      const isLarge = piped === undefined ? this.mayStream(flags) && this.isLarge(path!) : piped.bytes === undefined
      const name = nameOf(flags.file!)
      const file = isLarge
        ? await this.openFile(kind, {name, path: path!, eventsMax: batchEventsMax, chart})
        : undefined
      if (file) return await this.createFromFile(kind, argument, {file, name}, flags, chart)
      return await this.createWhole(kind, argument, flags, chart, piped)
    } finally {
      piped?.remove()
    }
  }

  /** All events in memory at once. */
  private async createWhole(
    kind: CreateKind,
    argument: string | undefined,
    flags: FlagTexts & SourceFlags & SendingFlags,
    chart: Chart | undefined,
    piped: Spooled | undefined,
  ): Promise<CreateResult | DryRun> {
    const {readSource, sourceOf} = await import('./input/source.js')
    const {readEvents} = await import('./events/read-events.js')
    const {createIdSource} = await import('./records/id.js')
    const reading = this.startReading(flags.file)
    const read = async () => {
      const source = piped
        ? sourceOf(nameOf(flags.file!), piped.bytes ?? piped.path)
        : await readSource(flags, this.terminal)
      return readEvents(kind, source, flags, createIdSource(), this.terminal.say, chart)
    }
    const {records, generated, placeOf} = await read().finally(reading.end)
    if (flags['dry-run'] === true) return this.dryRun(kind, records, flags['batch-size'])
    return this.createRecords(kind, argument, {records, generated, placeOf}, flags, chart)
  }

  /** stdin or another pipe, in a file where it is large; undefined for a file. */
  private async spool(file: string): Promise<Spooled | undefined> {
    const {openNamedPipe} = await import('@parix/kit/named-file')
    const stream = file === '-' ? process.stdin : await openNamedPipe(file, {terminal: this.terminal, outcome: OUTCOME})
    if (stream === undefined) return undefined
    const {spool} = await import('./input/spool.js')
    const {importDirectory} = await import('./outbox/directory.js')
    const directory = importDirectory(process.env)
    const pipe = {name: nameOf(file), stream}
    return spool(this.terminal, {directory, bytesMax: LARGE_FILE_BYTES, what: 'JSON', pipe})
  }

  private isLarge(path: string): boolean {
    return bytesOf(path) >= LARGE_FILE_BYTES
  }

  /** A file or stdin, whose result, if it is JSON, can be written in parts. */
  private mayStream({file, payload, receipt, 'dry-run': dryRun}: SourceFlags & SendingFlags): boolean {
    const {format = 'json', fields, jq} = this.globalFlags ?? {}
    if (file === undefined || payload !== undefined || dryRun === true) return false
    // A receipt has the rows of all of it.
    if (receipt !== undefined) return false
    return fields === undefined && jq === undefined && (format === 'json' || format === 'table')
  }

  private async openFile(kind: CreateKind, options: EventFileOptions): Promise<EventFile | undefined> {
    const {openEventFile} = await import('./events/event-file.js')
    const reading = this.startReading(options.name, options.path)
    return openEventFile(kind, {...options, say: this.terminal.say}).finally(reading.end)
  }

  /** The same as `createRecords`, without all events in memory at once. */
  private createFromFile(
    kind: CreateKind,
    argument: string | undefined,
    {file, name}: {file: EventFile; name: string},
    flags: SendingFlags,
    chart: Chart | undefined,
  ): Promise<CreateResult> {
    return this.inDatabase(argument, async (api, database) => {
      const {submitFile} = await import('./submit/submit.js')
      const report = await submitFile(this.submissionOptions(api, flags, chart), {kind, database, file, name})
      this.show(report.view)
      if (this.writer !== undefined) await this.writeInParts(report.json())
      for (const notice of report.notices) this.terminal.say(notice)
      return undefined as unknown as CreateResult
    })
  }

  /** A JSON document that is not all in memory at once; nothing else is printed then. */
  private async writeInParts(parts: AsyncIterable<string>): Promise<void> {
    this.writer = undefined
    for await (const part of parts) {
      if (await this.terminal.resultBytes(Buffer.from(part))) continue
      throw new ParixError('FAILED', 'The result could not be written: nobody reads it any longer.', {
        code: 'output_closed',
      })
    }
  }

  /** A large file takes seconds to read and check, in which nothing else can be drawn: it is said at once. */
  private startReading(file: string | undefined, path = file): Pick<Progress, 'end'> {
    const bytes = path === undefined || path === '-' ? 0 : bytesOf(path)
    if (bytes < LARGE_FILE_BYTES) return {end: () => {}}
    return startProgress(this.terminal, {text: readingFile(file!, bytes)})
  }

  /** The very bytes that would be sent, and nothing asked of the service. */
  private async dryRun(
    kind: CreateKind,
    records: readonly LedgerRecord[],
    batchSize = BATCH_EVENTS_MAX,
  ): Promise<DryRun> {
    const {splitBatches} = await import('./events/batches.js')
    const {wireList} = await import('./records/wire.js')
    const bodies = splitBatches(kind, records, batchSize).map((batch) => wireList(kind, batch))
    this.show(bodies.join('\n'))
    this.terminal.say('Validated locally; nothing was sent.')
    return {dryRun: true, operation: `create_${kind}s`, requests: bodies.map(parseJson)}
  }

  protected async createRecords(
    kind: CreateKind,
    argument: string | undefined,
    drafts: Pick<CreateCall, 'records' | 'generated' | 'placeOf'>,
    flags: SendingFlags,
    chart?: Chart,
  ): Promise<CreateResult> {
    const {submitRecords} = await import('./submit/submit.js')
    const receipt = await this.openReceipt(flags.receipt)
    return this.inDatabase(argument, async (api, database) => {
      const {result, view, notices} = await submitRecords(
        {...this.submissionOptions(api, flags, chart), receipt},
        {
          kind,
          ...drafts,
          database,
          batchEventsMax: flags['batch-size'] ?? BATCH_EVENTS_MAX,
        },
      )
      this.show(view)
      for (const notice of notices) this.terminal.say(notice)
      return result
    }).finally(() => receipt?.discard())
  }

  /** `tb create-transfers`. */
  protected get words(): string {
    return (this.id ?? '').replaceAll(':', ' ')
  }

  /** Before anything is sent, so that a file that is there or a full disk is found then. */
  protected async openReceipt(path: string | undefined): Promise<ReceiptFile | undefined> {
    if (path === undefined) return undefined
    const {openReceipt} = await import('./receipts/receipt.js')
    return openReceipt(path)
  }

  private submissionOptions(api: Api, flags: SendingFlags, chart: Chart | undefined): SubmissionOptions {
    return {
      api,
      terminal: this.terminal,
      environment: process.env,
      retryFor: flags['retry-for'],
      announce: (effect) => this.announce(effect),
      command: this.words,
      ...(chart && {chart}),
    }
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'stdin' : file
}

/** None where it is not there; who reads it says so. */
function bytesOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0
}
