import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type {ResultWriter} from '@parix/kit/format'
import {BATCH_EVENTS_MAX, type CreateKind} from '@parix/ledger/schema'
import {TbCommand} from '../tb-command.js'
import type {ImportFlags, ImportResult} from './import-call.js'

export const IMPORT_ARGS = {
  file: Args.string({description: 'CSV, NDJSON or JSON; - for stdin', required: true}),
  'database-id': Args.string({description: 'id or name of the database; else PARIX_DATABASE, else the default'}),
}

export const IMPORT_FLAGS = {
  format: Flags.option({
    options: ['csv', 'ndjson', 'json'] as const,
    helpGroup: 'INPUT',
    description: 'what the file is; else by its name or its first character',
  })(),
  map: Flags.string({
    helpGroup: 'INPUT',
    helpValue: 'FIELD=COLUMN',
    multiple: true,
    multipleNonGreedy: true,
    description:
      'where a field comes from: a column, =CONSTANT, or COLUMN|money:USD, |money:2, |time:RFC3339, |time:ms, |map:{a:1,b:2}, |name:customer/*',
  }),
  mapping: Flags.string({
    helpGroup: 'INPUT',
    helpValue: 'NAME|FILE',
    description: 'a mapping of the chart (imports: in parix.chart.yaml), or a .json or .yaml file of FIELD: COLUMN',
  }),
  'id-from': Flags.string({
    helpGroup: 'INPUT',
    helpValue: 'COL,COL',
    description: 'make the id of each row from these columns: the same row always has the same id',
  }),
  namespace: Flags.string({
    helpGroup: 'INPUT',
    helpValue: 'TEXT',
    description: 'part of ids made by --id-from: the same for all files of one source',
    default: '',
  }),
  'decimal-comma': Flags.boolean({
    helpGroup: 'INPUT',
    description: 'columns of money are written as 1.234,56',
  }),
  'keep-timestamps': Flags.boolean({
    helpGroup: 'INPUT',
    description: 'keep the timestamps of the rows (TigerBeetle: imported events)',
  }),
  check: Flags.boolean({
    helpGroup: 'SENDING',
    description: 'check every row, the database, and a dry run on its balances; nothing is sent',
  }),
  refused: Flags.option({
    options: ['stop', 'collect'] as const,
    helpGroup: 'SENDING',
    description:
      'what to do when the ledger refuses rows: stop after that request, or write them to FILE.refused.ndjson and continue',
    default: 'stop',
  })(),
  'retry-refused': Flags.integer({
    helpGroup: 'SENDING',
    helpValue: 'N',
    min: 1,
    max: 1000,
    description:
      'attempt N after refusals: the file is sent again, and rows whose id a refusal has used up get another (with --id-from)',
  }),
  unordered: Flags.integer({
    helpGroup: 'SENDING',
    helpValue: 'N',
    min: 1,
    max: 16,
    description: 'N requests under way at once, where --check has found that the order of the rows does not matter',
  }),
  'batch-size': Flags.integer({
    helpGroup: 'SENDING',
    helpValue: 'N',
    min: 1,
    max: BATCH_EVENTS_MAX,
    description: 'events in one request',
  }),
  'retry-for': Flags.string({
    helpGroup: 'SENDING',
    helpValue: 'TIME',
    env: 'PARIX_RETRY_FOR',
    description: 'how long to repeat a request without a response',
  }),
  restart: Flags.boolean({
    helpGroup: 'SENDING',
    description: 'send the whole file again: rows that are in the ledger count as imported',
  }),
  chart: Flags.string({
    helpGroup: 'INPUT',
    helpValue: 'FILE',
    description: 'chart of accounts; else PARIX_CHART, else parix.chart.yaml here or above',
    exclusive: ['no-chart'],
  }),
  'no-chart': Flags.boolean({helpGroup: 'INPUT', description: 'without a chart of accounts'}),
}

/** `tb import accounts` and `tb import transfers`. */
export abstract class ImportCommand extends TbCommand<ImportResult> {
  /** `--format` is that of the file here: the result is text, or JSON. */
  protected override loadWriter(): Promise<ResultWriter | undefined> {
    const {json, jq, fields} = this.globalFlags ?? {}
    return super.loadWriter({json: json === true, jq, fields})
  }

  protected async importFile(
    kind: CreateKind,
    file: string,
    argument: string | undefined,
    flags: ImportFlags,
  ): Promise<ImportResult> {
    const {importFile} = await import('./import-file.js')
    return this.inDatabase(argument, async (api, database) => {
      const {result, view, notices} = await importFile({
        kind,
        file,
        flags,
        api,
        database,
        terminal: this.terminal,
        environment: process.env,
        announce: (effect) => this.announce(effect),
      })
      this.show(view)
      for (const notice of notices) this.terminal.say(notice)
      return result
    })
  }
}
