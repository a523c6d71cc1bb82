import * as Flags from '@oclif/core/flags'
import {ParixError} from '@parix/kit/errors'
import {parseFailRule} from './server/api/fault-rules.js'
import type {FailRule, ServiceOptions} from './server/index.js'

const TEST_SWITCHES = 'FAULT INJECTION'
const CLUSTER = 'REAL CLUSTER'

/** Flags of `parix local start` about the service, beside port and directory. */
export const serviceFlags = {
  'provision-delay': Flags.integer({
    description: 'how long a new database stays PROVISIONING, in milliseconds; else 1500',
    helpValue: 'MS',
    min: 0,
    max: 86_400_000,
  }),
  'cluster-id': Flags.string({
    description: 'id of a TigerBeetle cluster to use instead of the ledgers inside the service',
    helpGroup: CLUSTER,
    helpValue: 'ID',
    dependsOn: ['addresses'],
  }),
  addresses: Flags.string({
    description: "addresses of the cluster's replicas, separated by commas: 127.0.0.1:3000",
    helpGroup: CLUSTER,
    helpValue: 'HOST:PORT',
    dependsOn: ['cluster-id'],
  }),
  'fail-next': Flags.string({
    description: 'WHAT[*TIMES][@[METHOD:]PATH]; WHAT: a status, drop-answer, drop-request, delay-MS',
    helpGroup: TEST_SWITCHES,
    helpValue: 'RULE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'billing-blocked': Flags.boolean({description: 'create no databases: ask for payment', helpGroup: TEST_SWITCHES}),
  stub: Flags.boolean({description: 'validate operations and store nothing', helpGroup: TEST_SWITCHES}),
}

export interface ServiceFlagValues {
  'provision-delay': number | undefined
  'cluster-id': string | undefined
  addresses: string | undefined
  'fail-next': string[] | undefined
  'billing-blocked': boolean
  stub: boolean
}

/** @throws ParixError USAGE for a rule, an id or an address that isn't one */
export function serviceSettings(flags: ServiceFlagValues): Partial<ServiceOptions> {
  const provisionDelayMs = flags['provision-delay']
  const cluster = clusterOf(flags)
  const failNext = (flags['fail-next'] ?? []).map(failRule)
  return {
    ...(provisionDelayMs !== undefined && {provisionDelayMs}),
    ...(cluster && {cluster}),
    switches: {stub: flags.stub, billingBlocked: flags['billing-blocked'], failNext},
  }
}

/** The flags as words of a command line. */
export function serviceArguments(flags: ServiceFlagValues): string[] {
  const words: string[] = []
  for (const name of Object.keys(serviceFlags) as (keyof ServiceFlagValues)[]) {
    const value = flags[name]
    if (value === undefined || value === false) continue
    if (value === true) words.push(`--${name}`)
    else for (const each of [value].flat()) words.push(`--${name}=${each}`)
  }
  return words
}

function failRule(text: string): FailRule {
  const rule = parseFailRule(text)
  if (rule) return rule
  throw new ParixError('USAGE', `--fail-next ${text} is not a rule: WHAT[*TIMES][@[METHOD:]PATH].`, {
    next: [
      'parix local start --fail-next 503*2',
      'parix local start --fail-next drop-answer@create_transfers',
      'parix local start --fail-next 429@POST:/databases',
    ],
  })
}

function clusterOf({'cluster-id': id, addresses}: ServiceFlagValues): ServiceOptions['cluster'] {
  if (id === undefined || addresses === undefined) return undefined
  if (!/^\d{1,39}$/.test(id)) throw new ParixError('USAGE', `--cluster-id must be a whole number, not ${id}.`)
  const list = addresses.split(',').map((address) => address.trim())
  if (list.includes('')) throw new ParixError('USAGE', `--addresses must be host:port, with commas, not ${addresses}.`)
  return {clusterId: BigInt(id), addresses: list}
}
