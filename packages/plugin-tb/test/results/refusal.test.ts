import {type NextCommand, renderCommand} from '@parix/kit/next-command'
import {existsDifferently} from '@parix/ledger/schema'
import {expect} from 'chai'
import type {LedgerRecord} from '../../src/records/kinds.js'
import type {EventOutcome} from '../../src/results/outcome.js'
import {inLedger, type Refusal, refusalError} from '../../src/results/refusal.js'
import {STATUSES} from '../../src/results/statuses.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700n, code: 1n}
const event = (index: number, result: string): EventOutcome => {
  const state = result === 'created' || result === 'exists' ? result : 'refused'
  return {index, id: String(index + 7), state, result, ...(state === 'refused' ? {code: 54} : {timestamp: '5'})}
}

/** The error of a call whose events had these results. */
function errorOf(results: string[], changes: Partial<Refusal> = {}) {
  const records: LedgerRecord[] = results.map((_, index) => ({id: BigInt(index + 7), ...MOVE}))
  return refusalError({
    ...{kind: 'transfer', database: 'books', records, events: results.map((result, index) => event(index, result))},
    ...{retried: false, numbers: new Map()},
    ...changes,
  })
}
const steps = (results: string[], changes?: Partial<Refusal>) =>
  (errorOf(results, changes)!.details.next as NextCommand[]).map((step) => renderCommand(step))

