import {buildStatement, type Posted, StatementError, type StatementInput} from '@parix/books/statement'
import {BLANK_TRANSFER, type Transfer} from '@parix/ledger'
import {expect} from 'chai'
import {type History, randomHistory, START, seeded} from './random-ledger.js'

const END = 2n ** 62n
const NOTHING: Posted = {debits: 0n, credits: 0n}

const ofAccount = ({transfers}: History, id: bigint) =>
  transfers.filter((row) => row.debit_account_id === id || row.credit_account_id === id)

/** The naive way: every moved amount up to a moment. */
function postedBefore(rows: Transfer[], id: bigint, before: bigint): Posted {
  const sum = {debits: 0n, credits: 0n}
  for (const row of rows) {
    if (row.timestamp >= before || (row.flags & (2 | 8)) !== 0) continue
    if (row.debit_account_id === id) sum.debits += row.amount
    else sum.credits += row.amount
  }
  return sum
}

function input(account: bigint, overrides: Partial<StatementInput> = {}): StatementInput {
  return {account, type: 'asset', from: 0n, to: END, holds: 'fold', opening: NOTHING, ...overrides}
}

describe('a statement', () => {
  const histories: History[] = []
  before(async () => {
    for (let seed = 11; seed <= 14; seed++) histories.push(await randomHistory(seeded(seed), 100))
  })

  it('leads from the opening to the closing balance of every account, over any period, however holds are shown', () => {
    for (const history of histories) {
      for (const id of history.accounts.keys()) {
        const rows = ofAccount(history, id)
        const from = rows[Math.floor(rows.length / 3)]!.timestamp
        const to = rows[Math.floor((2 * rows.length) / 3)]!.timestamp
        const opening = postedBefore(rows, id, from)
        const closing = postedBefore(rows, id, to)
        const earlier = new Map(
          rows.filter((row) => row.timestamp < from && (row.flags & 2) !== 0).map((row) => [row.id, row]),
        )
        const period = rows.filter(({timestamp}) => timestamp >= from && timestamp < to)
        for (const holds of ['fold', 'show', 'hide'] as const) {
          const statement = buildStatement(input(id, {from, to, opening, closing, holds, earlier}), period)
          expect(statement.closing - statement.opening).to.equal(
            statement.rows.reduce((sum, row) => sum + row.debit - row.credit, 0n),
          )
          expect(statement.closing).to.equal(closing.debits - closing.credits)
        }
      }
    }
  })

  it('shows each row once, in the order of time, with the balance after it', () => {
    const history = histories[0]!
    for (const id of history.accounts.keys()) {
      const {rows} = buildStatement(input(id), ofAccount(history, id))
      let balance = 0n
      for (const [index, row] of rows.entries()) {
        balance += row.debit - row.credit
        expect(row.balance).to.equal(balance)
        if (index > 0) expect(row.timestamp >= rows[index - 1]!.timestamp).to.equal(true)
      }
    }
  })

  it('is refused when a row is missing or an amount differs', () => {
    const history = histories[0]!
    const rows = ofAccount(history, 1n)
    const closing = postedBefore(rows, 1n, END)
    const at = rows.findIndex(({flags, amount}) => (flags & 10) === 0 && amount > 0n)
    expect(() =>
      buildStatement(
        input(1n, {closing}),
        rows.filter((_, i) => i !== at),
      ),
    ).to.throw(StatementError)
    const changed = rows.map((row, i) => (i === at ? {...row, amount: row.amount + 1n} : row))
    expect(() => buildStatement(input(1n, {closing}), changed)).to.throw(StatementError)
    buildStatement(input(1n, {closing}), rows)
  })

  it('shows a hold and what became of it as one row, dated when it moved', () => {
    const base: Transfer = {
      ...BLANK_TRANSFER,
      id: 1n,
      debit_account_id: 1n,
      credit_account_id: 2n,
      amount: 100n,
      ledger: 1,
      code: 1,
      flags: 2,
      timestamp: START,
    }
    const post = {...base, id: 2n, pending_id: 1n, amount: 60n, flags: 4, timestamp: START + 5n}
    const lapsing = {...base, id: 3n, timeout: 1, timestamp: START + 6n}
    const later = {...base, id: 4n, flags: 0, amount: 1n, timestamp: START + 5_000_000_000n}
    const open = {...base, id: 5n, timestamp: START + 5_000_000_001n}
    const voided = {...base, id: 6n, timestamp: START + 5_000_000_002n}
    const voids = {...base, id: 7n, pending_id: 6n, flags: 8, timestamp: START + 5_000_000_003n}
    const statement = buildStatement(input(1n, {to: START + 6_000_000_000n}), [
      base,
      post,
      lapsing,
      later,
      open,
      voided,
      voids,
    ])
    expect(
      statement.rows.map(({id, state, debit, heldAmount, heldSince}) => [id, state, debit, heldAmount, heldSince]),
    ).to.deep.equal([
      [2n, 'hold_posted', 60n, 100n, START],
      [3n, 'lapsed', 0n, 100n, START + 6n],
      [4n, 'posted', 1n, undefined, undefined],
      [7n, 'voided', 0n, 100n, START + 5_000_000_002n],
    ])
    expect(statement.rows[1]!.timestamp).to.equal(START + 6n + 1_000_000_000n)
    expect(statement.open.map(({id}) => id)).to.deep.equal([5n])
    const shown = buildStatement(input(1n, {holds: 'show'}), [base, post])
    expect(shown.rows.map(({state}) => state)).to.deep.equal(['held', 'hold_posted'])
    expect(buildStatement(input(1n, {holds: 'hide'}), [base, voids]).rows).to.deep.equal([])
  })

  it('counts on the credit side for liabilities, equity and income', () => {
    const rows = ofAccount(histories[0]!, 1n)
    const asset = buildStatement(input(1n), rows)
    const liability = buildStatement(input(1n, {type: 'liability'}), rows)
    expect(liability.closing).to.equal(-asset.closing)
    expect(liability.side).to.equal('credit')
  })
})
