import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type Account, BLANK_ACCOUNT, type Ledger, openLedger, type Transfer} from '@parix/ledger'

export const START = 1_700_000_000_000_000_000n
const SECOND = 1_000_000_000n

/** Everything that the public operations say of a ledger at one moment. */
export interface History {
  accounts: Map<bigint, Account>
  transfers: Transfer[]
  /** The clock when it was read. */
  now: bigint
}

/**
 * A random history in a real embedded ledger: plain transfers, holds with and without timeouts, partial posts, voids,
 * expiries, balancing transfers and chains, on two ledgers.
 *
 * @param random a seeded generator of numbers in [0, 1)
 * @param closings whether accounts are closed and reopened as well
 */
export async function randomHistory(random: () => number, steps: number, closings = false): Promise<History> {
  const directory = mkdtempSync(join(tmpdir(), 'parix-books-'))
  const clock = {now: START}
  const ledger = await openLedger({directory, now: () => clock.now})
  try {
    await createAccounts(ledger)
    const pending: Transfer[] = []
    let nextId = 1000n
    for (let step = 0; step < steps; step++) {
      clock.now += BigInt(Math.floor(random() * 20)) * SECOND
      await ledger.expirePendingTransfers()
      const batch = Array.from({length: 1 + Math.floor(random() * 5)}, () =>
        closings && random() < 0.03 ? closing(random, nextId++, pending) : event(random, nextId++, pending),
      )
      const chained = random() < 0.3
      await ledger.createTransfers(
        batch.map((item, i) => ({...item, flags: item.flags | (chained && i < batch.length - 1 ? 1 : 0)})),
      )
    }
    return {accounts: await allAccounts(ledger), transfers: await allTransfers(ledger), now: clock.now}
  } finally {
    await ledger.close()
    rmSync(directory, {recursive: true})
  }
}

function event(random: () => number, id: bigint, pending: Transfer[]): Transfer {
  const ledger = random() < 0.7 ? 1 : 2
  const first = ledger === 1 ? 1 : 5
  const from = first + Math.floor(random() * 4)
  const to = first + ((from - first + 1 + Math.floor(random() * 3)) % 4)
  const base: Transfer = {
    id,
    debit_account_id: BigInt(from),
    credit_account_id: BigInt(to),
    amount: BigInt(Math.floor(random() * 1000)),
    pending_id: 0n,
    user_data_128: 0n,
    user_data_64: 0n,
    user_data_32: 0,
    timeout: 0,
    ledger,
    code: 1 + Math.floor(random() * 3),
    flags: 0,
    timestamp: 0n,
  }
  const kind = random()
  if (kind < 0.25) {
    const held = {...base, flags: 2, timeout: random() < 0.5 ? 1 + Math.floor(random() * 30) : 0}
    pending.push(held)
    return held
  }
  const hold = pending[Math.floor(random() * pending.length)]
  if (kind < 0.5 && hold !== undefined) {
    const post = random() < 0.6
    const amount = post ? BigInt(Math.floor(random() * (Number(hold.amount) + 1))) : 0n
    return {
      ...base,
      debit_account_id: 0n,
      credit_account_id: 0n,
      ledger: 0,
      code: 0,
      amount,
      pending_id: hold.id,
      flags: post ? 4 : 8,
    }
  }
  if (kind < 0.6) return {...base, flags: random() < 0.5 ? 16 : 32}
  return base
}

/** Closes one of two accounts; voided, or when its time is over, it opens it again. */
function closing(random: () => number, id: bigint, pending: Transfer[]): Transfer {
  const made = {
    ...event(() => 0.7, id, []),
    debit_account_id: BigInt(1 + Math.floor(random() * 2)),
    credit_account_id: BigInt(3 + Math.floor(random() * 2)),
    ledger: 1,
    amount: 0n,
    flags: 2 | (random() < 0.5 ? 64 : 128),
    timeout: random() < 0.7 ? 1 + Math.floor(random() * 20) : 0,
  }
  pending.push(made)
  return made
}

async function createAccounts(ledger: Ledger): Promise<void> {
  await ledger.createAccounts(
    Array.from({length: 8}, (_, i) => ({
      ...BLANK_ACCOUNT,
      id: BigInt(i + 1),
      ledger: i < 4 ? 1 : 2,
      code: 10 * (1 + (i % 4)),
      flags: i % 4 === 1 ? 2 : i % 4 === 2 ? 8 : 0,
    })),
  )
}

const EVERYTHING = {
  user_data_128: 0n,
  user_data_64: 0n,
  user_data_32: 0,
  ledger: 0,
  code: 0,
  timestamp_max: 0n,
  limit: 8189,
  flags: 0,
}

async function allAccounts(ledger: Ledger): Promise<Map<bigint, Account>> {
  const rows = await ledger.queryAccounts({...EVERYTHING, timestamp_min: 0n})
  return new Map(rows.map((row) => [row.id, row]))
}

async function allTransfers(ledger: Ledger): Promise<Transfer[]> {
  const all: Transfer[] = []
  for (let from = 0n; ; ) {
    const page = await ledger.queryTransfers({...EVERYTHING, timestamp_min: from})
    all.push(...page)
    if (page.length === 0) return all
    from = page.at(-1)!.timestamp + 1n
  }
}

/** mulberry32: a seed names a history. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
