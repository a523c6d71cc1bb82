import * as Flags from '@oclif/core/flags'
import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
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
    next: ['503*2', 'drop-answer@create_transfers', '429@POST:/databases'].map((rule) =>
      plainCommand('local start', {flags: {'fail-next': rule}}),
    ),
  })
}

/** The most replicas that a TigerBeetle cluster has; standbys are not counted. */
const REPLICAS_MAX = 6
const PORT_MAX = 65_535
const CLUSTER_ID_MAX = (1n << 128n) - 1n

function clusterOf({'cluster-id': id, addresses}: ServiceFlagValues): ServiceOptions['cluster'] {
  if (id === undefined || addresses === undefined) return undefined
  return {clusterId: readClusterId(id), addresses: readAddresses(addresses)}
}

function readClusterId(text: string): bigint {
  if (!/^\d+$/.test(text)) throw wrongFlag(`--cluster-id must be a whole number, not ${text}.`)
  const id = text.length > 39 ? CLUSTER_ID_MAX + 1n : BigInt(text)
  if (id > CLUSTER_ID_MAX) throw wrongFlag(`--cluster-id must be at most 2^128 − 1 (${CLUSTER_ID_MAX}).`)
  return id
}

function readAddresses(text: string): string[] {
  const addresses = text.split(',').map((address) => readAddress(address.trim()))
  const twice = addresses.find((address, index) => addresses.indexOf(address) !== index)
  if (twice !== undefined) throw wrongFlag(`--addresses names ${twice} twice: give one address per replica.`)
  if (addresses.length > REPLICAS_MAX) {
    throw wrongFlag(`--addresses names ${addresses.length} replicas: a cluster has at most ${REPLICAS_MAX}.`)
  }
  return addresses
}

/** `HOST:PORT`, `[IPV6]:PORT` or `PORT` alone, which TigerBeetle reads as a port of 127.0.0.1. */
function readAddress(text: string): string {
  const [, host = '127.0.0.1', digits] =
    /^(?:([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.%]+\]):)?(\d+)$/.exec(text) ?? []
  if (digits === undefined) {
    throw wrongFlag(
      `--addresses must be HOST:PORT for each replica, with commas between them, not ${JSON.stringify(text)}.`,
    )
  }
  const port = Number(digits)
  if (port < 1 || port > PORT_MAX)
    throw wrongFlag(`--addresses: the port of ${text} must be between 1 and ${PORT_MAX}.`)
  return `${host}:${port}`
}

function wrongFlag(message: string): ParixError {
  return new ParixError('USAGE', message, {
    next: plainCommand('local start', {flags: {'cluster-id': '0', addresses: '127.0.0.1:3000'}}),
  })
}

/**
 * A name that nobody knows is a mistake in the flag. A resolver that does not answer now may answer later: the service
 * starts, and says that the cluster does not answer.
 *
 * @throws ParixError USAGE
 */
export async function requireResolvable(cluster: ServiceOptions['cluster']): Promise<void> {
  if (!cluster) return
  const {resolveAddress} = await import('./server/tigerbeetle/addresses.js')
  for (const address of cluster.addresses) {
    await resolveAddress(address).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTFOUND') throw wrongFlag(`--addresses: there is no host ${address.replace(/:\d+$/, '')}.`)
    })
  }
}
