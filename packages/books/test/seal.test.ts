import {
  CHUNK_ROWS,
  digestOfSeal,
  firstChunkThatDiffers,
  firstRowThatDiffers,
  type Seal,
  SealDigest,
} from '@parix/books/seal'
import type {Account, Transfer} from '@parix/ledger'
import {expect} from 'chai'
import {type History, randomHistory, seeded} from './random-ledger.js'

function digest(accounts: Iterable<Account>, transfers: Iterable<Transfer>): SealDigest {
  const made = new SealDigest(true)
  for (const account of accounts) made.addAccount(account)
  for (const transfer of transfers) made.addTransfer(transfer)
  return made
}

describe('a seal', () => {
  let history: History
  before(async () => {
    history = await randomHistory(seeded(51), 60)
  })
  const sealed = (transfers: Transfer[], accounts = [...history.accounts.values()]) => digest(accounts, transfers)

  it('is the same for the same rows, whatever the balances and whether accounts are closed', () => {
    const before = [...history.accounts.values()]
    const after = before.map((account) => ({
      ...account,
      debits_posted: account.debits_posted + 5n,
      flags: account.flags | 32,
    }))
    expect(sealed(history.transfers, after).finish()).to.deep.equal(sealed(history.transfers, before).finish())
  })

  it('changes with every immutable field of every row, and names the first that differs', () => {
    const was = sealed(history.transfers)
    const at = 17
    const row = history.transfers[at]!
    const changes: Partial<Transfer>[] = [
      {id: row.id + 1n},
      {debit_account_id: 99n},
      {credit_account_id: 99n},
      {amount: row.amount + 1n},
      {pending_id: 99n},
      {user_data_128: 1n},
      {user_data_64: 1n},
      {user_data_32: 1},
      {timeout: row.timeout + 1},
      {ledger: 99},
      {code: 99},
      {flags: row.flags ^ 1},
      {timestamp: row.timestamp + 1n},
    ]
    for (const change of changes) {
      const is = sealed(history.transfers.map((item, i) => (i === at ? {...item, ...change} : item)))
      expect(is.finish().sha256, Object.keys(change)[0]).not.to.equal(was.finish().sha256)
      expect(firstRowThatDiffers(was.rowDigests(), is.rowDigests())).to.equal(history.accounts.size + at)
    }
  })

  it('changes when a row is added, removed or moved', () => {
    const was = sealed(history.transfers)
    const {transfers} = history
    const swapped = [transfers[1]!, transfers[0]!, ...transfers.slice(2)]
    for (const other of [transfers.slice(0, -1), transfers.slice(1), [...transfers, transfers[0]!], swapped]) {
      expect(sealed(other).finish().sha256).not.to.equal(was.finish().sha256)
    }
    expect(firstRowThatDiffers(was.rowDigests(), sealed(transfers.slice(0, -1)).rowDigests())).to.equal(
      history.accounts.size + transfers.length - 1,
    )
    expect(firstRowThatDiffers(was.rowDigests(), sealed(transfers).rowDigests())).to.equal(undefined)
  })

  it('has a chunk for every 100,000 rows, and names the first that differs', () => {
    const row = history.transfers[0]!
    const many = (change: number) => {
      const made = new SealDigest()
      for (let i = 0; i < 2 * CHUNK_ROWS + 5; i++) made.addTransfer(i === change ? {...row, amount: 999_999n} : row)
      return made.finish()
    }
    const was = many(-1)
    expect(was.chunks).to.have.length(3)
    expect(firstChunkThatDiffers(was, many(CHUNK_ROWS + 1))).to.equal(1)
    expect(firstChunkThatDiffers(was, many(2 * CHUNK_ROWS + 4))).to.equal(2)
    expect(firstChunkThatDiffers(was, was)).to.equal(undefined)
  })

  it('forms a chain with the one before', () => {
    const seal: Seal = {
      format: 'parix-seal/1',
      service: 'x',
      databaseId: 'db',
      clusterId: null,
      until: '1',
      accounts: 0,
      transfers: 0,
      sha256: '',
      chunks: [],
      ledgers: {},
      previous: null,
    }
    expect(digestOfSeal(seal))
      .to.match(/^[0-9a-f]{64}$/)
      .and.not.equal(digestOfSeal({...seal, previous: digestOfSeal(seal)}))
  })
})
