/** How fast create_transfers is, one batch in flight, durable. Making the batch is not counted. */

import {BATCH_EVENTS_MAX, CreateTransferStatus, type Ledger} from '@parix/ledger'
import {makeTransfers} from './load.js'

export interface Writes {
  perSecond: number
  medianMs: number
  longestMs: number
  /** Processor time of this process for a batch, the sync's thread included, making the batch not. */
  cpuMs: number
}

/** Creates `batches` full batches; keeps some of the ids in `ids`, for reads. */
export async function write(ledger: Ledger, batches: number, ids: bigint[]): Promise<Writes> {
  const times: number[] = []
  let cpu = 0
  for (let i = 0; i < batches; i++) {
    const batch = makeTransfers()
    const cpuBefore = process.cpuUsage()
    const started = performance.now()
    const results = await ledger.createTransfers(batch)
    times.push(performance.now() - started)
    const {user, system} = process.cpuUsage(cpuBefore)
    cpu += user + system
    const failed = results.find(({status}) => status !== CreateTransferStatus.created)
    if (failed) throw new Error(`a transfer failed: ${CreateTransferStatus[failed.status]}`)
    for (let k = 0; k < 10; k++) ids.push(batch[Math.floor(Math.random() * batch.length)]!.id)
  }
  const total = times.reduce((a, b) => a + b, 0)
  times.sort((a, b) => a - b)
  return {
    perSecond: (batches * BATCH_EVENTS_MAX * 1000) / total,
    medianMs: times[Math.floor(times.length / 2)]!,
    longestMs: times.at(-1)!,
    cpuMs: cpu / 1000 / batches,
  }
}

/** Single transfers per second, from this many callers that each wait for their answer. */
export async function writeSingles(ledger: Ledger, callers: number, milliseconds: number): Promise<number> {
  const started = performance.now()
  let count = 0
  const caller = async () => {
    while (performance.now() - started < milliseconds) {
      await ledger.createTransfers(makeTransfers(1))
      count++
    }
  }
  await Promise.all(Array.from({length: callers}, caller))
  return (count * 1000) / (performance.now() - started)
}
