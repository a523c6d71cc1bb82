import {randomBytes} from 'node:crypto'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {dataDirFault, ServiceFault} from '../faults.js'
import {FILES, readPrivateFile, writePrivateFile} from './data-directory.js'
import {type Database, hasTables} from './database.js'

/** What one installation keeps to itself: created at the first start, 0600, removed by `reset`. */
export interface Secrets {
  /** Distinguishes installations; not secret, and part of the cookies' names. */
  installationId: string
  /** Signs cookies and encrypts the signing keys in the database. */
  authSecret: string
  /** The first user's API key, kept so that `start` and `status` can print it. Created once the user exists. */
  apiKey?: string
}

/**
 * The secrets of `dataDir`, created at its first start only.
 *
 * @throws ServiceFault DATA_DIR_UNUSABLE if they can't be read, or if a part of the directory is missing: a service that
 * starts afresh beside old ledgers would say that there are none
 */
export function loadSecrets(dataDir: string, database: Database, durable = true): Secrets {
  const secrets = readSecrets(dataDir)
  const isFresh = !hasTables(database)
  if (isFresh && (secrets?.apiKey !== undefined || hasLedgers(dataDir))) {
    throw missing(dataDir, `${FILES.database} is missing or empty, and the rest of it is there`)
  }
  if (!isFresh && !secrets) throw missing(dataDir, `${FILES.secrets} is missing beside ${FILES.database}`)
  if (secrets) return secrets
  const fresh: Secrets = {
    installationId: randomBytes(4).toString('hex'),
    authSecret: randomBytes(32).toString('base64url'),
  }
  saveSecrets(dataDir, fresh, durable)
  return fresh
}

function missing(dataDir: string, what: string): ServiceFault {
  return new ServiceFault(
    'DATA_DIR_UNUSABLE',
    `The data directory ${dataDir} is incomplete: ${what}. Restore it from a backup; without one, remove what is left.`,
  )
}

/** Whether there are ledgers in `dataDir`. @throws ServiceFault if that can't be seen */
export function hasLedgers(dataDir: string): boolean {
  try {
    return readdirSync(join(dataDir, FILES.ledgers)).length > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw dataDirFault(join(dataDir, FILES.ledgers), error) ?? error
  }
}

/** The secrets of `dataDir`, or undefined before its first start. */
export function readSecrets(dataDir: string): Secrets | undefined {
  const text = readPrivateFile(dataDir, FILES.secrets)
  if (text === undefined) return undefined
  const secrets = parse(text)
  if (typeof secrets?.installationId === 'string' && typeof secrets.authSecret === 'string') return secrets as Secrets
  throw new ServiceFault('DATA_DIR_UNUSABLE', `${FILES.secrets} in ${dataDir} is damaged.`, {remedy: 'reset'})
}

export function saveSecrets(dataDir: string, secrets: Secrets, durable: boolean): void {
  writePrivateFile(dataDir, FILES.secrets, `${JSON.stringify(secrets, null, 2)}\n`, durable)
}

function parse(text: string): Partial<Secrets> | undefined {
  try {
    return JSON.parse(text) as Partial<Secrets>
  } catch {
    return undefined
  }
}
