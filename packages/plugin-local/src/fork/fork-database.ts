import {type Api, readDatabaseInfo} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {startProgress, type Terminal} from '@parix/kit/output'
import {createDatabase} from '../local-api.js'
import {createDisguise} from './anonymize.js'
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
