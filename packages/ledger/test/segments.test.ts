import {
  type Account,
  CreateTransferStatus,
  type Ledger,
  type QueryFilter,
  type Transfer,
  TransferFlags,
} from '@parix/ledger'
import {BLANK_QUERY_FILTER} from '@parix/ledger/schema'
import {expect} from 'chai'
import {SEGMENT_ROWS} from '../src/memory/record-store.js'
import {realDisk} from '../src/store/log.js'
import {plainAccount, plainTransfer, seeded} from './random-events.js'
import {NOW, type TempLedger, withLedger} from './temp-ledger.js'

const BATCH = 8000
const ROWS = 2 * SEGMENT_ROWS + 5000
const quickDisk = {...realDisk, sync: async () => {}}

const accounts: Account[] = Array.from({length: 40}, (_, i) => plainAccount(BigInt(i + 1)))

/** More transfers than two segments hold: some ids rising, some not; rare and common user data, ledgers, codes. */
function makeTransfers(): Transfer[] {
  const random = seeded(7)
  const below = (n: number) => Math.floor(random() * n)
  return Array.from({length: ROWS}, (_, i) => {
    const debit = BigInt(1 + below(40))
    const credit = BigInt(1 + ((Number(debit) + below(39)) % 40))
    const id = i % 5 === 0 ? BigInt(1 + i) : (1n << 100n) + BigInt(i)
    return {
      ...plainTransfer(id, debit, credit === debit ? (debit % 40n) + 1n : credit, BigInt(below(1000))),
      user_data_128: below(10) === 0 ? BigInt(below(2000)) << 70n : 0n,
      user_data_64: below(2) === 0 ? BigInt(below(3)) : 0n,
      user_data_32: below(20000) === 0 ? 7 : 0,
      code: below(30000) === 0 ? 9 : 1 + below(2),
    }
  })
}

const transfers = makeTransfers()

async function fill({ledger, clock}: TempLedger): Promise<Transfer[]> {
  await ledger.createAccounts(accounts)
  const stored: Transfer[] = []
  for (let i = 0; i < ROWS; i += BATCH) {
    clock.now += 1_000_000n
    const batch = transfers.slice(i, i + BATCH)
    const results = await ledger.createTransfers(batch)
    for (const [k, {status, timestamp}] of results.entries()) {
      if (status !== CreateTransferStatus.created) throw new Error(`transfer ${i + k}: status ${status}`)
      stored.push({...batch[k]!, timestamp})
    }
  }
  return stored
}

const ANY = {...BLANK_QUERY_FILTER, limit: 8189}

function naive(rows: Transfer[], f: QueryFilter, account: bigint, sides: number, reversed: boolean): bigint[] {
  const found = rows.filter(
    (t) =>
      (sides === 0 ||
        (sides & 1 && t.debit_account_id === account) ||
        (sides & 2 && t.credit_account_id === account)) &&
      (!f.user_data_128 || t.user_data_128 === f.user_data_128) &&
      (!f.user_data_64 || t.user_data_64 === f.user_data_64) &&
      (!f.user_data_32 || t.user_data_32 === f.user_data_32) &&
      (!f.ledger || t.ledger === f.ledger) &&
      (!f.code || t.code === f.code) &&
      t.timestamp >= f.timestamp_min &&
      (!f.timestamp_max || t.timestamp <= f.timestamp_max),
  )
  return (reversed ? found.reverse() : found).slice(0, f.limit).map(({id}) => id)
}

interface Query {
  filter: QueryFilter
  account: bigint
  sides: number
  reversed: boolean
  /** Ids that the filter finds, of all rows and of the account's. */
  all: bigint[]
  mine: bigint[]
}

/** Queries, and what is found by them, which is the same before and after opening again. */
function makeQueries(rows: Transfer[]): Query[] {
  const random = seeded(11)
  const below = (n: number) => Math.floor(random() * n)
  return Array.from({length: 120}, () => {
    const time = () => (below(3) === 0 ? rows[below(rows.length)]!.timestamp : 0n)
    const filter: QueryFilter = {
      ...ANY,
      user_data_128: below(4) === 0 ? BigInt(below(2000)) << 70n : 0n,
      user_data_64: below(4) === 0 ? BigInt(1 + below(3)) : 0n,
      user_data_32: below(5) === 0 ? 7 : 0,
      ledger: below(6) === 0 ? 1 + below(2) : 0,
      code: below(3) === 0 ? [1, 2, 9][below(3)]! : 0,
      timestamp_min: time(),
      timestamp_max: time(),
      limit: [5, 100, 8189][below(3)]!,
    }
    if (filter.timestamp_max && filter.timestamp_min > filter.timestamp_max) filter.timestamp_max = 0n
    const reversed = below(2) === 1
    const account = BigInt(1 + below(41))
    const sides = 1 + below(3)
    const all = naive(rows, filter, 0n, 0, reversed)
    return {filter, account, sides, reversed, all, mine: naive(rows, {...filter, ledger: 0}, account, sides, reversed)}
  })
}

