import {buildStatement, byOccurrence} from '@parix/books/statement'
import {type Account, openMemoryLedger, type Transfer} from '@parix/ledger'
import {expect} from 'chai'
import {seeded} from './random-ledger.js'

const ACCOUNTS = 1000
const TRANSFERS = 15_000
const START = 1_700_000_000_000_000_000n
const BLANK = {user_data_128: 0n, user_data_64: 0n, user_data_32: 0}

interface Books {
  rows: Transfer[]
  accounts: Account[]
}

/** A ledger of 1,000 accounts in memory: plain transfers, holds, posts of a part, voids and expiries. */
async function randomBooks(random: () => number): Promise<Books> {
  const clock = {now: START}
  const ledger = await openMemoryLedger({now: () => clock.now})
  const below = (max: number) => Math.floor(random() * max)
  const zero = {debits_pending: 0n, debits_posted: 0n, credits_pending: 0n, credits_posted: 0n, reserved: 0}
  const ids = Array.from({length: ACCOUNTS}, (_, index) => BigInt(index + 1))
  await ledger.createAccounts(ids.map((id) => ({...BLANK, ...zero, id, ledger: 1, code: 1, flags: 0, timestamp: 0n})))
  const holds: bigint[] = []
  const event = (id: bigint): Transfer => {
    const from = below(ACCOUNTS)
    const to = (from + 1 + below(ACCOUNTS - 1)) % ACCOUNTS
    const kind = random()
    const hold = kind < 0.25 ? holds.splice(below(holds.length), 1)[0] : undefined
    const pending = hold === undefined && kind < 0.5
    if (pending) holds.push(id)
    return {
      ...BLANK,
      id,
      debit_account_id: hold === undefined ? ids[from]! : 0n,
      credit_account_id: hold === undefined ? ids[to]! : 0n,
      amount: hold !== undefined && kind < 0.1 ? 0n : BigInt(below(1000)),
      pending_id: hold ?? 0n,
      user_data_64: random() < 0.3 ? clock.now - BigInt(below(100_000)) * 1_000_000_000n : 0n,
      timeout: pending && random() < 0.5 ? 1 + below(30) : 0,
      ledger: hold === undefined ? 1 : 0,
      code: hold === undefined ? 1 : 0,
      flags: hold === undefined ? (pending ? 2 : 0) : kind < 0.1 ? 8 : 4,
      timestamp: 0n,
    }
  }
  for (let next = 1; next <= TRANSFERS; next += 50) {
    clock.now += BigInt(1 + below(10)) * 1_000_000_000n
    await ledger.expirePendingTransfers()
    await ledger.createTransfers(Array.from({length: 50}, (_, index) => event(BigInt(next + index))))
  }
  const filter = {...BLANK, ledger: 0, code: 0, timestamp_max: 0n, limit: 8189, flags: 0}
  const rows: Transfer[] = []
  for (let from = 0n; ; from = rows.at(-1)!.timestamp + 1n) {
    const page = await ledger.queryTransfers({...filter, timestamp_min: from})
    if (page.length === 0) break
    rows.push(...page)
  }
  const accounts = await ledger.lookupAccounts(ids)
  await ledger.close()
  return {rows, accounts}
}

/** What moved on an account, the naive way: debits less credits of all rows that `counts` takes. */
function naive(rows: readonly Transfer[], id: bigint, counts: (row: Transfer) => boolean): bigint {
  let balance = 0n
  for (const row of rows) {
    if ((row.flags & (2 | 8)) !== 0 || !counts(row)) continue
    balance += row.debit_account_id === id ? row.amount : -row.amount
  }
  return balance
}

describe('statements of 1,000 random accounts', function () {
  this.timeout(60_000)
  let books: Books
  let rowsOf: Map<bigint, Transfer[]>
  const random = seeded(12)
  before(async () => {
    books = await randomBooks(random)
    rowsOf = new Map(books.accounts.map(({id}) => [id, []]))
    for (const row of books.rows) {
      rowsOf.get(row.debit_account_id)!.push(row)
      rowsOf.get(row.credit_account_id)!.push(row)
    }
  })

  /** A period that begins and ends between rows of the account. */
  const period = (rows: readonly Transfer[]) => {
    const at = () => rows[Math.floor(random() * rows.length)]!.timestamp
    const [a, b] = [at(), at()]
    return a < b ? {from: a, to: b} : {from: b, to: a + 1n}
  }
  const whole = (id: bigint, {debits_posted, credits_posted}: Account) => {
    const closing = {debits: debits_posted, credits: credits_posted}
    const from = {from: 0n, to: 2n ** 62n, opening: {debits: 0n, credits: 0n}, closing}
    return buildStatement({account: id, type: 'asset', holds: 'fold', ...from}, rowsOf.get(id)!)
  }

  it('each equals a naive fold, in every row, and ends with the balance that the ledger has', () => {
    expect(books.accounts).to.have.length(ACCOUNTS)
    for (const account of books.accounts) {
      const {id} = account
      const rows = rowsOf.get(id)!
      const statement = whole(id, account)
      expect(statement.closing).to.equal(account.debits_posted - account.credits_posted)
      for (const {timestamp, balance} of statement.rows.filter(({state}) => state !== 'lapsed'))
        expect(balance).to.equal(naive(rows, id, (row) => row.timestamp <= timestamp))
    }
  })

  it('a part of each equals a naive fold of that part', () => {
    for (const {id} of books.accounts) {
      const rows = rowsOf.get(id)!
      const {from, to} = period(rows)
      const before = naive(rows, id, ({timestamp}) => timestamp < from)
      const opening = {debits: before > 0n ? before : 0n, credits: before < 0n ? -before : 0n}
      const inside = rows.filter(({timestamp}) => timestamp >= from && timestamp < to)
      const earlier = new Map(rows.filter(({timestamp}) => timestamp < from).map((row) => [row.id, row]))
      const statement = buildStatement({account: id, type: 'asset', holds: 'fold', from, to, opening, earlier}, inside)
      expect(statement.closing).to.equal(naive(rows, id, ({timestamp}) => timestamp < to))
    }
  })

  it('by when things happened: each period equals a naive fold of what happened in it', () => {
    const occurred = ({user_data_64, timestamp}: Transfer) => (user_data_64 === 0n ? timestamp : user_data_64)
    for (const account of books.accounts) {
      const {id} = account
      const rows = rowsOf.get(id)!
      const {from, to} = period(rows)
      const times = new Map(rows.map((row) => [row.id, occurred(row)]))
      const statement = byOccurrence(whole(id, account), {from, to}, (row) =>
        row.state === 'lapsed' ? row.timestamp : times.get(row.id)!,
      )
      expect(statement.opening).to.equal(naive(rows, id, (row) => occurred(row) < from))
      expect(statement.closing).to.equal(naive(rows, id, (row) => occurred(row) < to))
      const inside = statement.rows.filter(({debit, credit}) => debit + credit > 0n)
      expect(statement.opening + inside.reduce((sum, {debit, credit}) => sum + debit - credit, 0n)).to.equal(
        statement.closing,
      )
      expect(inside.every((row) => row.occurred! >= from && row.occurred! < to)).to.equal(true)
    }
  })
})
