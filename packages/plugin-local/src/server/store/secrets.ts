import {randomBytes} from 'node:crypto'
import {ServiceFault} from '../faults.js'
import {FILES, readPrivateFile, writePrivateFile} from './folder.js'

/** What one installation keeps to itself: made at the first start, 0600, gone with `reset`. */
export interface Secrets {
  /** Tells installations apart; not secret, and part of the cookies' names. */
  installationId: string
  /** Signs cookies and encrypts the signing keys in the database. */
  authSecret: string
  /** The first user's API key, kept so that `start` and `status` can print it. Made once the user exists. */
  apiKey?: string
}

/** The secrets of `dataDir`, made where there are none. */
export function loadSecrets(dataDir: string): Secrets {
  const secrets = readSecrets(dataDir)
  if (secrets) return secrets
  const fresh: Secrets = {
    installationId: randomBytes(4).toString('hex'),
    authSecret: randomBytes(32).toString('base64url'),
  }
  saveSecrets(dataDir, fresh)
  return fresh
}

/** The secrets of `dataDir`, or undefined before its first start. */
export function readSecrets(dataDir: string): Secrets | undefined {
  const text = readPrivateFile(dataDir, FILES.secrets)
  if (text === undefined) return undefined
  const secrets = parse(text)
  if (typeof secrets?.installationId === 'string' && typeof secrets.authSecret === 'string') return secrets as Secrets
  throw new ServiceFault('DATA_DIR_UNUSABLE', `${FILES.secrets} in ${dataDir} is damaged.`)
}

export function saveSecrets(dataDir: string, secrets: Secrets): void {
  writePrivateFile(dataDir, FILES.secrets, `${JSON.stringify(secrets, null, 2)}\n`)
}

function parse(text: string): Partial<Secrets> | undefined {
  try {
    return JSON.parse(text) as Partial<Secrets>
  } catch {
    return undefined
  }
}
