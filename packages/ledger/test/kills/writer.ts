/** Writes batch after batch, three at a time, says which were answered, and never stops by itself. */

import {writeSync} from 'node:fs'
import {CreateTransferStatus, openLedger} from '@parix/ledger'
import {plainAccount} from '../random-events.js'
import {ACCOUNTS, job} from './workload.js'

const IN_FLIGHT = 3
const [directory = '', run = ''] = process.argv.slice(2)

const ledger = await openLedger({directory})
await ledger.createAccounts(Array.from({length: ACCOUNTS}, (_, i) => ({...plainAccount(BigInt(i + 1)), flags: 8})))
let next = 0

async function write(): Promise<void> {
  for (;;) {
    const k = next++
    const results = await ledger.createTransfers(job(Number(run), k).transfers)
    const failed = results.find(({status}) => status !== CreateTransferStatus.created)
    writeSync(1, `${k} ${failed ? CreateTransferStatus[failed.status] : 'ok'}\n`)
  }
}

await Promise.all(Array.from({length: IN_FLIGHT}, write))