async function checkQueries(ledger: Ledger, queries: Query[]): Promise<void> {
  for (const [i, {filter, account, sides, reversed, all, mine}] of queries.entries()) {
    const found = await ledger.queryTransfers({...filter, flags: reversed ? 1 : 0})
    expect(
      found.map(({id}) => id),
      `query ${i}`,
    ).to.deep.equal(all)
    const flags = sides | (reversed ? 4 : 0)
    const own = await ledger.getAccountTransfers({...filter, account_id: account, flags})
    expect(
      own.map(({id}) => id),
      `account query ${i}`,
    ).to.deep.equal(mine)
  }
}

describe('more transfers than a segment holds', function () {
  this.timeout(120_000)

  it('every query equals a naive filter over all rows, before and after opening again', () =>
    withLedger(async (temp) => {
      const rows = await fill(temp)
      const queries = makeQueries(rows)
      await checkQueries(temp.ledger, queries)
      await temp.reopen()
      await checkQueries(temp.ledger, queries)
      const ids = rows.filter((_, i) => i % 37 === 0).map(({id}) => id)
      expect((await temp.ledger.lookupTransfers([...ids, 3n << 101n])).map(({id}) => id)).to.deep.equal(ids)
    }, quickDisk))

  it('a chain that breaks across the end of a segment leaves nothing behind', () =>
    withLedger(async (temp) => {
      await temp.ledger.createAccounts(accounts)
      const plain = (i: number, flags = 0) => ({...plainTransfer(BigInt(i + 1), 1n, 2n, 1n), user_data_64: 5n, flags})
      for (let i = 0; i < SEGMENT_ROWS - 10; i += 8189) {
        const count = Math.min(8189, SEGMENT_ROWS - 10 - i)
        await temp.ledger.createTransfers(Array.from({length: count}, (_, k) => plain(i + k)))
      }
      const chain = Array.from({length: 30}, (_, k) => plain(SEGMENT_ROWS + 100 + k, TransferFlags.linked))
      const results = await temp.ledger.createTransfers([...chain, {...plain(1), amount: 9n}])
      expect(results.at(-1)!.status).to.equal(CreateTransferStatus.exists_with_different_amount)
      const newest = {...ANY, user_data_64: 5n, flags: 1, limit: 1}
      expect((await temp.ledger.queryTransfers(newest))[0]!.id).to.equal(BigInt(SEGMENT_ROWS - 10))
      expect((await temp.ledger.lookupAccounts([1n]))[0]!.debits_posted).to.equal(BigInt(SEGMENT_ROWS - 10))
      const again = await temp.ledger.createTransfers([...chain, plain(SEGMENT_ROWS + 200)])
      expect(new Set(again.map(({status}) => status))).to.deep.equal(new Set([CreateTransferStatus.created]))
      await temp.reopen()
      const rows = await temp.ledger.queryTransfers({...ANY, flags: 1, limit: 40})
      expect(rows.slice(0, 31).map(({id}) => id)).to.deep.equal(
        [...chain, plain(SEGMENT_ROWS + 200)].map(({id}) => id).reverse(),
      )
      expect(rows[31]!.id).to.equal(BigInt(SEGMENT_ROWS - 10))
    }, quickDisk))

  it('8,190 expire at once, the rest in the next run', () =>
    withLedger(async (temp) => {
      await temp.ledger.createAccounts(accounts)
      const hold = (i: number) => ({
        ...plainTransfer(BigInt(i + 1), 1n, 2n, 1n),
        flags: TransferFlags.pending,
        timeout: 1,
      })
      await temp.ledger.createTransfers(Array.from({length: 8189}, (_, i) => hold(i)))
      await temp.ledger.createTransfers([8190, 8191, 8192].map(hold))
      temp.clock.now = NOW + 2_000_000_000n
      const first = await temp.ledger.expirePendingTransfers()
      expect(first).to.have.lengthOf(8190)
      expect(first.at(-1)!.timestamp).to.equal(temp.clock.now)
      expect(await temp.ledger.expirePendingTransfers()).to.have.lengthOf(2)
      expect((await temp.ledger.lookupAccounts([1n]))[0]!.debits_pending).to.equal(0n)
    }, quickDisk))
})
