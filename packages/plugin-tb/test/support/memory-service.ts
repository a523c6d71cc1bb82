import type {Api} from '@parix/kit/api'
import {memoryBooks} from './memory-books.js'

type Row = Record<string, string | number>

/** As `startBooks`, without a port, a disk and commands: for what asks a database and runs no command line. */
export interface MemoryService {
  api: Api
  /** Id of `books`. */
  database: string
  /** Calls the service past what is tested. @throws Error where it refuses */
  operate(operation: string, body: unknown): Promise<Row[]>
  /** An id that no test had before. */
  id(): number
  /** A transfer that is in the ledger; its id. */
  pay(from: number, to: number, amount: number | string, more?: Record<string, unknown>): Promise<number>
  stop(): Promise<void>
}

/**
 * Accounts on ledger 700: 1 and 2 without limits (with a history of balances), 4 with debits_must_not_exceed_credits, 6 with no
 * transfers at all; on ledger 978: 3 and 13.
 */
export const ACCOUNTS = [
  {id: 1, ledger: 700, code: 10, flags: 8},
  {id: 2, ledger: 700, code: 10},
  {id: 4, ledger: 700, code: 10, flags: 2},
  {id: 6, ledger: 700, code: 10},
  {id: 3, ledger: 978, code: 10},
  {id: 13, ledger: 978, code: 10},
]

/** With the accounts of `startBooks`, or none. The clock of the ledger is at the present. */
export async function startMemoryService(accounts: readonly object[] = ACCOUNTS): Promise<MemoryService> {
  const books = await memoryBooks()
  books.clock.now = BigInt(Date.now()) * 1_000_000n
  let next = 1000
  const service: MemoryService = {
    api: books.api,
    database: books.database.id,
    async operate(operation, body) {
      const target = `/databases/${books.database.id}/tb/${operation}`
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const response = await books.api.request({method: 'POST', target, body: text})
      const answer = response.body.toString('utf8')
      if (response.status > 299) throw new Error(`${operation}: ${response.status} ${answer}`)
      return (JSON.parse(answer) as {responsePayload: Row[]}).responsePayload
    },
    id: () => next++,
    async pay(from, to, amount, more = {}) {
      const id = next++
      await service.operate('create_transfers', [
        {id, debit_account_id: from, credit_account_id: to, amount, ledger: 700, code: 1, ...more},
      ])
      return id
    },
    stop: () => books.close(),
  }
  if (accounts.length > 0) await service.operate('create_accounts', accounts)
  return service
}
