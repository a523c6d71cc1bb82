import {Chart} from '@parix/books/chart'
import {compileChart} from '@parix/books/chart/compile'
import {reversalId} from '@parix/books/corrections'
import {AccountFlags, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import type {Period} from '../../src/books/period.js'
import {occurrenceBits, readStatement} from '../../src/books/read-statement.js'
import {limitedTo, type MemoryBooks, memoryBooks, SECOND, START} from '../support/memory-books.js'
import {allTransfers, someSteps, withRandomBooks} from '../support/random-books.js'
import {refusalOf} from '../support/refusal.js'

const MAX = 2n ** 128n - 1n
const [PENDING, POST, VOID] = [
  TransferFlags.pending,
  TransferFlags.post_pending_transfer,
  TransferFlags.void_pending_transfer,
]

const chartOf = (more: string) =>
  new Chart(
    compileChart(
      `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes: {account: {bank: 10}, transfer: {payment: 1}}
accounts: {}
${more}`,
      {file: 'parix.chart.yaml', readNames: () => ''},
    ),
  )

describe('reading a statement', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await memoryBooks({id: 1n, flags: AccountFlags.history}, {id: 2n}, {id: 3n})
  })
  afterEach(() => books.close())

  const present = (from = 0n): Period => ({from, to: books.clock.now + 1n, now: true})
  const past = (from: bigint, to: bigint): Period => ({from, to, now: false})
  const read = (id: bigint, period = present(), holds: 'fold' | 'show' | 'hide' = 'fold', chart?: Chart) =>
    readStatement(books.reader, id, period, holds, chart)

  it('of an account without transfers is from nothing to nothing, and reads no history', async () => {
    for (const period of [present(), present(START), past(START, START + 5n)]) {
      const {statement, folded} = await read(3n, period)
      expect(statement).to.deep.include({opening: 0n, closing: 0n, rows: [], open: []})
      expect(folded).to.equal(0)
    }
  })

  it('of an account that is not there is not found', async () => {
    expect(await refusalOf(() => read(77n))).to.include({kind: 'NOT_FOUND', code: 'account_not_found'})
  })

  it('begins with the moment it names, and ends right before the other', async () => {
    const one = await books.pay(1n, 2n, 10n)
    const two = await books.pay(1n, 2n, 20n)
    const three = await books.pay(2n, 1n, 5n)
    await books.pay(2n, 1n, 1n)
    for (const id of [1n, 2n]) {
      const {statement, folded} = await read(id, past(two.timestamp, three.timestamp))
      const sign = id === 1n ? 1n : -1n
      expect(statement).to.include({opening: sign * 10n, closing: sign * 30n})
      expect(statement.rows.map((row) => row.id)).to.deep.equal([two.id])
      expect(folded).to.equal(id === 1n ? 0 : 1)
      const next = await read(id, past(two.timestamp + 1n, three.timestamp + 1n))
      expect(next.statement.rows.map((row) => row.id)).to.deep.equal([three.id])
      const before = await read(id, past(1n, one.timestamp))
      expect(before.statement).to.include({opening: 0n, closing: 0n})
    }
  })

  it('from the first nanosecond on begins with nothing, and up to it has nothing', async () => {
    await books.pay(1n, 2n, 10n)
    for (const id of [1n, 2n]) {
      expect((await read(id, present(1n))).statement).to.include({opening: 0n, closing: id === 1n ? 10n : -10n})
      expect((await read(id, past(0n, 1n))).statement).to.deep.include({opening: 0n, closing: 0n, rows: []})
      expect((await read(id, past(0n, 2n))).statement).to.deep.include({opening: 0n, closing: 0n, rows: []})
    }
  })

  it('of the present has what was recorded by a clock that is ahead of ours', async () => {
    const {timestamp} = await books.pay(1n, 2n, 10n)
    const slow = {from: 0n, to: timestamp - SECOND, now: true}
    for (const id of [1n, 2n]) {
      const {statement} = await read(id, slow)
      expect(statement.rows).to.have.length(1)
      expect(statement.to, 'rows are before its end').to.equal(timestamp + 1n)
    }
    expect((await read(3n, slow)).statement.to).to.equal(slow.to)
  })

  it('has amounts of 128 bits, and balances beyond 64, exactly', async () => {
    await books.pay(1n, 2n, MAX - 7n)
    await books.pay(3n, 1n, 2n ** 127n)
    const {statement} = await read(1n)
    expect(statement.closing).to.equal(MAX - 7n - 2n ** 127n)
    expect((await read(2n)).statement.closing).to.equal(7n - MAX)
  })

  it('dates a hold from before the period by its post, and says since when and how much was held', async () => {
    const hold = await books.pay(1n, 2n, 10n, {flags: PENDING})
    const posted = await books.transfers({id: 5n, pending_id: hold.id, amount: 4n, flags: POST})
    const {statement} = await read(1n, present(hold.timestamp + 1n))
    expect(statement.rows).to.have.length(1)
    expect(statement.rows[0]).to.include({
      ...{id: 5n, timestamp: posted[0]!.timestamp, debit: 4n, credit: 0n, counterpart: 2n, state: 'hold_posted'},
      ...{heldSince: hold.timestamp, heldAmount: 10n, balance: 4n},
    })
    expect(books.seen.at(-2)!.body, 'the hold is looked up by its id').to.deep.equal([String(hold.id)])
  })

  it('a hold and its end are one row, or two, or none; what is open comes after the rows', async () => {
    const [one, two, three, four] = [
      await books.pay(1n, 2n, 10n, {flags: PENDING}),
      await books.pay(1n, 2n, 20n, {flags: PENDING}),
      await books.pay(1n, 2n, 30n, {flags: PENDING, timeout: 1}),
      await books.pay(1n, 2n, 40n, {flags: PENDING}),
    ]
    books.clock.now += 5n * SECOND
    await books.transfers({id: 5n, pending_id: one.id, amount: MAX, flags: POST})
    await books.transfers({id: 6n, pending_id: two.id, flags: VOID})
    const shown = async (holds: 'fold' | 'show' | 'hide') =>
      (await read(1n, present(), holds)).statement.rows.map(({id, state, debit}) => [id, state, debit])
    expect(await shown('hide')).to.deep.equal([[5n, 'hold_posted', 10n]])
    const ends = [
      [three.id, 'lapsed', 0n],
      [5n, 'hold_posted', 10n],
      [6n, 'voided', 0n],
    ]
    expect(await shown('fold')).to.deep.equal(ends)
    const held = [one, two, three].map(({id}) => [id, 'held', 0n])
    // The third lapses at the very moment at which the fourth is made.
    expect(await shown('show')).to.deep.equal([...held, ends[0], [four.id, 'held', 0n], ends[1], ends[2]])
    books.seen.length = 0
    const {open, closing} = (await read(1n)).statement
    const lookedUp = books.seen.filter(({operation}) => operation === 'lookup_transfers').flatMap(({body}) => body)
    expect(lookedUp, 'holds of the period are known').not.to.include(String(one.id))
    expect([open.map(({id}) => id), closing]).to.deep.equal([[four.id], 10n])
  })

  it('names the reversal of a row, also after three numbers that were used up, and no other', async () => {
    const [one, two] = [await books.pay(1n, 2n, 10n), await books.pay(1n, 2n, 20n)]
    const late = await books.pay(2n, 1n, 10n, {id: reversalId(one.id, 3)})
    await books.pay(2n, 1n, 20n, {id: reversalId(two.id, 4)})
    const {rows} = (await read(1n)).statement
    expect(rows.map(({reversedBy}) => reversedBy)).to.deep.equal([late.id, undefined, undefined, undefined])
  })

  it('is read once more where somebody wrote between its rows and the balance', async () => {
    await books.pay(1n, 2n, 10n)
    let writes = 1
    books.before = async ({operation, body}) => {
      // The balance is looked up last: by then there is a row more.
      if (operation === 'lookup_accounts' && body[0] === '1' && asked++ % 2 === 1 && writes-- > 0)
        await books.pay(1n, 2n, 7n)
    }
    let asked = 0
    const {statement} = await read(1n)
    expect([statement.rows.length, statement.closing]).to.deep.equal([2, 17n])
    expect(writes).to.equal(-1)
    writes = 9
    asked = 0
    const error = await refusalOf(() => read(1n))
    expect(error).to.include({kind: 'REFUSED', exitCode: 6, code: 'statement_differs'})
    expect(error.message).to.equal(
      'The rows of account 1 do not lead to its balance: they make debits of 24 and credits of 0, the account has 31 and 0. No statement is shown.',
    )
  })

  it('of the past, of an account with a history of balances, is proved by it', async () => {
    await books.pay(1n, 2n, 10n)
    const {timestamp} = await books.pay(1n, 2n, 20n)
    await books.pay(2n, 1n, 5n)
    books.edit = (operation, rows) => (operation === 'get_account_transfers' ? rows.slice(1) : rows)
    expect(await refusalOf(() => read(1n, past(0n, timestamp + 1n)))).to.include({code: 'statement_differs'})
    // Without one there is nothing to prove it by.
    expect((await read(2n, past(0n, timestamp + 1n))).statement.closing).to.equal(-20n)
  })

  it('other errors are not tried again', async () => {
    let tries = 0
    books.before = ({operation}) => {
      if (operation === 'get_account_transfers' && ++tries > 0) return 503
      return undefined
    }
    expect(await refusalOf(() => read(1n))).to.include({kind: 'UNAVAILABLE'})
    expect(tries).to.equal(1)
  })

  it('opening + rows = closing = balance, wherever the period is cut, however its pages are', () =>
    fc.assert(
      fc.asyncProperty(
        someSteps,
        fc.nat(),
        fc.nat(),
        fc.integer({min: 1, max: 4}),
        async (steps, first, second, size) => {
          await withRandomBooks(steps, async (random) => {
            const times = [
              START,
              ...(await allTransfers(random)).map(({timestamp}) => timestamp),
              random.clock.now + 1n,
            ]
            const [from, to] = [times[first % times.length]!, times[second % times.length]!].toSorted((a, b) =>
              a < b ? -1 : 1,
            )
            const columns = await random.columns()
            random.before = limitedTo(size)
            for (const id of [1n, 2n, 3n, 4n]) {
              const statementOf = async (period: Period) =>
                (await readStatement(random.reader, id, period, 'fold', undefined)).statement
              const [debits, credits] = columns[String(id)]!
              const early = await statementOf(past(0n, from!))
              const middle = await statementOf(past(from!, to!))
              const late = await statementOf({from: to!, to: random.clock.now + 1n, now: true})
              expect(early.opening).to.equal(0n)
              expect(middle.opening).to.equal(early.closing)
              expect(late.opening).to.equal(middle.closing)
              expect(late.closing).to.equal(debits! - credits!)
              for (const {opening, rows, closing} of [early, middle, late]) {
                const moved = rows.reduce((sum, {debit, credit}) => sum + debit - credit, 0n)
                expect(opening + moved).to.equal(closing)
              }
            }
          })
        },
      ),
      {numRuns: 7},
    ))
})

