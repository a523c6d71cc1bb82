import {auditAccounts, auditFold} from '@parix/books/audit'
import {Fold} from '@parix/books/fold'
import type {Transfer} from '@parix/ledger'
import {expect} from 'chai'
import {type History, randomHistory, seeded} from './random-ledger.js'

function fold({accounts, now}: History, transfers: Iterable<Transfer>): Fold {
  const folded = new Fold(accounts)
  for (const transfer of transfers) folded.add(transfer)
  folded.finish()
  folded.release(now)
  return folded
}

describe('books made from rows', () => {
  const histories: History[] = []
  before(async () => {
    for (let seed = 1; seed <= 6; seed++) histories.push(await randomHistory(seeded(seed), 120))
  })

  it('have something of everything', () => {
    const flags = histories.flatMap(({transfers}) => transfers.map((transfer) => transfer.flags))
    for (const bit of [1, 2, 4, 8, 16, 32])
      expect(
        flags.some((value) => (value & bit) !== 0),
        String(bit),
      ).to.equal(true)
    expect(histories.every(({transfers}) => transfers.length > 80)).to.equal(true)
  })

  it('give the balances that the ledger has, in all four columns', () => {
    for (const history of histories) {
      expect(auditAccounts(history.accounts.values())).to.deep.equal([])
      expect(auditFold(history.accounts.values(), fold(history, history.transfers))).to.deep.equal([])
    }
  })

  it('name the account when a row is missing', () => {
    for (const history of histories) {
      const at = history.transfers.findIndex(({flags, amount}) => (flags & 15) === 0 && amount > 0n)
      const gone = history.transfers[at]!
      const findings = auditFold(
        history.accounts.values(),
        fold(
          history,
          history.transfers.filter((_, i) => i !== at),
        ),
      )
      const accounts = findings.map(({account}) => account)
      expect(accounts).to.include.members([gone.debit_account_id, gone.credit_account_id])
    }
  })

  it('name both accounts when an amount is off by one', () => {
    const history = histories[0]!
    const at = history.transfers.findIndex(({flags, amount}) => (flags & 15) === 0 && amount > 0n)
    const changed = history.transfers.map((row, i) => (i === at ? {...row, amount: row.amount + 1n} : row))
    const {debit_account_id, credit_account_id} = history.transfers[at]!
    const findings = auditFold(history.accounts.values(), fold(history, changed))
    expect(findings.map(({account}) => account).sort()).to.deep.equal([debit_account_id, credit_account_id].sort())
  })

  it('name a hold too many', () => {
    const history = histories[1]!
    const at = history.transfers.findIndex(
      ({flags, timeout, amount}) => (flags & 2) !== 0 && timeout === 0 && amount > 0n,
    )
    const hold = history.transfers[at]!
    const last = history.transfers.at(-1)!
    const extra = {...hold, id: 999_999n, flags: 2, timestamp: last.timestamp + 1n}
    const findings = auditFold(history.accounts.values(), fold(history, [...history.transfers, extra]))
    expect(findings.map(({message}) => message).join('\n')).to.match(/debits_pending is \d+, its transfers make \d+/)
  })

  it('name transfers that refer to what is not there, that go back in time, or that leave a chain open', () => {
    const history = histories[2]!
    const [first, second] = history.transfers as [Transfer, Transfer]
    const codes = (transfers: Transfer[]) => fold(history, transfers).findings.map(({code}) => code)
    expect(codes([{...first, flags: 0, debit_account_id: 77n}])).to.include('unknown_account')
    expect(codes([{...first, flags: 0, ledger: 9}])).to.include('other_ledger')
    expect(codes([second, first])).to.include('timestamp_not_rising')
    expect(codes([{...first, flags: 1}])).to.deep.equal(['open_chain'])
    expect(codes([{...first, flags: 4, pending_id: 5n}])).to.deep.equal(['unknown_hold'])
  })
})
