/**
 * `npm run bench:ledger -- [sizes]`: the ledger after 100,000, 1 and 10 million transfers, beside the floor, in turn.
 *
 * Other work on the machine moves every number; the ratios, measured within seconds of each other, move less.
 */

import {fork} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {BATCH_EVENTS_MAX, type Ledger, openLedger} from '@parix/ledger'
import {Floor} from './floor.js'
import {makeAccounts, median} from './load.js'
import {readAll} from './reads.js'
import {write, writeSingles} from './writes.js'

const WARM_UP_BATCHES = 40
const FLOOR_BATCHES = 12
/** The last stretch before each size is measured in this many pieces, each paired with the floor. */
const PIECES = 4

const sizes = process.argv.slice(2).map(Number)
if (sizes.length === 0) sizes.push(100_000, 1_000_000, 10_000_000)

const count = (n: number) =>
  Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')

async function reopen(directory: string): Promise<Reopened> {
  const child = fork(join(import.meta.dirname, 'reopen.ts'), [directory])
  const [message] = (await once(child, 'message')) as [Reopened]
  await once(child, 'exit')
  return message
}

interface Reopened {
  milliseconds: number
  cpuMs: number
  longestMs: number
  rss: number
}

interface Rate {
  perSecond: number
  ofFloor: number
}

async function measure(ledger: Ledger, floor: Floor, done: number, size: number, ids: bigint[]): Promise<Rate> {
  const piece = Math.max(2, Math.min(30, Math.floor(size / BATCH_EVENTS_MAX / 2 / PIECES)))
  const before = Math.max(0, Math.floor((size - done) / BATCH_EVENTS_MAX) - piece * PIECES)
  let longestMs = 0
  if (before > 0) longestMs = (await write(ledger, before, ids)).longestMs
  const rates: number[] = []
  const floors: number[] = []
  const medians: number[] = []
  const cpus: number[] = []
  for (let i = 0; i < PIECES; i++) {
    floors.push(await floor.measure(FLOOR_BATCHES))
    const writes = await write(ledger, piece, ids)
    rates.push(writes.perSecond)
    medians.push(writes.medianMs)
    cpus.push(writes.cpuMs)
    longestMs = Math.max(longestMs, writes.longestMs)
  }
  const ratio = median(rates.map((rate, i) => rate / floors[i]!))
  console.log(`\nat ${count(size)} transfers`)
  console.log(
    `  create_transfers     ${count(median(rates))} transfers/s, batch of 8,189: median ${median(medians).toFixed(1)} ms, longest so far ${longestMs.toFixed(0)} ms, processor ${median(cpus).toFixed(1)} ms`,
  )
  console.log(`  the floor            ${count(median(floors))} transfers/s; the ledger makes ${ratio.toFixed(2)} of it`)
  return {perSecond: median(rates), ofFloor: ratio}
}

async function run(directory: string, floor: Floor): Promise<void> {
  let ledger = await openLedger({directory})
  const accounts = makeAccounts()
  for (let i = 0; i < accounts.length; i += 5000) await ledger.createAccounts(accounts.slice(i, i + 5000))
  const ids: bigint[] = []
  await floor.measure(FLOOR_BATCHES)
  const diskBefore = ledger.bytesOnDisk
  const rates: Rate[] = []
  let done = 0
  for (const size of sizes) {
    rates.push(await measure(ledger, floor, done, size, ids))
    done = size
    for (const {name, medianMs, rows} of await readAll(ledger, ids)) {
      console.log(`  ${name.padEnd(50)} ${medianMs.toFixed(2).padStart(8)} ms, ${count(rows)} rows`)
    }
    const bytes = ledger.bytesOnDisk - diskBefore
    await ledger.close()
    const opened = await reopen(directory)
    console.log(`  disk                 ${(bytes / size).toFixed(0)} bytes per transfer`)
    console.log(`  memory               ${(opened.rss / size).toFixed(0)} bytes per transfer, everything included`)
    console.log(
      `  opening again        ${(opened.milliseconds / 1000).toFixed(2)} s (${(opened.cpuMs / 1000).toFixed(2)} s of processor time), then at most ${opened.longestMs.toFixed(0)} ms between reads`,
    )
    ledger = await openLedger({directory})
  }
  const [first, last] = [rates[0]!, rates.at(-1)!]
  const plain = (last.perSecond / first.perSecond).toFixed(2)
  const steady = (last.ofFloor / first.ofFloor).toFixed(2)
  console.log(
    `\nthe last size makes ${plain} of the first one's rate; counted in floors, which other work slows as well, ${steady}`,
  )
  const one: number[] = []
  const many: number[] = []
  for (let i = 0; i < 3; i++) {
    one.push(await writeSingles(ledger, 1, 700))
    many.push(await writeSingles(ledger, 64, 700))
  }
  const gain = median(many.map((rate, i) => rate / one[i]!))
  console.log(
    `single transfers: one caller ${count(median(one))}/s, 64 callers ${count(median(many))}/s: ${gain.toFixed(0)} times`,
  )
  await ledger.close()
}

/** The first calls of a process pay for compiling; they are made on a ledger of their own. */
async function warmUp(directory: string): Promise<void> {
  const ledger = await openLedger({directory})
  const accounts = makeAccounts()
  for (let i = 0; i < accounts.length; i += 5000) await ledger.createAccounts(accounts.slice(i, i + 5000))
  await write(ledger, WARM_UP_BATCHES, [])
  await ledger.close()
}

const dir = mkdtempSync(join(tmpdir(), 'parix-bench-'))
const floor = await Floor.start()
try {
  await warmUp(join(dir, 'warm-up'))
  await run(join(dir, 'ledger'), floor)
} finally {
  floor.stop()
  rmSync(dir, {recursive: true})
}
