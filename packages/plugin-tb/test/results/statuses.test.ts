import {CreateAccountStatus, CreateTransferStatus, idFate} from '@parix/ledger/schema'
import {expect} from 'chai'
import {STATUSES, statusName} from '../../src/results/statuses.js'

describe('the table of results', () => {
  it('has every result of the ledger under its number, and no other', () => {
    for (const [kind, statuses] of [
      ['account', CreateAccountStatus],
      ['transfer', CreateTransferStatus],
    ] as const) {
      const numbers = Object.values(statuses).filter((value): value is number => typeof value === 'number')
      expect(STATUSES[kind].map(({code}) => code).toSorted((a, b) => a - b)).to.deep.equal(
        numbers.toSorted((a, b) => a - b),
      )
      for (const {code, name} of STATUSES[kind]) expect(statuses[code]).to.equal(name)
    }
  })

  it('explains each in whole sentences', () => {
    for (const {name, meaning, advice} of [...STATUSES.account, ...STATUSES.transfer]) {
      expect(meaning, name).to.match(/^[A-Z].*\.$/)
      expect(advice, name).to.match(/^[A-Z]/)
    }
  })

  it('says what becomes of the id: the seven that burn it, and only of transfers', () => {
    const burnt = STATUSES.transfer.filter(({name}) => idFate('transfer', name) === 'burnt').map(({name}) => name)
    expect(burnt).to.have.members([
      'debit_account_not_found',
      'credit_account_not_found',
      'pending_transfer_not_found',
      'exceeds_credits',
      'exceeds_debits',
      'debit_account_already_closed',
      'credit_account_already_closed',
      'id_already_failed',
    ])
    expect(STATUSES.account.some(({name}) => idFate('account', name) === 'burnt')).to.equal(false)
    expect(idFate('transfer', 'exists_with_different_amount')).to.equal('taken')
    expect(idFate('transfer', 'linked_event_failed')).to.equal('free')
  })

  it('shows a number that it does not know as it is', () => {
    expect(statusName('transfer', 999)).to.equal('999')
    expect(statusName('account', 0)).to.equal('created')
  })
})