describe('a statement by when things happened', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await memoryBooks({id: 1n}, {id: 2n})
  })
  afterEach(() => books.close())

  const read = async (from: bigint, to: bigint, chart?: Chart) =>
    readStatement(books.reader, 1n, {from, to, now: false}, 'fold', chart, 'occurred')
  const happened = (when: bigint, amount: bigint) => books.pay(1n, 2n, amount, {user_data_64: when})

  it('orders and cuts by user_data_64: from is in the period, and to is not', async () => {
    await happened(300n, 3n)
    await happened(100n, 1n)
    await happened(200n, 2n)
    await happened(400n, 4n)
    const {statement, folded} = await read(200n, 400n)
    expect(statement).to.include({opening: 1n, closing: 6n})
    expect(statement.rows.map(({occurred, debit, balance}) => [occurred, debit, balance])).to.deep.equal([
      [200n, 2n, 3n],
      [300n, 3n, 6n],
    ])
    expect(folded, 'the others were added up').to.equal(2)
  })

  it('of the same moment are in the order in which they were recorded', async () => {
    for (const amount of [3n, 1n, 2n]) await happened(100n, amount)
    expect((await read(0n, 101n)).statement.rows.map(({debit}) => debit)).to.deep.equal([3n, 1n, 2n])
  })

  it('without a time, or with one that no calendar has, counts as happened when it was recorded', async () => {
    const chart = chartOf("userData: {transfer: {'128': {name: at, as: time}}}")
    const last = 8_640_000_000_000_000n * 1_000_000n
    const at = (when: bigint, amount: bigint) => books.pay(1n, 2n, amount, {user_data_128: when})
    const [none, far] = [await at(0n, 1n), await at(last + 1n, 2n)]
    await at(last, 4n)
    const {statement} = await read(none.timestamp, far.timestamp + 1n, chart)
    expect(statement.rows.map(({occurred}) => occurred)).to.deep.equal([none.timestamp, far.timestamp])
    expect(statement.closing).to.equal(3n)
    const now = await read(none.timestamp, books.clock.now + 1n, chart)
    expect(now.statement.closing, 'the last moment of the calendar is one').to.equal(3n)
  })

  it('uses the field that the chart calls a time', async () => {
    const chart = chartOf("userData: {transfer: {'128': {name: order, as: uuid}, '32': {name: day, as: time}}}")
    expect(
      ['128', '64', '32'].map((bits) =>
        occurrenceBits(chartOf(`userData: {transfer: {'${bits}': {name: at, as: time}}}`)),
      ),
    ).to.deep.equal(['128', '64', '32'])
    expect([occurrenceBits(undefined), occurrenceBits(chartOf('')), occurrenceBits(chart)]).to.deep.equal([
      '64',
      '64',
      '32',
    ])
    await books.pay(1n, 2n, 5n, {user_data_64: 100n, user_data_32: 900})
    expect((await read(0n, 500n, chart)).statement.rows).to.deep.equal([])
    expect((await read(900n, 901n, chart)).statement.rows).to.have.length(1)
  })

  it('any two periods that meet have what is in between in one of them', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.bigInt({min: 1n, max: 50n}), {maxLength: 8}),
        fc.bigInt({min: 1n, max: 51n}),
        async (times, cut) => {
          const random = await memoryBooks({id: 1n}, {id: 2n})
          try {
            for (const time of times) await random.pay(1n, 2n, time, {user_data_64: time})
            const part = async (from: bigint, to: bigint) =>
              (await readStatement(random.reader, 1n, {from, to, now: false}, 'fold', undefined, 'occurred')).statement
            const [early, late] = [await part(0n, cut), await part(cut, 52n)]
            expect(late.opening).to.equal(early.closing)
            expect([...early.rows, ...late.rows].map(({debit}) => debit)).to.deep.equal(
              times.toSorted((a, b) => Number(a - b)),
            )
          } finally {
            await random.close()
          }
        },
      ),
      {numRuns: 12},
    ))
})
