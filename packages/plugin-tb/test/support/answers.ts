import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import type {RecordingService, ResponseScript, ScriptedResponse, TestHome} from '@parix/testkit'

/** Answers of the service, written out by hand as the contract has them. */

export const BOOKS = '11111111-2222-4333-8444-555555555555'

/** An answer to an operation. */
export function rows(
  operation: string,
  responsePayload: unknown,
  more: Record<string, unknown> = {},
): ScriptedResponse {
  return {
    json: {
      ok: true,
      operation,
      operationLabel: operation.replaceAll('_', ' '),
      databaseId: BOOKS,
      databaseName: 'books',
      clusterId: '0',
      provider: 'gcp',
      replicaCount: 1,
      targetHost: null,
      mode: 'live',
      persisted: true,
      docsUrl: 'https://docs.tigerbeetle.com',
      message: 'Done.',
      requestPayload: [],
      responsePayload,
      ...more,
    },
  }
}

export function created(...results: (string | [string, string])[]): ScriptedResponse {
  return rows(
    'create_transfers',
    results.map((result, index) => ({
      index,
      result: typeof result === 'string' ? result : result[0],
      timestamp: typeof result === 'string' ? String(1_700_000_000_000_000_001n + BigInt(index)) : result[1],
    })),
  )
}

/** The 409 of a batch with refused events. */
export function refused(...results: {index: number; result: string; code: number}[]): ScriptedResponse {
  return {
    status: 409,
    headers: {'content-type': 'application/problem+json'},
    json: {
      type: 'https://parix.io/problems/events-refused',
      title: 'Conflict',
      status: 409,
      detail: 'TigerBeetle refused events.',
      instance: '/requests/req_1',
      tbResults: results,
    },
  }
}

export function problem(status: number, kind: string, headers: Record<string, string> = {}): ScriptedResponse {
  return {
    status,
    headers: {'content-type': 'application/problem+json', ...headers},
    json: {type: `https://parix.io/problems/${kind}`, title: kind, status, detail: `The ${kind} problem.`},
  }
}

/** Scripts an operation of the database `books`. */
export function on(
  service: RecordingService,
  operation: string,
  ...scripts: [ResponseScript, ...ResponseScript[]]
): void {
  service.answer('POST', `/api/v1/databases/${BOOKS}/tb/${operation}`, ...scripts)
}

export function sent(service: RecordingService, operation: string): string[] {
  return service.to('POST', `/api/v1/databases/${BOOKS}/tb/${operation}`).map(({body}) => body)
}

export function account(fields: Record<string, unknown>): Record<string, unknown> {
  return {
    id: '1',
    debits_pending: '0',
    debits_posted: '0',
    credits_pending: '0',
    credits_posted: '0',
    user_data_128: '0',
    user_data_64: '0',
    user_data_32: 0,
    reserved: 0,
    ledger: 1,
    code: 1,
    flags: 0,
    timestamp: '1700000000000000001',
    ...fields,
  }
}

export function transfer(fields: Record<string, unknown>): Record<string, unknown> {
  return {
    id: '1',
    debit_account_id: '1',
    credit_account_id: '2',
    amount: '5',
    pending_id: '0',
    user_data_128: '0',
    user_data_64: '0',
    user_data_32: 0,
    timeout: 0,
    ledger: 1,
    code: 1,
    flags: 0,
    timestamp: '1700000000000000001',
    ...fields,
  }
}

/** `entry.json` of every entry in a home's outbox. */
export function entryFiles(home: TestHome): string[] {
  const root = `${home.path}/.local/state/parix/outbox`
  if (!existsSync(root)) return []
  const paths = readdirSync(root, {recursive: true, encoding: 'utf8'})
  return paths.filter((path) => path.endsWith('entry.json') && !path.includes('/.')).map((path) => `${root}/${path}`)
}

/** Changes the entries in a home's outbox, as another version or a damaged disk would leave them. */
export function editEntries(home: TestHome, edit: (file: Record<string, unknown>) => unknown): void {
  for (const path of entryFiles(home)) {
    const edited = edit(JSON.parse(readFileSync(path, 'utf8')))
    writeFileSync(path, typeof edited === 'string' ? edited : JSON.stringify(edited))
  }
}