describe('what is said of a call with refused events', () => {
  it('nothing, where none was refused', () => {
    expect(errorOf(['created', 'exists'])).to.equal(undefined)
    expect(errorOf([])).to.equal(undefined)
  })

  it('it ends with 6, its code is the result, and it is not tried again', () => {
    const error = errorOf(['exceeds_credits'])!
    expect(error).to.include({kind: 'REFUSED', exitCode: 6, code: 'exceeds_credits'})
    expect(error.details).to.include({retryable: false, status: 409})
  })

  for (const [results, headline] of [
    [['exceeds_credits'], 'The transfer was refused: exceeds_credits.'],
    [['exceeds_credits', 'created'], '1 of 2 transfers was refused. The other one is in the ledger.'],
    [['exceeds_credits', 'created', 'exists'], '1 of 3 transfers was refused. The other 2 are in the ledger.'],
    [['exceeds_credits', 'exceeds_debits'], '2 of 2 transfers were refused.'],
  ] as const) {
    it(`${results.join(', ')}: ${headline}`, () => {
      expect(errorOf([...results])!.message).to.equal(headline)
    })
  }

  it('one id with two contents is an alarm, whatever else was refused', () => {
    const error = errorOf(['exceeds_credits', 'exists_with_different_amount'])!
    expect(error.message).to.equal(
      'ALARM: id 8 is in the ledger with other contents (exists_with_different_amount). Two transfers were given one id.',
    )
    expect(error.code).to.equal('exists_with_different_amount')
  })

  it('every result that is an alarm, and no other, is reported as one', () => {
    for (const {name} of STATUSES.transfer.filter((status) => status.name !== 'created' && status.name !== 'exists'))
      expect(errorOf([name])!.message.startsWith('ALARM'), name).to.equal(existsDifferently(name))
  })

  it('the cause of a chain is the event with a result of its own, not the ones that fell with it', () => {
    const error = errorOf(['linked_event_failed', 'linked_event_failed', 'exceeds_debits'])!
    expect(error.code).to.equal('exceeds_debits')
    expect(errorOf(['linked_event_failed'])!.code).to.equal('linked_event_failed')
  })

  it('each refused event is a line: which it is, what it would have moved, the result and its meaning', () => {
    const [line] = errorOf(['created', 'exceeds_credits'])!.details.errors!
    expect(line).to.match(/^event 2, id 8, 5 from 1 to 2: exceeds_credits\. [A-Z].*\.$/)
    const alone = errorOf(['exceeds_credits'])!.details.errors![0]
    expect(alone).to.match(/^id 7, 5 from 1 to 2: exceeds_credits\. /)
  })

  it('an event of a file is known by its line', () => {
    const placeOf = (index: number) => `pay.ndjson line ${index + 4}`
    expect(errorOf(['created', 'exceeds_credits'], {placeOf})!.details.errors![0]).to.match(
      /^pay\.ndjson line 5, id 8, /,
    )
  })

  it('a post has no accounts of its own, so it says none', () => {
    const records = [{id: 7n, pending_id: 5n, flags: 4n, amount: 1n}]
    expect(errorOf(['pending_transfer_not_found'], {records})!.details.errors![0]).to.match(
      /^id 7: pending_transfer_not_found/,
    )
  })

  it('an account says nothing of money', () => {
    const records = [{id: 7n, ledger: 1n, code: 1n}]
    const error = errorOf(['ledger_must_not_be_zero'], {kind: 'account', records})!
    expect(error.message).to.equal('The account was refused: ledger_must_not_be_zero.')
    expect(error.details.errors![0]).to.match(/^id 7: ledger_must_not_be_zero\. The ledger is 0 or missing\.$/)
  })

  it('the numbers behind a refusal stand beside it', () => {
    const numbers = new Map([[1, 'Account 1 has 20 left.']])
    const [first, second] = errorOf(['exceeds_credits', 'exceeds_credits'], {numbers})!.details.errors!
    expect(first).not.to.contain('20 left')
    expect(second).to.match(/ Account 1 has 20 left\.$/)
  })

  it('a result that this version does not know is reported with its number', () => {
    const events = [{...event(0, 'brand_new'), code: 99}]
    expect(errorOf(['brand_new'], {events})!.details.errors![0]).to.contain(
      'A result that this version does not know (99).',
    )
  })

  it('id_already_failed after a lost response says that the reason was in it; else it does not', () => {
    const lost = 'An earlier attempt was refused and its response, with the reason, was lost.'
    expect(errorOf(['id_already_failed'], {retried: true})!.details.errors![0]).to.contain(lost)
    expect(errorOf(['id_already_failed'])!.details.errors![0]).not.to.contain(lost)
    expect(errorOf(['exceeds_credits'], {retried: true})!.details.errors![0]).not.to.contain(lost)
  })

  it('a chain that broke because one of its events is there already says which', () => {
    const records = [1n, 1n, 0n].map((flags, index) => ({id: BigInt(index + 7), ...MOVE, flags}))
    const lines = errorOf(['exists', 'linked_event_failed', 'linked_event_failed'], {records})!.details.errors!
    for (const line of lines) expect(line).to.contain('An event of the chain (event 1, id 7) is in the ledger already')
    const apart = [0n, 1n, 0n].map((flags, index) => ({id: BigInt(index + 7), ...MOVE, flags}))
    const other = errorOf(['exists', 'linked_event_failed', 'linked_event_failed'], {records: apart})!.details.errors!
    expect(other.join(), 'the event before the chain is none of it').not.to.contain('is in the ledger already')
  })

  it('lists twenty, and of more how many; the JSON has all', () => {
    const {errors, tbResults} = errorOf(Array.from({length: 23}, () => 'exceeds_credits'))!.details
    expect(errors).to.have.length(21)
    expect(errors!.at(-1)).to.equal('and 3 more (--json lists all)')
    expect(tbResults).to.have.length(23)
    expect(errorOf(Array.from({length: 20}, () => 'exceeds_credits'))!.details.errors).to.have.length(20)
  })

  it('the JSON has what was refused with its number, and what is in the ledger with its time', () => {
    const {tbResults, created} = errorOf(['created', 'exceeds_credits', 'exists'])!.details
    expect(tbResults).to.deep.equal([{index: 1, result: 'exceeds_credits', code: 54, id: '8'}])
    expect(created).to.deep.equal([
      {index: 0, id: '7', result: 'created', timestamp: '5'},
      {index: 2, id: '9', result: 'exists', timestamp: '5'},
    ])
  })

  it('what is unnamed, unfamiliar or refused is not in the ledger', () => {
    const all = ['created', 'exists', 'stored', 'refused', 'unnamed', 'unfamiliar'] as const
    const events = all.map((state, index) => ({index, id: String(index), state, result: state}))
    expect(inLedger(events).map(({result}) => result)).to.deep.equal(['created', 'exists', 'stored'])
  })
})

describe('how one goes on after a refusal', () => {
  it('every result is explained', () => {
    expect(steps(['overflows_debits'])).to.deep.equal(['parix tb explain overflows_debits'])
  })

  it('a limit: the balance of the account that has it', () => {
    expect(steps(['exceeds_credits'])[0]).to.equal('parix tb balance books 1')
    expect(steps(['exceeds_debits'])[0]).to.equal('parix tb balance books 2')
  })

  it('one id with two contents: what is stored under it', () => {
    expect(steps(['exists_with_different_code'])[0]).to.equal('parix tb lookup-transfers books --id 7')
    const account = {kind: 'account', records: [{id: 7n}]} as const
    expect(steps(['exists_with_different_code'], account)[0]).to.equal('parix tb lookup-accounts books --id 7')
  })

  it('an id that is used up: both accounts, where the reason is to be found', () => {
    expect(steps(['id_already_failed'])[0]).to.equal('parix tb lookup-accounts books --ids 1,2')
    expect(steps(['id_already_failed'], {records: [{id: 7n, pending_id: 5n}]})).to.deep.equal([
      'parix tb explain id_already_failed',
    ])
  })
})
