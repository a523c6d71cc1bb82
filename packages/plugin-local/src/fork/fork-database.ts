import {createHmac, randomBytes} from 'node:crypto'
import {type Api, readDatabaseInfo} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {startProgress, type Terminal} from '@parix/kit/output'
import type {Row} from '../history.js'
import {createDatabase} from '../local-api.js'
import {type Copied, copyHistory} from './copy-history.js'
import {apiSource} from './row-source.js'

export interface ForkOptions {
  /** Of the service that has the database. */
  api: Api
  from: ResolvedDatabase
  /** Of the local service. */
  target: Api
  /** Of the copy. */
  name: string | undefined
  at: bigint | undefined
  anonymize: boolean
  terminal: Terminal
}

export interface Fork extends Copied {
  database: {id: string; name: string}
  from: {id: string; name: string; baseUrl: string}
}

/** Copies a database into a new one of the local service; where that fails, the new one is removed. */
export async function forkDatabase({
  api,
  from,
  target,
  at,
  anonymize,
  terminal,
  ...wanted
}: ForkOptions): Promise<Fork> {
  const {database: known} = await api.get(`/databases/${encodeURIComponent(from.id)}`, {}, readDatabaseInfo)
  const name = wanted.name ?? `${known.name || from.name}-fork`
  const text = `Copying ${from.name}`
  const progress = startProgress(terminal, {text})
  let copied: Copied | undefined
  try {
    const id = await createDatabase(target, name, async (databaseId) => {
      copied = await copyHistory({
        source: apiSource(api, from.id),
        ...{api: target, databaseId, at},
        ...(anonymize && {disguise: createDisguise()}),
        progress: (done) => progress.update({text, done, unit: 'transfers'}),
      })
    })
    const baseUrl = api.base.url.href.replace(/\/+$/, '')
    return {...copied!, database: {id, name}, from: {id: from.id, name: known.name || from.name, baseUrl}}
  } finally {
    progress.end()
  }
}

const ID_MAX = 2n ** 128n - 1n

/** Fields of each width; the same value becomes the same value wherever it is. */
const IDS = ['id', 'debit_account_id', 'credit_account_id', 'pending_id'] as const
const DATA = {user_data_128: 128, user_data_64: 64, user_data_32: 32} as const

/**
 * Puts other ids and other user data in the place of those that there are, by a keyed hash whose key is forgotten: who has the
 * rows can't find out what they were. Amounts, times, ledgers, codes and flags stay, and so does which row refers to which.
 */
function createDisguise(key: Uint8Array = randomBytes(32)): (kind: 'account' | 'transfer', row: Row) => Row {
  const known = new Map<string, bigint>()
  /** 0 means that there is none, in every field. */
  const hide = (domain: string, value: Row[string], bits: number): bigint => {
    if (BigInt(value) === 0n) return 0n
    const name = `${domain} ${value}`
    const found = known.get(name) ?? hash(key, name, bits)
    if (domain === 'account') known.set(name, found)
    return found
  }
  return (kind, row) => {
    const changed: Record<string, bigint | number | string> = {...row}
    for (const field of IDS) {
      const domain = kind === 'account' || field.endsWith('account_id') ? 'account' : 'transfer'
      if (row[field] !== undefined) changed[field] = hide(domain, row[field], 128)
    }
    for (const [field, bits] of Object.entries(DATA))
      if (row[field] !== undefined) changed[field] = hide(`data${bits}`, row[field], bits)
    return changed
  }
}

/** Never 0 nor an id that the ledger refuses. */
function hash(key: Uint8Array, name: string, bits: number): bigint {
  for (let attempt = 0; ; attempt++) {
    const digest = createHmac('sha256', key).update(`${attempt} ${name}`).digest('hex')
    const value = BigInt(`0x${digest.slice(0, bits / 4)}`)
    if (value !== 0n && value !== ID_MAX) return value
  }
}
