import {expect} from 'chai'
import {isSame} from '../../src/events/compare.js'

const STORED = {
  id: 1n,
  debit_account_id: 1n,
  credit_account_id: 2n,
  amount: 5n,
  ledger: 7n,
  code: 9n,
  flags: 0n,
  timestamp: 3n,
}

describe('whether a stored transfer is what was asked for', () => {
  it('every field but the timestamp counts', () => {
    expect(isSame('transfer', STORED, {...STORED, timestamp: 0n})).to.equal(true)
    for (const field of [
      'debit_account_id',
      'credit_account_id',
      'amount',
      'pending_id',
      'user_data_128',
      'user_data_64',
      'user_data_32',
      'timeout',
      'ledger',
      'code',
      'flags',
    ]) {
      expect(isSame('transfer', STORED, {...STORED, [field]: 99n}), field).to.equal(false)
    }
  })

  it('a post or void takes what it leaves out from its pending transfer', () => {
    const stored = {...STORED, flags: 4n, pending_id: 8n, user_data_64: 6n}
    const max = 2n ** 128n - 1n
    expect(isSame('transfer', stored, {id: 1n, flags: 4n, pending_id: 8n, amount: max})).to.equal(true)
    expect(isSame('transfer', stored, {id: 1n, flags: 4n, pending_id: 8n, amount: 4n})).to.equal(false)
    expect(isSame('transfer', stored, {id: 1n, flags: 4n, pending_id: 8n, amount: 5n, ledger: 1n})).to.equal(false)
    expect(isSame('transfer', {...stored, flags: 8n}, {id: 1n, flags: 8n, pending_id: 8n})).to.equal(true)
  })

  it('a balancing transfer may have moved less, never more', () => {
    const stored = {...STORED, flags: 16n}
    expect(isSame('transfer', stored, {...stored, amount: 100n})).to.equal(true)
    expect(isSame('transfer', stored, {...stored, amount: 4n})).to.equal(false)
  })

  it('an account that was closed since is the same, one with another limit is not', () => {
    const stored = {id: 1n, ledger: 1n, code: 1n, flags: 2n}
    expect(isSame('account', {...stored, flags: 34n, credits_posted: 9n}, stored)).to.equal(true)
    expect(isSame('account', {...stored, flags: 4n}, stored)).to.equal(false)
    expect(isSame('account', {...stored, user_data_32: 4n}, stored)).to.equal(false)
  })
})
