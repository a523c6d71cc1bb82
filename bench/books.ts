/**
 * What reads the books of a large database, against the local service in a process of its own: audits, a statement of an
 * account with 1,000 rows, reports. `npm run bench:books -- [transfers]`. Limits at 10,000,000 transfers: --deep 240 s (goal
 * 120) and 300 MB, --replay 360 s (180), the statement 1 s.
 */

import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {accountBatches, accountId, EVENTS, transferBatches} from './http/batches.js'
import {cli} from './http/cli.js'
import {post, startTarget, type Target} from './http/client.js'

const transfers = Number(process.argv[2] ?? 1_000_000)
const KIND = 'short'
const FEW = '999999'
const FEW_ROWS = 1_000

/** @returns the id of the database */
async function fill(target: Target): Promise<string> {
  const made = await post(target, '/api/v1/databases', Buffer.from(JSON.stringify({name: 'books'})))
  const {database} = JSON.parse(made.body.toString('utf8')) as {database: {id: string}}
  const path = `/api/v1/databases/${database.id}/tb`
  const send = async (operation: string, body: Buffer) => {
    let response = await post(target, `${path}/${operation}`, body)
    while (response.status === 503) response = await post(target, `${path}/${operation}`, body)
    if (response.status !== 200) throw new Error(response.body.toString('utf8').slice(0, 300))
  }
  for (const batch of accountBatches(KIND)) await send('create_accounts', batch)
  await send('create_accounts', Buffer.from(`[{"id":"${FEW}","ledger":1,"code":1}]`))
  const batches = Math.ceil(transfers / EVENTS)
  let few = 0
  for (let done = 0; done < batches; done++) {
    await send('create_transfers', transferBatches(1, KIND)[0]!)
    // Spread over the whole history.
    const due = Math.floor((FEW_ROWS * (done + 1)) / batches) - few
    if (due === 0) continue
    const rows = Array.from({length: due}, () => {
      const [id, other] = [10n ** 20n + BigInt(few++), accountId(few % 1000, KIND)]
      return `{"id":"${id}","debit_account_id":"${FEW}","credit_account_id":"${other}","amount":"7","ledger":1,"code":1}`
    })
    await send('create_transfers', Buffer.from(`[${rows.join(',')}]`))
  }
  return database.id
}

const directory = mkdtempSync(join(tmpdir(), 'parix-bench-books-'))
const target = await startTarget('./service-server.ts', join(directory, 'service'))
try {
  const database = await fill(target)
  console.log(`${transfers.toLocaleString('en-US')} transfers and ${FEW_ROWS.toLocaleString('en-US')} of one account`)
  for (const words of [
    ['tb', 'statement', database, FEW],
    ['tb', 'balance', database, FEW],
    ['tb', 'report', 'trial-balance', database],
    ['tb', 'audit', database],
    ['tb', 'audit', database, '--deep'],
    ['tb', 'audit', database, '--replay'],
  ]) {
    const {seconds, cpuSeconds, rssMb} = await cli(target, directory, [...words, '-q'])
    const name = words.filter((word) => word !== database && word !== FEW).join(' ')
    console.log(
      `  ${name.padEnd(26)} ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU, ${Math.round(rssMb)} MB`,
    )
  }
} finally {
  target.stop()
  rmSync(directory, {recursive: true, force: true})
}
