import {ParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import type {Details} from '@parix/kit/output'
import {localCommand} from './local-command.js'
import type {Holder, Instance} from './server/store/instance.js'

/** What `start` and `status` print: how to reach the service, and as whom. */
export interface LocalService {
  baseUrl: string
  user: {id: string; email: string; name: string}
  organization: {id: string; name: string; slug: string; memberRole: string}
  apiKey: string
  dataDir: string
  pid: number
  /** The TigerBeetle cluster behind it, where it has one. */
  cluster?: {id: string; addresses: readonly string[]; answering: boolean; reason?: string}
}

/** The process that has `dataDir` open, without loading the server. */
export async function findHolder(dataDir: string): Promise<Holder> {
  const {findHolder} = await import('./server/store/instance.js')
  return findHolder(dataDir)
}

/** The API key that `dataDir` holds, if any: to print it in full only when it is new. */
export async function storedApiKey(dataDir: string): Promise<string | undefined> {
  const {readSecrets} = await import('./server/store/secrets.js')
  return readSecrets(dataDir)?.apiKey
}

/**
 * Asks the running service who its first user is, by the key in its data directory.
 *
 * @throws ParixError UNAVAILABLE `not_answering` if the response is not what the service says
 */
export async function describeRunning(dataDir: string, {baseUrl, port, pid}: Instance): Promise<LocalService> {
  const {askInstance} = await import('./server/store/instance.js')
  const apiKey = (await storedApiKey(dataDir)) ?? ''
  const response = await askInstance(port, '/api/v1/session', {'x-api-key': apiKey})
  const session = response?.status === 200 ? readSession(response.body) : undefined
  if (session) {
    const cluster = readCluster((await askInstance(port, '/health'))?.body)
    return {baseUrl, ...session, apiKey, dataDir, pid, ...(cluster && {cluster})}
  }
  const what = response === undefined ? 'does not respond' : `gave an unexpected response (status ${response.status})`
  throw new ParixError('UNAVAILABLE', `The local service at ${baseUrl} ${what}.`, {
    code: 'not_answering',
    ...(response && {status: response.status}),
    next: [localCommand('status', dataDir), localCommand('stop', dataDir)],
  })
}

function readSession(body: unknown): Pick<LocalService, 'user' | 'organization'> | undefined {
  const {auth} = (body ?? {}) as {auth?: unknown}
  const {user, organization} = (auth ?? {}) as {user?: unknown; organization?: unknown}
  return hasTexts(user, ['id', 'email', 'name']) && hasTexts(organization, ['id', 'name', 'slug', 'memberRole'])
    ? ({user, organization} as Pick<LocalService, 'user' | 'organization'>)
    : undefined
}

function readCluster(health: unknown): LocalService['cluster'] {
  const {cluster} = (health ?? {}) as {cluster?: LocalService['cluster']}
  return hasTexts(cluster, ['id']) && Array.isArray(cluster?.addresses) ? cluster : undefined
}

function clusterRow({id, addresses, answering, reason}: NonNullable<LocalService['cluster']>): [string, string] {
  return ['cluster', `${id} at ${addresses.join(', ')}${answering ? '' : `; it does not respond: ${reason}`}`]
}

function hasTexts(value: unknown, names: readonly string[]): boolean {
  return names.every((name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'string')
}

/** @param showKey whether the API key is printed in full */
export function serviceDetails(service: LocalService, showKey: boolean): Details {
  const {baseUrl, user, organization, apiKey, dataDir, pid, cluster} = service
  return {
    details: [
      ['base URL', baseUrl],
      ['user', user.email],
      ['organization', `${organization.name} (${organization.memberRole})`],
      ['API key', showKey ? apiKey : `${apiKey.slice(0, KEY_START)}… (--show-key prints it)`],
      ['data', dataDir],
      ...(cluster ? [clusterRow(cluster)] : []),
      ['process', String(pid)],
    ],
  }
}

/** As many characters as the page of keys shows. */
const KEY_START = 6

/** What to do with it. */
export function howToUse({baseUrl}: LocalService): string {
  return `Console: ${baseUrl}/console\nSign in: ${renderCommand(nextCommand('auth login', {flags: {'base-url': baseUrl}}))}\nFor development and tests only, not for production.`
}

/** @throws ParixError FAILED `already_running`, with who runs there */
export async function refuseSecond(dataDir: string): Promise<void> {
  const holder = await findHolder(dataDir)
  if (holder.state === 'none') return
  const {instance} = holder
  const who = instance ? ` at ${instance.baseUrl} (process ${instance.pid})` : ''
  throw new ParixError('FAILED', `A local service is already running on ${dataDir}${who}.`, {
    code: 'already_running',
    next: [localCommand('status', dataDir), localCommand('stop', dataDir)],
  })
}

/**
 * The service that runs on `dataDir`.
 *
 * @throws ParixError NOT_FOUND `not_running`, UNAVAILABLE `not_answering`
 */
export async function runningService(dataDir: string): Promise<LocalService> {
  const holder = await findHolder(dataDir)
  if (holder.state === 'running') return describeRunning(dataDir, holder.instance)
  if (holder.state === 'silent') {
    const who = holder.instance ? `Process ${holder.instance.pid}` : 'A process'
    throw new ParixError('UNAVAILABLE', `${who} has ${dataDir} open, but does not respond: it is starting, or stuck.`, {
      code: 'not_answering',
      next: [localCommand('status', dataDir), localCommand('stop', dataDir)],
      retryable: true,
    })
  }
  throw new ParixError('NOT_FOUND', `No local service is running on ${dataDir}.`, {
    code: 'not_running',
    next: localCommand('start', dataDir),
  })
}
