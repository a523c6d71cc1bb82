/**
 * create_transfers, then pages of query_transfers, through the local service, beside the least that a JSON service can do (the floor) and the ledger alone.
 * Each in a process of its own, in turn, batches of 8,189. `npm run bench:http -- [rounds] [batches]`
 */

import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {openLedger} from '@parix/ledger'
import {ACCOUNTS, type AccountIds, accountBatches, accountId, EVENTS, transferBatches} from './http/batches.js'
import {drive, post, startTarget, type Target, type Timing} from './http/client.js'

const rounds = Number(process.argv[2] ?? 5)
const batchesPerRound = Number(process.argv[3] ?? 28)

async function makeDatabase(target: Target, kind: AccountIds): Promise<string> {
  const made = await post(target, '/api/v1/databases', Buffer.from(JSON.stringify({name: kind})))
  const {database} = JSON.parse(made.body.toString('utf8')) as {database: {id: string}}
  const at = `/api/v1/databases/${database.id}/tb`
  for (const batch of accountBatches(kind)) {
    let answer = await post(target, `${at}/create_accounts`, batch)
    while (answer.status === 503) answer = await post(target, `${at}/create_accounts`, batch)
    if (answer.status !== 200) throw new Error(answer.body.toString('utf8').slice(0, 500))
  }
  return `${at}/create_transfers`
}

/** The ledger without HTTP and JSON: objects in, results out. */
async function driveLedger(directory: string, kind: AccountIds): Promise<number> {
  const ledger = await openLedger({directory})
  const none = {user_data_128: 0n, user_data_64: 0n, user_data_32: 0, timestamp: 0n, flags: 0, ledger: 1, code: 1}
  const zero = {debits_pending: 0n, debits_posted: 0n, credits_pending: 0n, credits_posted: 0n, reserved: 0}
  const accounts = Array.from({length: ACCOUNTS}, (_, i) => ({id: BigInt(accountId(i, kind)), ...zero, ...none}))
  for (let i = 0; i < ACCOUNTS; i += EVENTS) await ledger.createAccounts(accounts.slice(i, i + EVENTS))
  let busyMs = 0
  for (const batch of transferBatches(batchesPerRound, kind)) {
    const events = (JSON.parse(batch.toString('utf8')) as Record<string, string>[]).map((event) => ({
      ...none,
      id: BigInt(event.id!),
      debit_account_id: BigInt(event.debit_account_id!),
      credit_account_id: BigInt(event.credit_account_id!),
      amount: BigInt(event.amount!),
      pending_id: 0n,
      timeout: 0,
    }))
    const at = performance.now()
    await ledger.createTransfers(events)
    busyMs += performance.now() - at
  }
  await ledger.close()
  return (batchesPerRound * EVENTS * 1000) / busyMs
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function line(name: string, timings: Timing[], floor?: Timing[]): void {
  const of = (pick: (timing: Timing) => number, all = timings) => median(all.map(pick))
  const rates = timings.map((timing) => timing.perSecond)
  const k = (value: number) => `${Math.round(value / 1000)}k`
  const shares =
    floor === undefined
      ? ''
      : `  of the floor: ${(of((t) => t.perSecond) / of((t) => t.perSecond, floor)).toFixed(2)} by the clock, ` +
        `${(of((t) => t.cpuMs, floor) / of((t) => t.cpuMs)).toFixed(2)} by processor time`
  console.log(
    `${name.padEnd(8)} ${k(median(rates))}/s (${k(Math.min(...rates))}-${k(Math.max(...rates))})` +
      `  p50 ${of((t) => t.p50).toFixed(1)} ms  p99 ${of((t) => t.p99).toFixed(1)} ms  cpu ${of((t) => t.cpuMs).toFixed(1)} ms${shares}`,
  )
}

/** Full pages of the newest transfers, which the rounds before have made. */
async function compareReads(floor: Target, service: Target, path: string): Promise<void> {
  const queries = Array.from({length: batchesPerRound}, () => Buffer.from(`{"flags":1,"limit":${EVENTS}}`))
  const timings = {floor: [] as Timing[], service: [] as Timing[]}
  for (let round = 0; round <= rounds; round++) {
    const ofFloor = await drive(floor, '/rows', queries, EVENTS)
    const ofService = await drive(service, path, queries, EVENTS)
    if (round > 0) timings.floor.push(ofFloor)
    if (round > 0) timings.service.push(ofService)
  }
  console.log(`query_transfers, pages of ${EVENTS} rows`)
  line('floor', timings.floor)
  line('service', timings.service, timings.floor)
}

const dir = mkdtempSync(join(tmpdir(), 'parix-bench-'))
const targets: Target[] = []
try {
  const floor = await startTarget('./floor-server.ts')
  targets.push(floor)
  const service = await startTarget('./service-server.ts', join(dir, 'service'))
  targets.push(service)
  for (const kind of ['short', 'long'] as const) {
    const path = await makeDatabase(service, kind)
    const timings = {floor: [] as Timing[], service: [] as Timing[]}
    for (let round = 0; round <= rounds; round++) {
      const batches = transferBatches(batchesPerRound, kind)
      const ofFloor = await drive(floor, '/', batches, EVENTS)
      const ofService = await drive(service, path, batches, EVENTS)
      // The first round warms both up.
      if (round > 0) timings.floor.push(ofFloor)
      if (round > 0) timings.service.push(ofService)
    }
    const size = (transferBatches(1, kind)[0]!.length / 1e6).toFixed(2)
    console.log(
      `\n${kind} account ids, ${EVENTS} transfers per batch (${size} MB), ${batchesPerRound} batches, ${rounds} rounds`,
    )
    line('floor', timings.floor)
    line('service', timings.service, timings.floor)
    await compareReads(floor, service, path.replace('create_transfers', 'query_transfers'))
    const alone = await driveLedger(join(dir, `ledger-${kind}`), kind)
    console.log(`ledger    ${Math.round(alone / 1000)}k/s alone, in this process, objects in and out`)
  }
} finally {
  for (const target of targets) target.stop()
  rmSync(dir, {recursive: true, force: true})
}
