/** Random requests that often hit the rules: few ids, few accounts, extreme numbers, chains, imports, timeouts. */

import {type Account, type AccountFilter, type QueryFilter, TransferFlags as T, type Transfer} from '@parix/ledger'

const MAX = (1n << 128n) - 1n

export type Request =
  | {op: 'createAccounts'; events: Account[]}
  | {op: 'createTransfers'; events: Transfer[]}
  | {op: 'lookupAccounts' | 'lookupTransfers'; ids: bigint[]}
  | {op: 'getAccountTransfers' | 'getAccountBalances'; filter: AccountFilter}
  | {op: 'queryAccounts' | 'queryTransfers'; filter: QueryFilter}
  | {op: 'expire'}

/** A small seeded generator (mulberry32), so that a seed names a run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface World {
  random: () => number
  now: bigint
  /** Whether imported batches and rising ids are in play, and how many accounts. */
  imports: boolean
  risingIds: boolean
  accounts: number
  /** Ids used so far, to meet them again. */
  transferIds: bigint[]
  pendingIds: bigint[]
  times: bigint[]
  nextId: bigint
  /** Events sent before, to be sent again, the same or changed in one field. */
  sentTransfers: Transfer[]
  sentAccounts: Account[]
}

export function makeWorld(seed: number): World {
  const random = seeded(seed)
  return {
    random,
    // Late enough, in some worlds, for a long timeout to pass the end of time.
    now: random() < 0.25 ? 6_000_000_000_000_000_000n : 1_700_000_000_000_000_000n,
    imports: random() < 0.4,
    risingIds: random() < 0.6,
    accounts: 3 + Math.floor(random() * 12),
    transferIds: [],
    pendingIds: [],
    times: [1n],
    nextId: 1000n,
    sentTransfers: [],
    sentAccounts: [],
  }
}

/** A request that gives a world the accounts its transfers mostly name. */
export function firstAccounts(world: World): Request {
  const imported = world.imports
  const events = Array.from({length: world.accounts}, (_, i) => ({
    ...plainAccount(accountNumber(i + 1)),
    ...userData(world),
    flags: pick(world, [0, 0, 8, 8, 2, 4, 10]) | (imported ? 16 : 0),
    timestamp: imported ? BigInt(i + 1) : 0n,
  }))
  world.times.push(BigInt(world.accounts + 1))
  return {op: 'createAccounts', events}
}

export function plainAccount(id: bigint): Account {
  const zero = {debits_pending: 0n, debits_posted: 0n, credits_pending: 0n, credits_posted: 0n}
  const data = {user_data_128: 0n, user_data_64: 0n, user_data_32: 0}
  return {id, ...zero, ...data, reserved: 0, ledger: 1, code: 1, flags: 0, timestamp: 0n}
}

export function plainTransfer(id: bigint, debit: bigint, credit: bigint, amount: bigint): Transfer {
  const data = {user_data_128: 0n, user_data_64: 0n, user_data_32: 0}
  const accounts = {debit_account_id: debit, credit_account_id: credit}
  return {id, ...accounts, amount, pending_id: 0n, ...data, timeout: 0, ledger: 1, code: 1, flags: 0, timestamp: 0n}
}

export function randomRequest(world: World): Request {
  const {random} = world
  world.now += BigInt(Math.floor(random() * 10) === 0 ? 1_500_000_000 : Math.floor(random() * 40))
  const dice = random()
  if (dice < 0.12) return {op: 'createAccounts', events: batch(world, randomAccount, world.sentAccounts)}
  if (dice < 0.62) return {op: 'createTransfers', events: batch(world, randomTransfer, world.sentTransfers)}
  if (dice < 0.66) return {op: 'expire'}
  if (dice < 0.7) return {op: 'lookupAccounts', ids: several(world, () => accountId(world))}
  if (dice < 0.74) return {op: 'lookupTransfers', ids: several(world, () => transferId(world))}
  const filter = randomFilter(world)
  const ledger = chance(world, 0.3) ? pick(world, [1, 2]) : 0
  const flags = pick(world, [0, 1, 0, 1, 0, 1, 2])
  if (dice < 0.8) return {op: 'queryAccounts', filter: {...filter, ledger, flags}}
  if (dice < 0.87) return {op: 'queryTransfers', filter: {...filter, ledger, flags}}
  const account_id = chance(world, 0.03) ? pick(world, [0n, MAX]) : accountId(world)
  const sides = {...filter, account_id, flags: pick(world, [1, 2, 3, 5, 6, 7, 3, 7, 0, 4, 8])}
  return {op: dice < 0.94 ? 'getAccountTransfers' : 'getAccountBalances', filter: sides}
}

