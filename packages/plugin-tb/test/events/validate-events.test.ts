import {UINT128_MAX} from '@parix/kit/integers'
import type {CreateKind} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {type Draft, validateEvents} from '../../src/events/validate-events.js'
import {FLAGS} from '../../src/records/flags.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {createProblems} from '../../src/records/problems.js'
import {LEDGER_NOW, memoryLedger} from '../support/memory-ledger.js'

const ACCOUNT = {id: 1n, ledger: 700n, code: 10n}
const MOVE = {id: 9n, debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700n, code: 1n}
const POST = {id: 9n, pending_id: 8n, amount: 5n, flags: 4n}
const VOID = {id: 9n, pending_id: 8n, flags: 8n}
const bit = (kind: CreateKind, ...names: string[]) => names.reduce((sum, name) => sum | FLAGS[kind][name]!, 0n)

/** What is wrong with the records, a sentence each; `#2 amount` is the amount of the second. */
function faults(kind: CreateKind, ...records: LedgerRecord[]): string[] {
  const drafts: Draft[] = records.map((record, index) => ({
    record,
    place: (field) => (records.length === 1 ? field : `#${index + 1} ${field}`),
  }))
  const said: string[] = []
  const problems = {...createProblems(), add: (sentence: string) => said.push(sentence)}
  validateEvents(kind, drafts, problems)
  return said
}

const without = (record: LedgerRecord, field: string): LedgerRecord =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== field))

describe('rules of an event that need no ledger', () => {
  it('an account, a transfer, a post and a void with nothing but what they need are right', () => {
    expect(faults('account', ACCOUNT)).to.deep.equal([])
    expect(faults('transfer', MOVE)).to.deep.equal([])
    expect(faults('transfer', POST)).to.deep.equal([])
    expect(faults('transfer', VOID)).to.deep.equal([])
  })

  for (const [kind, whole, needed] of [
    ['account', ACCOUNT, ['id', 'ledger', 'code']],
    ['transfer', MOVE, ['id', 'debit_account_id', 'credit_account_id', 'amount', 'ledger', 'code']],
    ['transfer', POST, ['id', 'pending_id', 'amount']],
    ['transfer', VOID, ['id', 'pending_id']],
  ] as const) {
    it(`${kind} with ${Object.keys(whole).join(', ')}: each of ${needed.join(', ')} that is left out is named, once`, () => {
      for (const field of needed) {
        const said = faults(kind, without(whole, field))
        expect(said, field).to.have.length(1)
        expect(said[0], field).to.match(new RegExp(`^${field} is missing`))
      }
    })
  }

  for (const [kind, record, sentence] of [
    ['account', {...ACCOUNT, id: 0n}, 'id must not be 0: that id is reserved.'],
    ['account', {...ACCOUNT, id: UINT128_MAX}, 'id must not be 2^128 − 1: that id is reserved.'],
    ['account', {...ACCOUNT, ledger: 0n}, 'ledger must not be 0.'],
    ['account', {...ACCOUNT, code: 0n}, 'code must not be 0.'],
    ['account', {...ACCOUNT, reserved: 1n}, 'reserved must be 0.'],
    ['account', {...ACCOUNT, debits_pending: 1n}, /^debits_pending must be 0/],
    ['account', {...ACCOUNT, debits_posted: 1n}, /^debits_posted must be 0/],
    ['account', {...ACCOUNT, credits_pending: 1n}, /^credits_pending must be 0/],
    ['account', {...ACCOUNT, credits_posted: 1n}, /^credits_posted must be 0/],
    ['account', {...ACCOUNT, flags: 6n}, /^flags hold both limits/],
    ['account', {...ACCOUNT, timestamp: 1n}, 'timestamp is only for imported objects: the ledger gives the time.'],
    ['account', {...ACCOUNT, flags: 16n}, 'timestamp is missing: an imported object brings its own.'],
    ['transfer', {...MOVE, debit_account_id: 0n}, 'debit_account_id must not be 0: that id is reserved.'],
    ['transfer', {...MOVE, credit_account_id: UINT128_MAX}, /^credit_account_id must not be 2\^128 − 1/],
    ['transfer', {...MOVE, credit_account_id: 1n}, /^credit_account_id must be a different account/],
    ['transfer', {...MOVE, pending_id: 8n}, /^pending_id goes with the flag post_pending_transfer or void/],
    ['transfer', {...MOVE, timeout: 1n}, 'timeout is only for transfers with the flag pending.'],
    ['transfer', {...MOVE, ledger: 0n}, 'ledger must not be 0.'],
    ['transfer', {...MOVE, code: 0n}, 'code must not be 0.'],
    ['transfer', {...MOVE, flags: 64n}, /^flags hold closing_debit or closing_credit, which need the flag pending/],
    ['transfer', {...MOVE, flags: 128n}, /^flags hold closing_debit or closing_credit, which need the flag pending/],
    ['transfer', {...MOVE, timestamp: 1n}, /^timestamp is only for imported objects/],
    ['transfer', {...MOVE, flags: 256n}, /^timestamp is missing: an imported object brings its own/],
    ['transfer', {...MOVE, flags: 258n, timestamp: 7n, timeout: 1n}, 'timeout must be 0 for an imported transfer.'],
    ['transfer', {...POST, flags: 12n}, 'flags hold both post_pending_transfer and void_pending_transfer.'],
    ['transfer', {...POST, flags: 6n}, /^flags hold pending, which does not go with post_pending_transfer/],
    ['transfer', {...POST, flags: 20n}, /^flags hold balancing_debit, which does not go with/],
    ['transfer', {...VOID, flags: 40n}, /^flags hold balancing_credit, which does not go with/],
    ['transfer', {...VOID, flags: 72n}, /^flags hold closing_debit, which does not go with/],
    ['transfer', {...VOID, flags: 136n}, /^flags hold closing_credit, which does not go with/],
    ['transfer', {...POST, pending_id: UINT128_MAX}, /^pending_id must not be 2\^128 − 1/],
    ['transfer', {...POST, pending_id: 9n}, 'pending_id must not be the id of this transfer itself.'],
    ['transfer', {...POST, timeout: 3n}, 'timeout is only for transfers with the flag pending.'],
  ] as [CreateKind, LedgerRecord, string | RegExp][]) {
    it(`refuses ${kind} ${shown(record)}`, () => {
      const said = faults(kind, record)
      expect(said).to.have.length(1)
      if (typeof sentence === 'string') expect(said[0]).to.equal(sentence)
      else expect(said[0]).to.match(sentence)
    })
  }

  it('what is legal, though odd, passes: amount 0, all flags that go together, a timeout of a pending transfer', () => {
    for (const [kind, record] of [
      ['transfer', {...MOVE, amount: 0n}],
      ['transfer', {...MOVE, amount: UINT128_MAX}],
      ['transfer', {...MOVE, flags: 2n, timeout: 0xffff_ffffn}],
      ['transfer', {...MOVE, flags: bit('transfer', 'pending', 'closing_debit', 'closing_credit')}],
      ['transfer', {...MOVE, flags: bit('transfer', 'balancing_debit', 'balancing_credit')}],
      ['transfer', {...POST, amount: 0n}],
      ['transfer', {...POST, ledger: 700n, code: 1n, debit_account_id: 1n}],
      ['transfer', {...VOID, amount: 0n}],
      ['account', {...ACCOUNT, flags: bit('account', 'history', 'closed', 'debits_must_not_exceed_credits')}],
      ['account', {...ACCOUNT, flags: 16n, timestamp: 1n}],
    ] as [CreateKind, LedgerRecord][]) {
      expect(faults(kind, record), shown(record)).to.deep.equal([])
    }
  })

  it('everything that is wrong with an event is said, not the first of it', () => {
    expect(faults('transfer', {})).to.have.length(6)
    expect(faults('account', {flags: 6n, reserved: 1n})).to.have.length(5)
  })
})

