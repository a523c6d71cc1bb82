import * as Flags from '@oclif/core/flags'
import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import {FLAGS} from './records/flags.js'

/** Flags that several commands of `parix tb` have, under the names of the original CLI. */

/** Completion offers the names of the chart where a value is an ACCOUNT, a LEDGER or a CODE. */
const ACCOUNT = {helpGroup: 'OBJECT', helpValue: 'ACCOUNT'} as const
const ID = {helpGroup: 'OBJECT', helpValue: 'ID'} as const
const NUMBER = {helpGroup: 'OBJECT', helpValue: 'N'} as const
const INPUT = {helpGroup: 'INPUT'} as const
const FILTER = {helpGroup: 'FILTER', helpValue: 'N'} as const

/** What says the object by JSON says all of it. */
const WITHOUT_JSON = {exclusive: ['file', 'payload']}

export const JSON_INPUT = {
  file: Flags.string({
    ...INPUT,
    helpValue: 'FILE|-',
    description: 'read JSON from a file (-: stdin): an array, one object, or one object per line (NDJSON)',
    exclusive: ['payload'],
  }),
  payload: Flags.string({...INPUT, helpValue: 'JSON', description: 'the same, on the command line'}),
}

export const USER_DATA = {
  'user-data-128': Flags.string({...NUMBER, ...WITHOUT_JSON, description: 'user_data_128'}),
  'user-data-64': Flags.string({...NUMBER, ...WITHOUT_JSON, description: 'user_data_64'}),
  'user-data-32': Flags.string({...NUMBER, ...WITHOUT_JSON, description: 'user_data_32'}),
}

export const ID_FLAG = Flags.string({
  ...ID,
  ...WITHOUT_JSON,
  description: 'its id; generated (time-based) when left out',
})
export const LEDGER = Flags.string({...NUMBER, helpValue: 'LEDGER', ...WITHOUT_JSON, description: 'ledger'})
export const CODE = Flags.string({...NUMBER, helpValue: 'CODE', ...WITHOUT_JSON, description: 'code'})
export const TIMESTAMP = Flags.string({
  helpGroup: 'OBJECT',
  helpValue: 'TIME',
  ...WITHOUT_JSON,
  description: 'RFC 3339 or nanoseconds; with the flag imported only',
})

/** @param aliases other names, which help does not show */
export function objectId(description: string, aliases: string[] = []) {
  return Flags.string({...ID, ...WITHOUT_JSON, aliases, description})
}

/** As `objectId`, of an account: `@NAME` of the chart as well. */
export function accountObject(description: string, aliases: string[] = []) {
  return Flags.string({...ACCOUNT, ...WITHOUT_JSON, aliases, description})
}

export function objectNumber(description: string, helpValue = 'N') {
  return Flags.string({helpGroup: 'OBJECT', helpValue, ...WITHOUT_JSON, description})
}

/** `--flag a --flag b`, or `--flag a,b`. */
export function flagNames(names: readonly string[], helpGroup = 'OBJECT') {
  return Flags.string({
    helpGroup,
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
    aliases: ['flags'],
    ...WITHOUT_JSON,
    description: names.join(', '),
  })
}

/** How long and in what portions a create call is sent. */
export const SENDING = {
  'retry-for': Flags.string({
    helpGroup: 'SENDING',
    helpValue: 'TIME',
    env: 'PARIX_RETRY_FOR',
    description: 'how long to send the same bytes again while there is no response: 90, 10m; 60 s when left out',
  }),
  'batch-size': Flags.integer({
    helpGroup: 'SENDING',
    min: 1,
    max: BATCH_EVENTS_MAX,
    helpValue: 'N',
    description: `at most this many events in one request; ${BATCH_EVENTS_MAX} when left out. A linked chain is never cut`,
  }),
  receipt: Flags.string({
    helpGroup: 'SENDING',
    helpValue: 'FILE',
    description: 'write what was created to a new file, which parix tb verify compares with the ledger later',
  }),
  'dry-run': Flags.boolean({
    helpGroup: 'SENDING',
    char: 'n',
    description: 'check the input and show what would be sent, without sending it',
  }),
}

