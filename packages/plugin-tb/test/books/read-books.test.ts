import {AccountFlags, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {
  accountPages,
  accountsById,
  accountTransferPages,
  existingAccount,
  newestTransfer,
  transferPages,
  transfersById,
} from '../../src/books/read-books.js'
import {limitedTo, type MemoryBooks, memoryBooks} from '../support/memory-books.js'
import {allTransfers, someSteps, withRandomBooks} from '../support/random-books.js'
import {refusalOf} from '../support/refusal.js'

const MAX = 2n ** 128n - 1n
const PAGE = 8189

async function all<Row>(pages: AsyncIterable<Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const page of pages) rows.push(...page)
  return rows
}

const idsOf = (rows: readonly {id: bigint}[]) => rows.map(({id}) => id)

describe('rows of a database as the types of the ledger', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await memoryBooks({id: 1n}, {id: 2n}, {id: 3n, flags: AccountFlags.history})
  })
  afterEach(() => books.close())

  it('have every field as it is stored, to the last bit', async () => {
    const data = {user_data_128: MAX, user_data_64: 2n ** 64n - 1n, user_data_32: 2 ** 32 - 1}
    await books.accounts({id: MAX - 1n, ledger: 2 ** 32 - 1, code: 65_535, ...data})
    const account = (await all(accountPages(books.reader))).at(-1)
    expect(account).to.deep.equal(await books.account(MAX - 1n))
    const rest = {pending_id: 0n, timeout: 0, ledger: 700, code: 65_535, flags: TransferFlags.balancing_debit, ...data}
    await books.pay(2n, 1n, MAX / 3n)
    const [made] = await books.transfers({
      ...{id: MAX - 2n, debit_account_id: 1n, credit_account_id: 2n, amount: MAX, ...rest},
    })
    expect(made!.amount, 'what the ledger made of the maximum').to.equal(MAX / 3n)
    expect((await all(transferPages(books.reader))).at(-1)).to.deep.equal(made)
    expect((await all(accountTransferPages(books.reader, 2n))).at(-1)).to.deep.equal(made)
    expect((await transfersById(books.reader, [MAX - 2n])).get(MAX - 2n)).to.deep.equal(made)
    expect((await accountsById(books.reader, [MAX - 1n])).get(MAX - 1n)).to.deep.equal(account)
  })

  it('are none, in one request, where there are none', async () => {
    const empty = await memoryBooks()
    expect(await all(accountPages(empty.reader))).to.deep.equal([])
    expect(await all(transferPages(empty.reader))).to.deep.equal([])
    expect(await all(accountTransferPages(empty.reader, 1n))).to.deep.equal([])
    expect(empty.seen).to.have.length(3)
    expect(await newestTransfer(empty.reader)).to.equal(0n)
    await empty.close()
  })

  it('with bounds: both moments count, and nothing is before the first nanosecond', async () => {
    // Of one request: each is a nanosecond after the one before.
    const made = await books.transfers(
      ...[1000n, 1001n, 1002n, 1003n].map((id) => ({id, debit_account_id: 1n, credit_account_id: 2n, amount: 1n})),
    )
    const [from, to] = [made[1]!.timestamp, made[2]!.timestamp]
    const within = async (filter: {from?: bigint; to?: bigint}) => idsOf(await all(transferPages(books.reader, filter)))
    expect(await within({from, to})).to.deep.equal([1001n, 1002n])
    expect(await within({from: from + 1n, to})).to.deep.equal([1002n])
    expect(await within({from, to: to - 1n})).to.deep.equal([1001n])
    expect(await within({from: to, to: from}), 'an end before the begin').to.deep.equal([])
    const requests = books.seen.length
    expect(await within({to: 0n})).to.deep.equal([])
    expect(await all(accountTransferPages(books.reader, 1n, {to: 0n}))).to.deep.equal([])
    expect(await all(accountPages(books.reader, {to: 0n}))).to.deep.equal([])
    expect(books.seen, 'the ledger would take 0 for no bound').to.have.length(requests)
    expect(await within({to: 1n})).to.deep.equal([])
    expect(idsOf(await all(accountTransferPages(books.reader, 1n, {from, to})))).to.deep.equal([1001n, 1002n])
  })

  it('of a ledger, of a code, with some user data, and of all of these', async () => {
    await books.accounts({id: 11n, ledger: 978, code: 20}, {id: 12n, ledger: 978, code: 20})
    await books.transfers(
      {id: 1n, debit_account_id: 1n, credit_account_id: 2n, amount: 1n, code: 5, user_data_128: MAX},
      {id: 2n, debit_account_id: 11n, credit_account_id: 12n, amount: 1n, ledger: 978, code: 5},
      {id: 3n, debit_account_id: 11n, credit_account_id: 12n, amount: 1n, ledger: 978, code: 6, user_data_128: MAX},
    )
    const found = async (filter: object) => idsOf(await all(transferPages(books.reader, filter)))
    expect(await found({ledger: 978})).to.deep.equal([2n, 3n])
    expect(await found({code: 5})).to.deep.equal([1n, 2n])
    expect(await found({userData128: MAX})).to.deep.equal([1n, 3n])
    expect(await found({ledger: 978, code: 6, userData128: MAX})).to.deep.equal([3n])
    expect(idsOf(await all(accountPages(books.reader, {ledger: 978})))).to.deep.equal([11n, 12n])
    expect(idsOf(await all(accountTransferPages(books.reader, 11n, {code: 6})))).to.deep.equal([3n])
  })

  it('of one account: debits and credits, the oldest first, or the newest', async () => {
    await books.pay(1n, 2n, 1n)
    await books.pay(2n, 3n, 1n)
    await books.pay(3n, 1n, 1n)
    expect(idsOf(await all(accountTransferPages(books.reader, 1n)))).to.deep.equal([1000n, 1002n])
    expect(idsOf(await all(accountTransferPages(books.reader, 1n, {reversed: true})))).to.deep.equal([1002n, 1000n])
    expect(await all(accountTransferPages(books.reader, 99n)), 'an account that is not there').to.deep.equal([])
  })

  it('the newest transfer is that of the whole database, at its own time', async () => {
    await books.pay(1n, 2n, 1n)
    const {timestamp} = await books.pay(2n, 3n, 1n)
    await books.accounts({id: 4n})
    expect(await newestTransfer(books.reader)).to.equal(timestamp)
  })

  it('by id: those that exist, and in requests that are full at 8,189', async () => {
    const ids = [9n, 1n, ...Array.from({length: PAGE - 2}, (_, index) => BigInt(100 + index)), 3n]
    const found = await accountsById(books.reader, ids)
    expect([...found.keys()]).to.deep.equal([1n, 3n])
    expect(books.seen.map(({body}) => body.length)).to.deep.equal([PAGE, 1])
    expect(await transfersById(books.reader, [])).to.deep.equal(new Map())
    expect(books.seen, 'nothing is asked where nothing is wanted').to.have.length(2)
  })

  it('an account that has to exist, and does not, is not found', async () => {
    expect(await existingAccount(books.reader, 3n)).to.include({id: 3n, flags: AccountFlags.history})
    expect(await refusalOf(() => existingAccount(books.reader, 77n))).to.include({
      kind: 'NOT_FOUND',
      code: 'account_not_found',
      message: 'There is no account 77.',
    })
  })

  it('pages of exactly 8,189 rows: nothing is missing, nothing comes twice, and an empty page ends it', async () => {
    const batch = (first: number, count: number) =>
      books.transfers(
        ...Array.from({length: count}, (_, index) => ({
          ...{id: BigInt(first + index), debit_account_id: 1n, credit_account_id: 2n, amount: 1n},
        })),
      )
    await batch(1, PAGE)
    const sizes = async () => {
      const pages: number[] = []
      let ids = 0n
      for await (const page of transferPages(books.reader)) {
        pages.push(page.length)
        for (const {id} of page) expect(id).to.equal(++ids)
      }
      return pages
    }
    expect(await sizes()).to.deep.equal([PAGE, 0])
    await batch(PAGE + 1, 1)
    expect(await sizes()).to.deep.equal([PAGE, 1])
  }).timeout(20_000)

  it('rows that come while pages are read are among them, once', async () => {
    for (let n = 0; n < 6; n++) await books.pay(1n, 2n, 1n)
    // The service gives two rows at the most: the third request is the second page.
    const limited = limitedTo(2)
    let requests = 0
    books.before = async (seen) => {
      const status = limited(seen)
      if (status === undefined && ++requests <= 3) await books.pay(2n, 1n, 1n)
      return status
    }
    const ids = idsOf(await all(transferPages(books.reader)))
    expect(ids).to.deep.equal(Array.from({length: 9}, (_, index) => BigInt(1000 + index)))
  })

  it('are the same whatever the size of a page, and add up to the same', () =>
    fc.assert(
      fc.asyncProperty(someSteps, fc.integer({min: 1, max: 6}), async (steps, rowsMax) => {
        await withRandomBooks(steps, async (random) => {
          const expected = await allTransfers(random)
          random.before = limitedTo(rowsMax)
          expect(await all(transferPages(random.reader))).to.deep.equal(expected)
          for (const account of [1n, 2n, 3n, 4n]) {
            const own = expected.filter((row) => row.debit_account_id === account || row.credit_account_id === account)
            expect(await all(accountTransferPages(random.reader, account))).to.deep.equal(own)
            const backwards = await all(accountTransferPages(random.reader, account, {reversed: true}))
            expect(backwards).to.deep.equal(own.reverse())
          }
          expect(idsOf(await all(accountPages(random.reader)))).to.deep.equal([1n, 2n, 3n, 4n])
        })
      }),
      {numRuns: 7},
    ))
})
