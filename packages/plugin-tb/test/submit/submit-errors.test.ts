import {ParixError} from '@parix/kit/errors'
import {type NextCommand, renderCommand} from '@parix/kit/next-command'
import {expect} from 'chai'
import type {Entry} from '../../src/outbox/entry.js'
import type {EventOutcome} from '../../src/results/outcome.js'
import {
  counted,
  databaseGone,
  type Ending,
  keptAfterRefusal,
  notCarriedOut,
  otherLedger,
  outcomeUnknown,
} from '../../src/submit/submit-errors.js'

const ENTRY: Entry = {
  directory: '/outbox/x',
  requests: new Map(),
  file: {
    ...{version: 1, id: '20261124-184012-4f3a9c', operation: 'create_transfers', baseUrl: 'https://parix.io'},
    ...{origin: 'https://parix.io', database: {id: 'db', name: 'books'}, createdAt: '2026-11-24T18:40:12.000Z'},
    ...{contentKey: 'k', ledger: 'one'},
    batches: [
      {body: 'request-1.json', events: 3, firstId: '1', lastId: '3', failedAttempts: 0},
      {body: 'request-2.json', events: 4, firstId: '4', lastId: '7', failedAttempts: 0},
    ],
  },
}
const outcome = (index: number, state: EventOutcome['state'], result: string = state): EventOutcome => ({
  index,
  id: String(index + 1),
  state,
  result,
  ...(state === 'refused' && {code: 54}),
})
const ending = (changes: Partial<Ending> = {}): Ending => ({
  entry: ENTRY,
  reason: 'the connection broke..',
  ids: ['4', '5'],
  unsent: 0,
  unsentInDoubt: false,
  known: [],
  resume: 'parix tb outbox resume 20261124-184012-4f3a9c',
  ...changes,
})

describe('an outcome that is unknown', () => {
  it('ends with 75, names the ids, where they are kept, and the command that goes on', () => {
    const error = outcomeUnknown(ending())
    expect(error).to.include({kind: 'OUTCOME_UNKNOWN', exitCode: 75})
    expect(error.message).to.equal('It is unknown whether 2 transfers in books were created: the connection broke.')
    expect(error.details).to.deep.include({
      ...{errors: ['id 4', 'id 5'], ids: ['4', '5'], outbox: ENTRY.file.id, retryable: true, created: []},
      ...{next: 'parix tb outbox resume 20261124-184012-4f3a9c'},
    })
  })

  it('of one transfer is reported in the singular', () => {
    expect(outcomeUnknown(ending({ids: ['4']})).message).to.match(
      /^It is unknown whether 1 transfer in books was created:/,
    )
  })

  it('tells apart what is known to be there, what was refused, and what was never sent', () => {
    const known = [outcome(0, 'created'), outcome(1, 'refused', 'exceeds_credits'), outcome(2, 'exists')]
    const {details} = outcomeUnknown(ending({known, unsent: 2}))
    expect(details.errors).to.deep.equal(['known: 3 of 7, 1 of them refused', 'not sent yet: 2', 'id 4', 'id 5'])
    expect(details.tbResults).to.deep.equal([{index: 1, result: 'exceeds_credits', code: 54, id: '2'}])
    expect(details.created!.map(({id}) => id)).to.deep.equal(['1', '3'])
    expect(outcomeUnknown(ending({known: [outcome(0, 'stored')]})).details.errors![0]).to.equal(
      'known: 1 of 7, all in the ledger',
    )
  })

  it('lists twenty ids, and of more how many and up to which; the JSON has all', () => {
    const ids = Array.from({length: 25}, (_, index) => String(index + 1))
    const {errors, ids: all} = outcomeUnknown(ending({ids})).details
    expect(errors).to.have.length(21)
    expect(errors!.at(-1)).to.equal('and 5 more: up to id 25')
    expect(all).to.deep.equal(ids)
    expect(outcomeUnknown(ending({ids: ids.slice(0, 20)})).details.errors).to.have.length(20)
  })
})

