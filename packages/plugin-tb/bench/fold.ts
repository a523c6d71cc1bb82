/**
 * CPU of the page reader per row, without a network: pages of 8,189 transfers from memory, folded to the sum of their
 * amounts; beside JSON.parse with the same fold. `npm run bench:fold -- [pages]`. The goal is 2.5 µs per row.
 */

import type {Api, ApiResponse} from '@parix/kit/api'
import {PAGE_ROWS_MAX} from '@parix/ledger/schema'
import {paginate} from '../src/reads/paginate.js'

const pages = Number(process.argv[2] ?? 60)
const START = 1_700_000_000_000_000_000n

function pageText(first: bigint): string {
  const rows = Array.from({length: PAGE_ROWS_MAX}, (_, index) => ({
    id: String((1n << 120n) + first + BigInt(index)),
    debit_account_id: String(1n + (BigInt(index) % 1000n)),
    credit_account_id: String(1001n + (BigInt(index) % 1000n)),
    amount: String(12_345 + index),
    pending_id: '0',
    user_data_128: '0',
    user_data_64: '0',
    user_data_32: 0,
    timeout: 0,
    ledger: 700,
    code: 1,
    flags: 0,
    timestamp: String(START + first + BigInt(index)),
  }))
  return `{"ok":true,"requestPayload":[],"responsePayload":${JSON.stringify(rows)}}`
}

const bodies = Array.from({length: pages}, (_, page) => Buffer.from(pageText(BigInt(page * PAGE_ROWS_MAX))))

function fromMemory(): Api {
  let next = 0
  const headers = {'content-type': 'application/json'}
  const url = new URL('http://127.0.0.1/')
  const request = async () => {
    const body = bodies[next++] ?? Buffer.from('{"ok":true,"responsePayload":[]}')
    return {status: 200, headers, url, body} as unknown as ApiResponse
  }
  return {request} as unknown as Api
}

async function fold(columns: string[]): Promise<bigint> {
  const read = {
    api: fromMemory(),
    databaseId: 'books',
    operation: 'query_transfers',
    kind: 'query_filter',
    filter: {limit: BigInt(PAGE_ROWS_MAX), flags: 0n},
  } as const
  let sum = 0n
  for await (const page of paginate(read, columns)) {
    for (let row = 0; row < page.count; row++) {
      sum += page.bigint(row, 'amount')
      if (columns.length > 1) for (const column of columns) page.text(row, column)
    }
  }
  return sum
}

async function parseAll(): Promise<bigint> {
  let sum = 0n
  for (const body of bodies) {
    const {responsePayload} = JSON.parse(body.toString('utf8')) as {responsePayload: {amount: string}[]}
    for (const row of responsePayload) sum += BigInt(row.amount)
  }
  return sum
}

async function measure(name: string, work: () => Promise<bigint>): Promise<void> {
  await work()
  const before = process.cpuUsage()
  const sum = await work()
  const {user, system} = process.cpuUsage(before)
  console.log(`${name.padEnd(40)} ${((user + system) / (pages * PAGE_ROWS_MAX)).toFixed(2)} µs per row (sum ${sum})`)
}

await measure('page reader, sum of amounts', () => fold(['amount']))
await measure('page reader, four columns as text', () =>
  fold(['amount', 'id', 'debit_account_id', 'credit_account_id']),
)
await measure('JSON.parse, sum of amounts', parseAll)