/** Which chart of accounts a command uses. */
export const CHART_FLAGS = {
  chart: Flags.string({
    helpGroup: 'CHART',
    helpValue: 'FILE',
    description: 'chart of accounts; else PARIX_CHART, else parix.chart.yaml here or in a directory above',
    exclusive: ['no-chart'],
  }),
  'no-chart': Flags.boolean({helpGroup: 'CHART', description: 'without a chart of accounts'}),
  'id-form': Flags.option({
    helpGroup: 'CHART',
    options: ['decimal', 'hex', 'uuid'] as const,
    description: 'how ids without a name are shown; JSON has them in decimal',
  })(),
}

export const IDS = {
  ...CHART_FLAGS,
  id: Flags.string({
    helpValue: 'ID',
    multiple: true,
    multipleNonGreedy: true,
    description: 'an id',
  }),
  ids: Flags.string({helpValue: 'ID,ID', description: 'ids, separated by commas or spaces'}),
  ...JSON_INPUT,
}

/** As IDS, of accounts: names of the chart as well. */
export const ACCOUNT_IDS = {
  ...IDS,
  id: Flags.string({
    helpValue: 'ACCOUNT',
    multiple: true,
    multipleNonGreedy: true,
    description: 'an id, or @NAME of the chart',
  }),
  ids: Flags.string({helpValue: 'ACCOUNT,ACCOUNT', description: 'ids or names, separated by commas or spaces'}),
}

const TIME_FORMS = 'RFC 3339, a date (UTC), -1h, 7d, yesterday, or nanoseconds'

/** The fields that both kinds of filter have. */
const FILTER_FLAGS = {
  code: Flags.string({...FILTER, helpValue: 'CODE', ...WITHOUT_JSON, description: 'only this code'}),
  'user-data-128': Flags.string({...FILTER, ...WITHOUT_JSON, description: 'only this user_data_128'}),
  'user-data-64': Flags.string({...FILTER, ...WITHOUT_JSON, description: 'only this user_data_64'}),
  'user-data-32': Flags.string({...FILTER, ...WITHOUT_JSON, description: 'only this user_data_32'}),
  'timestamp-min': Flags.string({
    ...FILTER,
    ...WITHOUT_JSON,
    helpValue: 'TIME',
    description: `from this time on: ${TIME_FORMS}; of a date, the start`,
  }),
  'timestamp-max': Flags.string({
    ...FILTER,
    ...WITHOUT_JSON,
    helpValue: 'TIME',
    description: 'up to this time; of a date, the end',
  }),
  limit: Flags.string({
    ...FILTER,
    ...WITHOUT_JSON,
    description: `at most this many rows (${BATCH_EVENTS_MAX} at once); 100 when left out`,
  }),
  ...JSON_INPUT,
}

const ALL = Flags.boolean({
  helpGroup: 'FILTER',
  description: 'every row, page after page, as NDJSON: one object per line',
  exclusive: ['limit'],
})

export const ACCOUNT_FILTER_FLAGS = {
  ...CHART_FLAGS,
  'account-id': Flags.string({...FILTER, helpValue: 'ACCOUNT', ...WITHOUT_JSON, description: 'the account'}),
  ...FILTER_FLAGS,
  flag: flagNames(Object.keys(FLAGS.account_filter), 'FILTER'),
  all: ALL,
}

export const QUERY_FILTER_FLAGS = {
  ...CHART_FLAGS,
  ledger: Flags.string({...FILTER, helpValue: 'LEDGER', ...WITHOUT_JSON, description: 'only this ledger'}),
  ...FILTER_FLAGS,
  flag: flagNames(Object.keys(FLAGS.query_filter), 'FILTER'),
  all: ALL,
}