describe('rules between the events of one call', () => {
  it('two events with one id are refused: the second would be answered exists and count for nothing', () => {
    expect(faults('transfer', MOVE, {...MOVE, id: 8n}, MOVE)).to.deep.equal(['#3 id is 9, the same as #1 id.'])
    expect(faults('account', ACCOUNT, {...ACCOUNT, code: 11n})).to.deep.equal(['#2 id is 1, the same as #1 id.'])
  })

  it('the last event must not be linked, whether it is alone or ends a chain', () => {
    expect(faults('account', {...ACCOUNT, flags: 1n})[0]).to.match(/^flags hold linked, but nothing follows/)
    const chain = [
      {...MOVE, flags: 1n},
      {...MOVE, id: 10n, flags: 3n},
    ]
    expect(faults('transfer', ...chain)[0]).to.match(/^#2 flags hold linked, but nothing follows/)
    expect(faults('transfer', ...chain, {...MOVE, id: 11n})).to.deep.equal([])
  })

  it('imported and other events do not go into one call, and that is said once', () => {
    const imported = {...ACCOUNT, flags: 16n, timestamp: 5n}
    expect(faults('account', imported, {...ACCOUNT, id: 2n}, {...ACCOUNT, id: 3n})).to.deep.equal([
      '#2 flags and #1 flags differ in imported: all objects of a call are, or none.',
    ])
  })

  it('imported events rise in time; each that does not is named with the one before it', () => {
    const at = (...times: bigint[]) =>
      faults(
        'account',
        ...times.map((timestamp, index) => ({...ACCOUNT, id: BigInt(index + 1), flags: 16n, timestamp})),
      )
    expect(at(5n, 6n, 7n)).to.deep.equal([])
    expect(at(5n, 5n)).to.deep.equal(['#2 timestamp must be later than that of the object before it, 5.'])
    expect(at(5n, 4n, 3n)).to.have.length(2)
  })

  it('with no events at all there is nothing wrong with them', () => {
    expect(faults('account')).to.deep.equal([])
  })
})

/** Results that an event gets whatever is in the ledger: those must be found before anything is sent. */
const WITHOUT_LEDGER = new Set([
  ...['timestamp_must_be_zero', 'reserved_field', 'reserved_flag', 'id_must_not_be_zero', 'id_must_not_be_int_max'],
  ...['flags_are_mutually_exclusive', 'debits_pending_must_be_zero', 'debits_posted_must_be_zero'],
  ...['credits_pending_must_be_zero', 'credits_posted_must_be_zero', 'ledger_must_not_be_zero'],
  ...['code_must_not_be_zero', 'debit_account_id_must_not_be_zero', 'debit_account_id_must_not_be_int_max'],
  ...['credit_account_id_must_not_be_zero', 'credit_account_id_must_not_be_int_max', 'accounts_must_be_different'],
  ...['pending_id_must_be_zero', 'pending_id_must_not_be_zero', 'pending_id_must_not_be_int_max'],
  ...['pending_id_must_be_different', 'timeout_reserved_for_pending_transfer', 'closing_transfer_must_be_pending'],
  ...['imported_event_timeout_must_be_zero', 'linked_event_chain_open', 'imported_event_expected'],
  ...['imported_event_not_expected'],
])

describe('what is validated here, against the ledger', () => {
  const flags = (kind: CreateKind) =>
    fc.subarray(Object.values(FLAGS[kind]), {maxLength: 3}).map((bits) => bits.reduce((sum, one) => sum | one, 0n))
  const one = (...values: bigint[]) => fc.constantFrom(...values)
  const ids = one(1n, 2n, 3n, 9n, 0n, UINT128_MAX)
  /** Mostly right, with a field or two that may not be. */
  const near = (whole: LedgerRecord, odd: Record<string, fc.Arbitrary<bigint>>): fc.Arbitrary<LedgerRecord> =>
    fc.tuple(fc.record(odd), fc.subarray(Object.keys(odd), {maxLength: 2}), ids).map(([values, fields, id]) => ({
      ...whole,
      id,
      ...Object.fromEntries(fields.map((name) => [name, values[name]!])),
    }))
  const accounts = near(ACCOUNT, {
    debits_pending: one(0n, 1n),
    debits_posted: one(0n, 1n),
    credits_pending: one(0n, 1n),
    credits_posted: one(0n, 1n),
    reserved: one(0n, 1n),
    ledger: one(0n, 700n),
    code: one(0n, 10n),
    flags: flags('account'),
    timestamp: one(0n, 5n, 9n),
  })
  const odd = {
    debit_account_id: ids,
    credit_account_id: ids,
    pending_id: one(0n, 8n, 9n, UINT128_MAX),
    timeout: one(0n, 1n),
    ledger: one(0n, 700n),
    code: one(0n, 1n),
    flags: flags('transfer'),
    timestamp: one(0n, 5n, 9n),
  }
  const transfers = fc.oneof(near(MOVE, odd), near(POST, odd), near(VOID, odd))

  for (const [kind, arbitrary] of [
    ['account', accounts],
    ['transfer', transfers],
  ] as const) {
    it(`no ${kind} that passes is refused by the ledger for what it is, and none that the ledger would take is held back`, () =>
      fc.assert(
        fc.asyncProperty(fc.array(arbitrary, {minLength: 1, maxLength: 3}), async (events) => {
          const ledger = await memoryLedger()
          // Accounts 1 and 2 are there, so that a transfer has something to move.
          await ledger.create('account', [ACCOUNT, {...ACCOUNT, id: 2n}])
          const said = faults(kind, ...events)
          const results = await ledger.create(kind, events)
          await ledger.close()
          const refused = results.filter((result) => WITHOUT_LEDGER.has(result))
          if (said.length === 0) expect(refused).to.deep.equal([])
          // Stricter here on purpose: ids that come twice, times that do not rise.
          const stricter = said.every((one) => /the same as|must be later/.test(one))
          if (said.length > 0 && !stricter) expect(results.every((result) => result === 'created')).to.equal(false)
        }),
        {numRuns: 100},
      ))
  }

  it('both sides of that law are met: events that pass and are created, and events that are refused', async () => {
    const ledger = await memoryLedger()
    expect(await ledger.create('account', [ACCOUNT, {...ACCOUNT, id: 2n}])).to.deep.equal(['created', 'created'])
    expect(await ledger.create('transfer', [MOVE])).to.deep.equal(['created'])
    expect(await ledger.create('transfer', [{...MOVE, id: 7n, credit_account_id: 1n}])).to.deep.equal([
      'accounts_must_be_different',
    ])
    expect(await ledger.lookup('transfer', 9n)).to.include({amount: 5n, timestamp: LEDGER_NOW + 2n})
    await ledger.close()
  })
})

function shown(record: LedgerRecord): string {
  return `{${Object.entries(record)
    .map(([name, value]) => `${name}: ${value === UINT128_MAX ? 'max' : value}`)
    .join(', ')}}`
}
