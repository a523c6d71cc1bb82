import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type Account, AccountFlags, openLedger, type Transfer, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {type History, randomHistory, seeded} from '../../../books/test/random-ledger.js'
import {Replay} from '../../src/books/replay.js'
import {type MemoryBooks, memoryBooks, SECOND} from '../support/memory-books.js'
import {allTransfers, someSteps, withRandomBooks} from '../support/random-books.js'

async function replayedHistory({accounts, transfers, now}: History) {
  const replay = await Replay.open()
  try {
    replay.accounts(accounts.values())
    for (let from = 0; from < transfers.length; from += 100) await replay.transfers(transfers.slice(from, from + 100))
    return await replay.compare(accounts, now)
  } finally {
    await replay.close()
  }
}

describe('history executed again', function () {
  this.timeout(60_000)
  const has = new Set<string>()

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`seed ${seed}: holds, expiries, closings and chains give the same books, in all four columns`, async () => {
      const history = await randomHistory(seeded(seed), 250, true)
      expect(await replayedHistory(history)).to.deep.equal([])
      const resolved = new Set(history.transfers.map(({pending_id}) => pending_id))
      for (const {id, flags, timeout, timestamp} of history.transfers) {
        if ((flags & 1) !== 0) has.add('chain')
        if ((flags & 2) !== 0) has.add('hold')
        if ((flags & 4) !== 0) has.add('post')
        if ((flags & 8) !== 0) has.add('void')
        if ((flags & (16 | 32)) !== 0) has.add('balancing')
        if ((flags & (64 | 128)) !== 0) has.add('closing')
        if (timeout > 0 && !resolved.has(id) && timestamp + BigInt(timeout) * 1_000_000_000n < history.now)
          has.add('expiry')
      }
    })
  }

  it('there was something of everything in them', () => {
    expect([...has].sort()).to.deep.equal(['balancing', 'chain', 'closing', 'expiry', 'hold', 'post', 'void'])
  })

  it('a row that the rules would refuse, or that moves something else, is named', async () => {
    const history = await randomHistory(seeded(7), 60)
    const at = history.transfers.findIndex(({flags, amount}) => flags === 0 && amount > 0n)
    const wrong = (edit: object) => ({
      ...history,
      transfers: history.transfers.map((row, index) => (index === at ? {...row, ...edit} : row)),
    })
    const {id, debit_account_id, amount} = history.transfers[at]!
    const differs = await replayedHistory(wrong({amount: amount + 1n}))
    expect(differs.map(({message}) => message).join()).to.contain(`account ${debit_account_id}: debits_posted is`)
    const refused = await replayedHistory(wrong({debit_account_id: 99n}))
    expect(refused[0]!.message).to.match(new RegExp(`transfer ${id} would be refused: debit_account_not_found`))
  })
})

const LINKED = TransferFlags.linked

/** Every account, as it is now. */
async function allAccounts({ledger}: MemoryBooks): Promise<Map<bigint, Account>> {
  await ledger.expirePendingTransfers()
  const rows = await ledger.queryAccounts({
    ...{user_data_128: 0n, user_data_64: 0n, user_data_32: 0, ledger: 0, code: 0},
    ...{timestamp_min: 0n, timestamp_max: 0n, limit: 8189, flags: 0},
  })
  return new Map(rows.map((row) => [row.id, row]))
}

/** What executing these rows again finds, in pages of a size. */
async function replayed(books: MemoryBooks, rows: readonly Transfer[], size = 100): Promise<string[]> {
  const accounts = await allAccounts(books)
  const replay = await Replay.open()
  try {
    replay.accounts(accounts.values())
    for (let from = 0; from < rows.length; from += size) await replay.transfers(rows.slice(from, from + size))
    return (await replay.compare(accounts, books.clock.now)).map(({message}) => message)
  } finally {
    await replay.close()
  }
}