function batch<E extends Account | Transfer>(
  world: World,
  make: (world: World, imported: boolean) => E,
  sent: E[],
): E[] {
  const imported = world.imports && chance(world, 0.5)
  const events = several(world, () => {
    if (sent.length > 0 && chance(world, 0.12)) return changed(world, pick(world, sent.slice(-60)))
    return make(world, chance(world, 0.03) ? !imported && world.imports : imported)
  })
  sent.push(...events)
  return events
}

/** The same event again, mostly with one field changed. */
function changed<E extends Account | Transfer>(world: World, event: E): E {
  if (chance(world, 0.4)) return event
  const fields = Object.keys(event).filter((field) => field !== 'id' && field !== 'timestamp') as (keyof E)[]
  const field = pick(world, fields)
  const value = event[field] as bigint | number
  const other =
    typeof value === 'bigint' ? pick(world, [0n, value + 1n, MAX, 3n]) & MAX : pick(world, [0, value ^ 1, 2]) & 0xffff
  return {...event, [field]: field === 'user_data_64' ? BigInt(other) & 0xffffffffffffffffn : other}
}

function several<R>(world: World, make: () => R): R[] {
  return Array.from({length: 1 + Math.floor(world.random() ** 2 * 12)}, make)
}

export function randomAccount(world: World, imported: boolean): Account {
  const odd = () => chance(world, 0.004)
  return {
    id: accountId(world),
    debits_pending: odd() ? 1n : 0n,
    debits_posted: odd() ? MAX : 0n,
    credits_pending: odd() ? 1n : 0n,
    credits_posted: odd() ? 1n << 70n : 0n,
    ...userData(world),
    reserved: odd() ? 1 : 0,
    ledger: odd() ? 0 : chance(world, 0.9) ? 1 : 2,
    code: odd() ? 0 : pick(world, [1, 1, 2]),
    flags:
      pick(world, [0, 0, 0, 8, 8, 2, 4, 10, 12]) |
      (chance(world, 0.12) ? 1 : 0) |
      (imported ? 16 : 0) |
      (chance(world, 0.02) ? 32 : 0) |
      (odd() ? 6 : 0) |
      (odd() ? 64 : 0),
    timestamp: timestamp(world, imported),
  }
}

export function randomTransfer(world: World, imported: boolean): Transfer {
  const {random} = world
  const odd = () => chance(world, 0.004)
  const flags =
    (chance(world, 0.15) ? T.linked : 0) |
    (imported ? T.imported : 0) |
    (odd() ? 1 << (9 + Math.floor(random() * 7)) : 0)
  const common = {
    ...userData(world),
    timestamp: timestamp(world, imported),
    timeout: 0,
    pending_id: 0n,
    ledger: odd() ? 0 : chance(world, 0.97) ? 1 : 2,
    code: odd() ? 0 : pick(world, [1, 1, 2]),
  }
  if (chance(world, 0.3) && world.pendingIds.length > 0) return randomResolution(world, common, flags)
  const id = transferId(world)
  const pending = chance(world, 0.4)
  if (pending) world.pendingIds.push(id)
  return {
    ...common,
    id,
    debit_account_id: odd() ? pick(world, [0n, MAX]) : accountId(world),
    credit_account_id: odd() ? pick(world, [0n, MAX]) : accountId(world),
    amount: amount(world),
    pending_id: odd() ? 5n : 0n,
    timeout: (pending && !imported && chance(world, 0.4)) || odd() ? pick(world, [1, 2, 3, 4294967295]) : 0,
    flags:
      flags |
      (pending ? T.pending : 0) |
      (chance(world, 0.08) ? T.balancing_debit : 0) |
      (chance(world, 0.08) ? T.balancing_credit : 0) |
      ((pending && chance(world, 0.03)) || odd() ? T.closing_debit : 0) |
      ((pending && chance(world, 0.03)) || odd() ? T.closing_credit : 0),
  }
}

type Common = Omit<Transfer, 'id' | 'debit_account_id' | 'credit_account_id' | 'amount' | 'flags'>