describe('a call that was certainly not carried out', () => {
  it('says so, keeps nothing, and may be repeated as it is', () => {
    const error = notCarriedOut(ending(), undefined)
    expect(error).to.include({kind: 'UNAVAILABLE', exitCode: 75})
    expect(error.message).to.equal(
      'Nothing was created: the connection broke. 2 transfers in books were certainly not carried out.',
    )
    expect(error.details).to.include({retryable: true, hint: 'Repeat the same command later.'})
    expect(error.details.outbox).to.equal(undefined)
  })

  it('says when, where the service did, in whole seconds that are not too few', () => {
    expect(notCarriedOut(ending(), 1500).details.hint).to.equal('Repeat the same command in 2 s.')
    expect(notCarriedOut(ending(), 0).details.hint).to.equal('Repeat the same command later.')
  })
})

describe('a request that is refused after an earlier attempt, or after a part', () => {
  const refusal = new ParixError('FORBIDDEN', 'The key may not write.', {
    errors: ['scope: tb:write'],
    next: 'parix auth login',
  })

  it('keeps the kind of the refusal where only the rest was not sent', () => {
    const error = keptAfterRefusal(refusal, ending({known: [outcome(0, 'created')]}), false)
    expect(error).to.include({kind: 'FORBIDDEN', exitCode: 5})
    expect(error.message).to.equal('The key may not write. The rest was not sent, so it stays in the outbox.')
    expect(error.details.created!.map(({id}) => id)).to.deep.equal(['1'])
  })

  it('is an unknown outcome where an earlier attempt may have arrived', () => {
    const error = keptAfterRefusal(refusal, ending(), true)
    expect(error).to.include({kind: 'OUTCOME_UNKNOWN', exitCode: 75, cause: refusal})
    expect(error.message).to.contain('An earlier attempt may have been carried out, so it stays in the outbox.')
  })

  it('gives what the refusal advises first, and then the command that resumes', () => {
    const {next, errors} = keptAfterRefusal(refusal, ending(), true).details
    expect(next).to.deep.equal(['parix auth login', ending().resume])
    expect(errors).to.deep.equal(['scope: tb:write', 'id 4', 'id 5'])
    const bare = keptAfterRefusal(new ParixError('FORBIDDEN', 'No.'), ending(), true)
    expect(bare.details.next).to.deep.equal([ending().resume])
  })
})

describe('a call that can not be finished any more', () => {
  const command = (next: unknown) => renderCommand(next as NextCommand)

  it('a database that is gone: nothing can be found out, and only forgetting is left', () => {
    const error = databaseGone(ending())
    expect(error).to.include({kind: 'NOT_FOUND', exitCode: 3, code: 'database_gone'})
    expect(error.message).to.contain('books (db) is gone from https://parix.io').and.contain('2 transfers')
    expect(error.details).to.deep.include({ids: ['4', '5'], retryable: false, outbox: ENTRY.file.id})
    expect(command(error.details.next)).to.equal(`parix tb outbox forget ${ENTRY.file.id} --confirm ${ENTRY.file.id}`)
  })

  it('another ledger: both are named, nothing is sent, and it is not tried again', () => {
    const error = otherLedger(ending(), 'two')
    expect(error).to.include({kind: 'CONFLICT', exitCode: 6, code: 'other_ledger'})
    expect(error.message)
      .to.contain('another ledger now (two)')
      .and.contain('created for (one)')
      .and.contain('nothing was sent')
    expect(error.details).to.include({retryable: false})
    expect(command(error.details.next)).to.equal(`parix tb outbox show ${ENTRY.file.id}`)
  })

  it('counts in the words of what was sent', () => {
    const accounts: Entry = {...ENTRY, file: {...ENTRY.file, operation: 'create_accounts'}}
    expect([counted(ENTRY, 1), counted(ENTRY, 2), counted(accounts, 1), counted(accounts, 0)]).to.deep.equal([
      '1 transfer',
      '2 transfers',
      '1 account',
      '0 accounts',
    ])
  })
})
