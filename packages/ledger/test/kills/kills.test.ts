/**
 * Kills a writing process at a random moment, opens its ledger, and compares with what it was answered; again and again.
 *
 * LEDGER_KILLS sets how often (`npm run test:kills -w packages/ledger` does it 1,000 times).
 */

import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type Ledger, openLedger} from '@parix/ledger'
import {bundleScript, type Script} from '@parix/testkit'
import {expect} from 'chai'
import {ACCOUNTS, job} from './workload.js'

const KILLS = Number(process.env.LEDGER_KILLS ?? 40)
/** A new ledger after this many, so that opening stays quick. */
const KILLS_PER_LEDGER = 25

interface Tally {
  kills: number
  answered: number
  unansweredKept: number
  unansweredGone: number
  tornTails: number
}

class Expected {
  readonly debits = new Map<bigint, bigint>()
  readonly credits = new Map<bigint, bigint>()
  transfers = 0

  add({transfers, debits, credits}: ReturnType<typeof job>): void {
    this.transfers += transfers.length
    for (const [id, amount] of debits) this.debits.set(id, (this.debits.get(id) ?? 0n) + amount)
    for (const [id, amount] of credits) this.credits.set(id, (this.credits.get(id) ?? 0n) + amount)
  }
}

describe('kill -9 while writing', function () {
  this.timeout(60_000 + KILLS * 5000)
  let dir: string
  let script: Script

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'parix-kills-'))
    script = await bundleScript(new URL('./writer.ts', import.meta.url))
  })

  after(() => {
    script.remove()
    rmSync(dir, {recursive: true})
  })

  it(`${KILLS} times: nothing answered is lost, nothing is there by half, nothing twice`, async () => {
    const tally: Tally = {kills: 0, answered: 0, unansweredKept: 0, unansweredGone: 0, tornTails: 0}
    while (tally.kills < KILLS) {
      const directory = mkdtempSync(join(dir, 'ledger-'))
      const expected = new Expected()
      for (let i = 0; i < KILLS_PER_LEDGER && tally.kills < KILLS; i++) {
        const answered = await writeUntilKilled(script.path, directory, tally.kills)
        await check(directory, tally.kills, answered, expected, tally)
        tally.kills++
      }
      rmSync(directory, {recursive: true})
    }
    expect(tally.answered).to.be.greaterThan(tally.kills)
    console.log(
      `      ${tally.kills} kills: ${tally.answered} answered batches, all whole; of the unanswered ${tally.unansweredKept} whole, ${tally.unansweredGone} not there; ${tally.tornTails} torn tails`,
    )
  })
})

/** @returns the numbers of the batches that were answered */
async function writeUntilKilled(script: string, directory: string, run: number): Promise<Set<number>> {
  const child = spawn(process.execPath, [script, directory, String(run)], {stdio: ['ignore', 'pipe', 'inherit']})
  let output = ''
  let timer: NodeJS.Timeout | undefined
  const killAfter = (milliseconds: number) => {
    timer ??= setTimeout(() => child.kill('SIGKILL'), milliseconds)
  }
  // The moment is random by design: mostly in the middle of some write, sometimes while it starts or opens the ledger.
  if (Math.random() < 0.15) killAfter(Math.random() * 300)
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    killAfter(Math.random() * 120)
  })
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  clearTimeout(timer)
  expect(signal, output).to.equal('SIGKILL')
  const lines = output.split('\n').slice(0, -1)
  expect(lines.filter((line) => !line.endsWith(' ok'))).to.deep.equal([])
  return new Set(lines.map((line) => Number(line.split(' ')[0])))
}

async function check(
  directory: string,
  run: number,
  answered: Set<number>,
  expected: Expected,
  tally: Tally,
): Promise<void> {
  const ledger = await openLedger({directory})
  if (ledger.recovered.tornTail) tally.tornTails++
  const last = Math.max(-1, ...answered)
  for (let k = 0; k <= last + 4; k++) {
    const batch = job(run, k)
    const found = await ledger.lookupTransfers(batch.transfers.map(({id}) => id))
    const isWhole = found.length === batch.transfers.length
    if (answered.has(k)) expect(isWhole, `run ${run}: answered batch ${k} is whole`).to.equal(true)
    else expect([0, batch.transfers.length], `run ${run}: batch ${k} is there by half`).to.include(found.length)
    if (answered.has(k)) tally.answered++
    else if (isWhole) tally.unansweredKept++
    else tally.unansweredGone++
    if (isWhole) expected.add(batch)
  }
  await checkBalances(ledger, run, expected)
  await ledger.close()
}

async function checkBalances(ledger: Ledger, run: number, expected: Expected): Promise<void> {
  const ids = Array.from({length: ACCOUNTS}, (_, i) => BigInt(i + 1))
  for (const account of await ledger.lookupAccounts(ids)) {
    const {id, debits_pending, debits_posted, credits_pending, credits_posted} = account
    expect([debits_posted, credits_posted], `run ${run}: account ${id}`).to.deep.equal([
      expected.debits.get(id) ?? 0n,
      expected.credits.get(id) ?? 0n,
    ])
    expect([debits_pending, credits_pending]).to.deep.equal([0n, 0n])
  }
}