describe('rows of a history, executed again', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await memoryBooks({id: 1n}, {id: 2n}, {id: 3n, flags: AccountFlags.debits_must_not_exceed_credits})
  })
  afterEach(() => books.close())

  const again = async (size?: number) => replayed(books, await allTransfers(books), size)

  it('of a database without transfers create its accounts, and nothing else', async () => {
    expect(await again()).to.deep.equal([])
  })

  it('keep a chain together, wherever a page ends', async () => {
    await books.pay(1n, 3n, 5n)
    await books.transfers(
      {id: 5n, debit_account_id: 1n, credit_account_id: 3n, amount: 5n, flags: LINKED},
      {id: 6n, debit_account_id: 3n, credit_account_id: 2n, amount: 10n, flags: LINKED},
      {id: 7n, debit_account_id: 1n, credit_account_id: 2n, amount: 1n},
    )
    for (const size of [1, 2, 3, 4]) expect(await again(size), `${size}`).to.deep.equal([])
  })

  it('create an account between two transfers, at its own time', async () => {
    await books.pay(1n, 2n, 5n)
    await books.accounts({id: 9n}, {id: 10n})
    await books.pay(2n, 9n, 5n)
    await books.accounts({id: 11n})
    expect(await again(1)).to.deep.equal([])
    const rows = await allTransfers(books)
    // A transfer from before its account was there.
    const [early] = await replayed(books, [rows[0]!, {...rows[1]!, timestamp: rows[0]!.timestamp + 1n}])
    expect(early).to.equal(`transfer ${rows[1]!.id} would be refused: credit_account_not_found`)
  })

  it('take accounts and transfers that were imported at their own times, and others around them', async () => {
    const imported = AccountFlags.imported
    const base = books.clock.now
    books.clock.now = base + 900n * SECOND
    await books.accounts(
      {id: 20n, flags: imported, timestamp: base + 10n},
      {id: 21n, flags: imported, timestamp: base + 20n},
    )
    const move = {debit_account_id: 20n, credit_account_id: 21n, amount: 7n, flags: TransferFlags.imported}
    await books.transfers({...move, id: 30n, timestamp: base + 30n}, {...move, id: 31n, timestamp: base + 31n})
    await books.pay(20n, 1n, 3n)
    for (const size of [1, 2, 100]) expect(await again(size), `${size}`).to.deep.equal([])
  })

  it('close accounts, refuse what came after, and open them again', async () => {
    const closing = await books.pay(1n, 2n, 0n, {flags: TransferFlags.pending | TransferFlags.closing_debit})
    await books.transfers({id: 50n, pending_id: closing.id, flags: TransferFlags.void_pending_transfer})
    const after = await books.pay(1n, 2n, 1n)
    expect(await again()).to.deep.equal([])
    const rows = await allTransfers(books)
    const without = await replayed(
      books,
      rows.filter(({id}) => id !== 50n),
    )
    expect(without).to.include(`transfer ${after.id} would be refused: debit_account_already_closed`)
  })

  it('release a hold at its timeout, and not a nanosecond before', async () => {
    const hold = await books.pay(1n, 3n, 5n, {flags: TransferFlags.pending, timeout: 10})
    books.clock.now = hold.timestamp + 10n * SECOND - SECOND - 1n
    const posted = await books.transfers({
      id: 51n,
      pending_id: hold.id,
      amount: 5n,
      flags: TransferFlags.post_pending_transfer,
    })
    expect(await again()).to.deep.equal([])
    const late = {...posted[0]!, timestamp: hold.timestamp + 10n * SECOND}
    expect(await replayed(books, [hold, late])).to.include('transfer 51 would be refused: pending_transfer_expired')
  })

  it('name what the rules would have refused, each with its reason', async () => {
    const row = await books.pay(1n, 2n, 5n)
    const wrong = async (change: Partial<Transfer>) => (await replayed(books, [{...row, ...change}]))[0]
    expect(await wrong({debit_account_id: 3n})).to.equal('transfer 1000 would be refused: exceeds_credits')
    expect(await wrong({credit_account_id: 99n})).to.equal('transfer 1000 would be refused: credit_account_not_found')
    expect(await wrong({ledger: 701})).to.equal(
      'transfer 1000 would be refused: transfer_must_have_the_same_ledger_as_accounts',
    )
    expect(await wrong({pending_id: 77n, flags: TransferFlags.post_pending_transfer})).to.contain(
      'pending_transfer_not_found',
    )
    expect(await wrong({credit_account_id: 1n})).to.contain('accounts_must_be_different')
  })

  it('name each column of an account that history does not make', async () => {
    await books.pay(1n, 2n, 5n)
    await books.pay(1n, 2n, 3n, {flags: TransferFlags.pending})
    const rows = await allTransfers(books)
    expect(await replayed(books, rows.slice(0, 1))).to.deep.equal([
      'account 1: debits_pending is 3, history makes 0',
      'account 2: credits_pending is 3, history makes 0',
    ])
    expect(await replayed(books, rows.slice(1))).to.deep.equal([
      'account 1: debits_posted is 5, history makes 0',
      'account 2: credits_posted is 5, history makes 0',
    ])
  })

  it('name a row whose balancing amount could not have been what it is', async () => {
    await books.pay(1n, 3n, 5n)
    const [swept] = await books.transfers({
      id: 60n,
      debit_account_id: 3n,
      credit_account_id: 2n,
      amount: 100n,
      flags: TransferFlags.balancing_debit,
    })
    expect(swept!.amount).to.equal(5n)
    expect(await again()).to.deep.equal([])
    const rows = await allTransfers(books)
    expect(
      await replayed(
        books,
        rows.map((row) => (row.id === 60n ? {...row, amount: 4n} : row)),
      ),
    ).to.include('account 3: debits_posted is 5, history makes 4')
  })

  it('of consecutive times are executed together, in requests that the ledger takes, and a chain is never cut', async () => {
    const batch = (first: number, count: number, linked: boolean) =>
      Array.from({length: count}, (_, index) => ({
        ...{id: BigInt(first + index), debit_account_id: 1n, credit_account_id: 2n, amount: 1n},
        flags: linked && index < count - 1 ? LINKED : 0,
      }))
    await books.transfers(...batch(10_000, 100, false))
    // A clock that goes back: the timestamps of the chain follow right after.
    books.clock.now -= 60n * SECOND
    await books.transfers(...batch(20_000, 8189, true))
    const rows = await allTransfers(books)
    expect(rows[8188]!.timestamp - rows[0]!.timestamp).to.equal(8188n)
    const accounts = await allAccounts(books)
    const replay = await Replay.open()
    replay.accounts(accounts.values())
    await replay.transfers(rows)
    await replay.transfers(await books.ledger.lookupTransfers(batch(28_089, 100, false).map(({id}) => id)))
    expect(await replay.compare(accounts, rows.at(-1)!.timestamp + SECOND)).to.deep.equal([])
    await replay.close()
    // No request takes a chain that is longer than itself: such rows are found, and end no audit.
    const endless = await replayed(
      books,
      rows.map((row) => ({...row, flags: LINKED})),
    )
    expect(endless.some((message) => message.includes('would be refused: linked_event_'))).to.equal(true)
  }).timeout(20_000)

  it('are kept in a directory where one is given, as a ledger that can be opened', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'parix-replay-'))
    try {
      await books.pay(1n, 2n, 5n)
      const accounts = await allAccounts(books)
      const replay = await Replay.open(join(directory, 'ledger'))
      replay.accounts(accounts.values())
      await replay.transfers(await allTransfers(books))
      expect(await replay.compare(accounts, books.clock.now)).to.deep.equal([])
      await replay.close()
      const kept = await openLedger({directory: join(directory, 'ledger'), create: false})
      const [account] = await kept.lookupAccounts([2n])
      expect(account).to.include({credits_posted: 5n, timestamp: accounts.get(2n)!.timestamp})
      await kept.close()
    } finally {
      rmSync(directory, {recursive: true, force: true})
    }
  })

  it('of any history are that history, and with an amount changed they are not', () =>
    fc.assert(
      fc.asyncProperty(someSteps, fc.integer({min: 1, max: 9}), fc.nat(), async (steps, size, place) => {
        await withRandomBooks(steps, async (random) => {
          const rows = await allTransfers(random)
          expect(await replayed(random, rows, size)).to.deep.equal([])
          const moving = rows.filter(({flags, amount}) => amount > 1n && (flags & (16 | 32 | 8 | 4)) === 0)
          const changed = moving[place % Math.max(1, moving.length)]
          if (changed === undefined) return
          const wrong = rows.map((row) => (row.id === changed.id ? {...row, amount: row.amount - 1n} : row))
          const held = (changed.flags & TransferFlags.pending) !== 0
          // Of a hold that is over, what it had held shows nowhere, unless more than that was posted.
          if (!held) expect(await replayed(random, wrong, size)).not.to.deep.equal([])
        })
      }),
      {numRuns: 7},
    ))
})
