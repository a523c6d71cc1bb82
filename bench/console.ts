/**
 * Server time and size of the console's pages on a large ledger. A process of its own opens the ledger and visits each page
 * once and then again, as the pages of a service that has just started.
 *
 *     npm run bench:console -- [TRANSFERS] [RUNS]
 */

import {fork} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {BATCH_EVENTS_MAX, openLedger} from '@parix/ledger'
import {BLANK_ACCOUNT, BLANK_TRANSFER} from '@parix/ledger/schema'
import type {Visit} from './console/visit.js'

const ACCOUNTS = 100_000
const CODES = 12
/** One in this many is a hold, of which some are posted in the same batch. */
const HOLD_EVERY = 50
const DAY_NS = 86_400_000_000_000n

async function main(transfers: number, runs: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'parix-bench-console-'))
  try {
    await fill(directory, transfers)
    const all: Visit[][] = []
    for (let run = 0; run < runs; run++) all.push(await ask<Visit[]>(directory))
    console.log(
      `\n${transfers.toLocaleString('en-US')} transfers, ${runs} processes; medians of ms by the clock (greatest), and of processor time`,
    )
    console.log(
      `${'page'.padEnd(26)}${'first'.padStart(16)}${'cpu'.padStart(8)}${'again'.padStart(16)}${'cpu'.padStart(8)}${'kB'.padStart(8)}`,
    )
    for (const [index, {page, bytes}] of all[0]!.entries()) {
      const first = all.map((run) => run[index]!.firstMs)
      const again = all.flatMap((run) => run[index]!.againMs)
      const cpu = (values: readonly number[]) => median(values).toFixed(1).padStart(8)
      const firstCpu = cpu(all.map((run) => run[index]!.firstCpuMs))
      const againCpu = cpu(all.flatMap((run) => run[index]!.againCpuMs))
      console.log(
        `${page.padEnd(26)}${spread(first)}${firstCpu}${spread(again)}${againCpu}${(bytes / 1000).toFixed(0).padStart(8)}`,
      )
    }
    const delays = await ask<number[]>(directory, 'live')
    console.log(`live rows at 5,000 transfers/s: ${spread(delays).trim()} ms behind, ${delays.length} events`)
  } finally {
    await rm(directory, {recursive: true, force: true})
  }
}

async function fill(directory: string, transfers: number): Promise<void> {
  const ledger = await openLedger({directory})
  const today = ((BigInt(Date.now()) * 1_000_000n) / DAY_NS) * DAY_NS
  for (let from = 0; from < ACCOUNTS; from += BATCH_EVENTS_MAX) {
    const count = Math.min(BATCH_EVENTS_MAX, ACCOUNTS - from)
    await ledger.createAccountsAt(
      Array.from({length: count}, (_, n) => ({...BLANK_ACCOUNT, id: BigInt(from + n + 1), ...kind(from + n)})),
      today - 2n * DAY_NS + BigInt(from) * 1_000n,
    )
  }
  let id = 0n
  for (let from = 0; from < transfers; from += BATCH_EVENTS_MAX) {
    const count = Math.min(BATCH_EVENTS_MAX, transfers - from)
    // Of today are the last batches only: as many as a page takes back for the balances at the beginning of the day.
    const at = transfers - from <= 2 * BATCH_EVENTS_MAX ? today : today - DAY_NS
    await ledger.createTransfersAt(
      Array.from({length: count}, (_, n) => {
        const debit = below(ACCOUNTS / 2) * 2
        const credit = below(ACCOUNTS / 2) * 2
        return {
          ...BLANK_TRANSFER,
          id: ++id,
          debit_account_id: BigInt(debit + 1),
          credit_account_id: BigInt((credit === debit ? (credit + 2) % ACCOUNTS : credit) + 1),
          amount: BigInt(1 + below(100_000)),
          ledger: 1,
          code: 1 + below(8),
          ...(n % HOLD_EVERY === 0 && {flags: 2, timeout: 3_600}),
        }
      }),
      at + BigInt(from) * 1_000n,
    )
  }
  await ledger.close()
}

/** Even accounts are on ledger 1, odd ones on 2. */
function kind(index: number): {ledger: number; code: number} {
  return {ledger: 1 + (index % 2), code: 1 + ((index >> 1) % CODES)}
}

async function ask<T>(...words: string[]): Promise<T> {
  const child = fork(join(import.meta.dirname, 'console/visit.ts'), words)
  const [found] = (await once(child, 'message')) as [T]
  await once(child, 'exit')
  return found
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(1)} (${Math.max(...values).toFixed(1)})`.padStart(16)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function below(n: number): number {
  return Math.floor(Math.random() * n)
}

const [transfers = 1_000_000, runs = 5] = process.argv.slice(2).map(Number)
await main(transfers, runs)
