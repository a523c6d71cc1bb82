import * as Flags from '@oclif/core/flags'
import {CHART_FLAGS, SENDING} from '../flags.js'

/** Flags that the commands share which send a chain of transfers. */

const OBJECT = {helpGroup: 'OBJECT'} as const

export function codeFlag(otherwise: string) {
  return Flags.string({...OBJECT, helpValue: 'CODE', description: `code of each transfer; ${otherwise}`})
}

export const LEDGER_OF_IDS = Flags.string({
  ...OBJECT,
  helpValue: 'LEDGER',
  description: 'ledger of the accounts; left out, that of the chart, else the database is asked',
})

export function account(description: string) {
  return Flags.string({...OBJECT, helpValue: 'ACCOUNT', description})
}

export function accounts(description: string, helpValue = 'ACCOUNT') {
  return Flags.string({...OBJECT, helpValue, multiple: true, multipleNonGreedy: true, description})
}

export const DATA = {
  'user-data-128': Flags.string({...OBJECT, helpValue: 'N', description: 'user_data_128 of each transfer'}),
  'user-data-64': Flags.string({...OBJECT, helpValue: 'N', description: 'user_data_64 of each transfer'}),
  'user-data-32': Flags.string({...OBJECT, helpValue: 'N', description: 'user_data_32 of each transfer'}),
}

export const KEY = Flags.string({
  ...OBJECT,
  helpValue: 'TEXT',
  description:
    'compute the ids from this text, such as an invoice number: given again, it creates nothing a second time',
})

export const CHAIN_SENDING = {
  'retry-for': SENDING['retry-for'],
  receipt: SENDING.receipt,
  'dry-run': Flags.boolean({
    helpGroup: 'SENDING',
    char: 'n',
    description: 'show the chain and send nothing; accounts may be looked up',
  }),
  as: Flags.string({
    helpGroup: 'SENDING',
    helpValue: 'FORM',
    options: ['repl', 'json', 'node', 'go', 'python'],
    dependsOn: ['dry-run'],
    description: "with --dry-run: the code of TigerBeetle's own clients that creates the same chain",
  }),
  ...CHART_FLAGS,
}

const GUARD = {helpGroup: 'CONDITIONS', multiple: true, multipleNonGreedy: true} as const

/** Conditions on balances that the ledger checks in the same chain. */
export const GUARD_FLAGS = {
  'if-available': Flags.string({
    ...GUARD,
    helpValue: '[ACCOUNT=]AMOUNT',
    description: 'only if this much is available in the account that pays, which has a limit',
  }),
  'keep-below': Flags.string({
    ...GUARD,
    helpValue: '[ACCOUNT=]AMOUNT',
    description: 'only if the balance of the account that receives is this much at most afterwards',
  }),
  'with-limit': Flags.string({
    ...GUARD,
    helpValue: '[ACCOUNT=]LIMIT',
    description:
      'only if the account, which does not have this limit, keeps it: debits_must_not_exceed_credits or credits_must_not_exceed_debits',
  }),
  'rate-limit': Flags.string({
    ...GUARD,
    helpValue: 'ACCOUNT=AMOUNT',
    description: 'only if this much is left of a rate; it is available again after --rate-window',
  }),
  'rate-window': Flags.string({
    helpGroup: 'CONDITIONS',
    helpValue: 'TIME',
    dependsOn: ['rate-limit'],
    description: 'such as 60s or 24h',
  }),
  control: Flags.string({
    ...GUARD,
    helpValue: 'ACCOUNT',
    description: 'control account; left out, one of the chart with the code control',
  }),
  operator: Flags.string({
    ...GUARD,
    helpValue: 'ACCOUNT',
    description: 'operator account; left out, one of the chart with the code operator',
  }),
}

/** The flags that make a condition by themselves. */
export const CONDITIONS = ['if-available', 'keep-below', 'with-limit', 'rate-limit'] as const

export interface GuardFlagValues {
  'if-available'?: string[] | undefined
  'keep-below'?: string[] | undefined
  'with-limit'?: string[] | undefined
  'rate-limit'?: string[] | undefined
  'rate-window'?: string | undefined
  control?: string[] | undefined
  operator?: string[] | undefined
}

export interface DataFlagValues {
  code?: string | undefined
  'user-data-128'?: string | undefined
  'user-data-64'?: string | undefined
  'user-data-32'?: string | undefined
}
