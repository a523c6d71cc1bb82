import {expect} from 'chai'
import {explain} from '../../src/results/explain.js'
import {STATUSES} from '../../src/results/statuses.js'
import {refused} from '../support/refusal.js'

const names = (text: string, only?: 'account' | 'transfer') =>
  explain(text, only).map(({object, name}) => `${object} ${name}`)

describe('explaining a result', () => {
  it('by name, of accounts and of transfers where both have it', () => {
    expect(names('exceeds_credits')).to.deep.equal(['transfer exceeds_credits'])
    expect(names('exists')).to.deep.equal(['account exists', 'transfer exists'])
    expect(names('exists', 'transfer')).to.deep.equal(['transfer exists'])
  })

  it('by number, which is another result of an account than of a transfer', () => {
    expect(names('21')).to.deep.equal(['account exists', 'transfer debit_account_not_found'])
    expect(names(' 54 ')).to.deep.equal(['transfer exceeds_credits'])
    expect(names('0')).to.deep.equal(['account created', 'transfer created'])
  })

  it('in the spellings of other clients', () => {
    for (const text of ['CreateTransferStatus.exceeds_credits', 'exceedsCredits', 'EXCEEDS-CREDITS', 'Exceeds Credits'])
      expect(names(text), text).to.deep.equal(['transfer exceeds_credits'])
  })

  it('every result that there is can be explained by its name and by its number', () => {
    for (const kind of ['account', 'transfer'] as const) {
      for (const {name, code} of STATUSES[kind]) {
        expect(names(name, kind)).to.deep.equal([`${kind} ${name}`])
        expect(names(String(code), kind)).to.deep.equal([`${kind} ${name}`])
      }
    }
  })

  it('says of each whether it is stored, and of none but created and exists that it is', () => {
    for (const kind of ['account', 'transfer'] as const)
      for (const {name} of STATUSES[kind])
        expect(explain(name, kind)[0]!.stored, name).to.equal(name === 'created' || name === 'exists')
  })

  it('what there is not is refused with what was probably meant', () => {
    const error = refused(() => explain('exceed_credits', undefined))
    expect(error).to.include({kind: 'BAD_INPUT', code: 'unknown_result', exitCode: 2})
    expect(error.message).to.equal(
      'TigerBeetle has no result "exceed_credits". Did you mean exceeds_credits or exceeds_debits?',
    )
    expect(refused(() => explain('999', undefined)).message).to.contain('"999"')
    expect(refused(() => explain('exceeds_credits', 'account')).message).to.contain('no result')
    expect(refused(() => explain('', undefined)).message).to.contain('no result ""')
  })
})