function randomResolution(world: World, common: Common, flags: number): Transfer {
  const odd = () => chance(world, 0.01)
  const isPost = chance(world, 0.5)
  return {
    ...common,
    id: transferId(world),
    debit_account_id: chance(world, 0.04) ? accountId(world) : 0n,
    credit_account_id: chance(world, 0.04) ? accountId(world) : 0n,
    amount: chance(world, 0.6) ? (isPost ? MAX : 0n) : amount(world),
    pending_id: odd() ? pick(world, [0n, MAX, 77n]) : pick(world, world.pendingIds.slice(-12)),
    ledger: chance(world, 0.2) ? common.ledger : 0,
    code: chance(world, 0.2) ? common.code : 0,
    timeout: odd() ? 1 : 0,
    flags:
      flags |
      (isPost ? T.post_pending_transfer : T.void_pending_transfer) |
      (odd() ? 1 << Math.floor(world.random() * 8) : 0),
  }
}

function amount(world: World): bigint {
  const dice = world.random()
  if (dice < 0.1) return 0n
  if (dice < 0.8) return BigInt(Math.floor(world.random() * 1000))
  if (dice < 0.88) return BigInt(Math.floor(world.random() * 4)) * ((1n << 32n) - 1n)
  if (dice < 0.93) return (1n << BigInt(Math.floor(world.random() * 128))) - BigInt(Math.floor(world.random() * 2))
  return pick(world, [MAX, MAX - 1n, MAX / 2n, MAX / 3n])
}

function accountId(world: World): bigint {
  if (chance(world, 0.01)) return pick(world, [0n, MAX, 999n])
  return accountNumber(1 + Math.floor(world.random() * (world.accounts + 0.3)))
}

/** Small and large ids. */
function accountNumber(n: number): bigint {
  return n % 3 === 0 ? BigInt(n) << 90n : BigInt(n)
}

function transferId(world: World): bigint {
  if (chance(world, 0.005)) return pick(world, [0n, MAX])
  if (world.transferIds.length > 0 && chance(world, 0.04)) return pick(world, world.transferIds.slice(-40))
  const step = BigInt(1 + Math.floor(world.random() * 5))
  world.nextId += step
  const id = world.risingIds && chance(world, 0.9) ? world.nextId << 60n : BigInt(Math.floor(world.random() * 1e12) + 1)
  world.transferIds.push(id)
  return id
}

function timestamp(world: World, imported: boolean): bigint {
  if (!imported) return chance(world, 0.01) ? 7n : 0n
  if (chance(world, 0.03))
    return pick(world, [0n, 1n << 63n, (1n << 64n) - 1n, world.now, world.now - 1n, world.now + 99n])
  if (chance(world, 0.1)) return pick(world, world.times)
  const time = world.times.at(-1)! + BigInt(Math.floor(world.random() * 3))
  world.times.push(time)
  return time
}

function userData(world: World): Pick<Transfer, 'user_data_128' | 'user_data_64' | 'user_data_32'> {
  return {
    user_data_128: pick(world, [0n, 0n, 1n, 2n, 1n << 100n]),
    user_data_64: pick(world, [0n, 0n, 1n, 2n, (1n << 64n) - 1n]),
    user_data_32: pick(world, [0, 0, 1, 2, 0xffffffff]),
  }
}

function randomFilter(world: World): Omit<QueryFilter, 'ledger' | 'flags'> {
  const data = userData(world)
  const maybe = <V>(value: V, none: V) => (chance(world, 0.25) ? value : none)
  const time = () =>
    chance(world, 0.3) ? pick(world, [1n, world.now - BigInt(Math.floor(world.random() * 500)), 1n << 63n]) : 0n
  return {
    user_data_128: maybe(data.user_data_128, 0n),
    user_data_64: maybe(data.user_data_64, 0n),
    user_data_32: maybe(data.user_data_32, 0),
    code: maybe(pick(world, [1, 2, 3]), 0),
    timestamp_min: time(),
    timestamp_max: time(),
    limit: pick(world, [0, 1, 3, 10, 100, 8189, 8189]),
  }
}

function chance(world: World, share: number): boolean {
  return world.random() < share
}

function pick<V>(world: World, values: readonly V[]): V {
  return values[Math.floor(world.random() * values.length)]!
}
