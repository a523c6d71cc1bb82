import type {Holder, Instance} from './server/store/instance.js'

/** What `start` and `status` print: how to reach the service, and as whom. */
export interface LocalService {
  baseUrl: string
  user: {id: string; email: string; name: string}
  organization: {id: string; name: string; slug: string; memberRole: string}
  apiKey: string
  dataDir: string
  pid: number
}

/** The holder of `dataDir`, without loading the server. */
export async function findHolder(dataDir: string): Promise<Holder> {
  const {findHolder} = await import('./server/store/instance.js')
  return findHolder(dataDir)
}

/** Asks the running service who its first user is, by the key that its data folder holds. */
export async function describeRunning(dataDir: string, {baseUrl, port, pid}: Instance): Promise<LocalService> {
  const {readSecrets} = await import('./server/store/secrets.js')
  const apiKey = readSecrets(dataDir)?.apiKey ?? ''
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
    redirect: 'manual',
    headers: {'x-api-key': apiKey},
    signal: AbortSignal.timeout(5_000),
  })
  if (!answer.ok) {
    const {ParixError} = await import('@parix/kit/errors')
    throw new ParixError('UNAVAILABLE', `The local service at ${baseUrl} answered ${answer.status}.`, {
      code: 'not_answering',
      status: answer.status,
      next: 'parix local status',
    })
  }
  const {auth} = (await answer.json()) as {auth: Pick<LocalService, 'user' | 'organization'>}
  return {baseUrl, user: auth.user, organization: auth.organization, apiKey, dataDir, pid}
}
