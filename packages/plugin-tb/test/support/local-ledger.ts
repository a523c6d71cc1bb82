import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'

/** The whole local service on a directory of its own, with the database `books` READY in it. */
export interface LocalLedger {
  baseUrl: string
  port: number
  apiKey: string
  /** Id of `books`. */
  database: string
  /** Calls the API past the CLI, so that what the CLI did is judged by somebody else. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  operate(operation: string, body: unknown): Promise<Row[]>
  stop(): Promise<void>
}

type Row = Record<string, string | number>

export async function startLocalLedger(): Promise<LocalLedger> {
  const dataDir = mkdtempSync(join(tmpdir(), 'parix-tb-ledger-'))
  const service = await startService({port: 0, dataDir, provisionDelayMs: 0, removalDelayMs: 0, database: 'books'})
  const database = service.databaseId!
  const call = <T>(method: string, path: string, body?: unknown) => callApi<T>(service, method, path, body)
  return {
    baseUrl: service.baseUrl,
    port: service.port,
    apiKey: service.apiKey,
    database,
    call,
    operate: async (operation, body) => {
      const result = await call<{responsePayload: Row[]}>('POST', `/databases/${database}/tb/${operation}`, body)
      return result.responsePayload
    },
    async stop() {
      await service.close()
      rmSync(dataDir, {recursive: true, force: true})
    },
  }
}

async function callApi<T>({baseUrl, apiKey}: RunningService, method: string, path: string, body: unknown): Promise<T> {
  const result = await fetch(`${baseUrl}/api/v1${path}`, {
    method,
    headers: {'x-api-key': apiKey, 'content-type': 'application/json'},
    ...(body !== undefined && {body: typeof body === 'string' ? body : JSON.stringify(body)}),
  })
  const text = await result.text()
  if (!result.ok) throw new Error(`${method} ${path}: ${result.status} ${text}`)
  return JSON.parse(text) as T
}
