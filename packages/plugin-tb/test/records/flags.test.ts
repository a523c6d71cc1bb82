import {isParixError} from '@parix/kit/errors'
import {expect} from 'chai'
import fc from 'fast-check'
import {FLAGS, flagNames, parseFlags} from '../../src/records/flags.js'
import type {RecordKind} from '../../src/records/kinds.js'

const KINDS = Object.keys(FLAGS) as RecordKind[]

describe('flags', () => {
  // semantics §1.2, 1.4, 1.6 and 1.7, written out by hand.
  const BITS: [RecordKind, string, bigint][] = [
    ['account', 'linked', 1n],
    ['account', 'debits_must_not_exceed_credits', 2n],
    ['account', 'credits_must_not_exceed_debits', 4n],
    ['account', 'history', 8n],
    ['account', 'imported', 16n],
    ['account', 'closed', 32n],
    ['transfer', 'linked', 1n],
    ['transfer', 'pending', 2n],
    ['transfer', 'post_pending_transfer', 4n],
    ['transfer', 'void_pending_transfer', 8n],
    ['transfer', 'balancing_debit', 16n],
    ['transfer', 'balancing_credit', 32n],
    ['transfer', 'closing_debit', 64n],
    ['transfer', 'closing_credit', 128n],
    ['transfer', 'imported', 256n],
    ['account_filter', 'debits', 1n],
    ['account_filter', 'credits', 2n],
    ['account_filter', 'reversed', 4n],
    ['query_filter', 'reversed', 1n],
  ]

  it('flaw 4: every name is its own bit of its own kind, and there are no others', () => {
    for (const [kind, name, bit] of BITS) expect(parseFlags(kind, '--flag', [name]), `${kind} ${name}`).to.equal(bit)
    expect(KINDS.flatMap((kind) => Object.keys(FLAGS[kind]))).to.have.length(BITS.length)
  })

  it('names come out as they went in, whatever the set, joined in whatever way', () => {
    const set = fc
      .constantFrom(...KINDS)
      .chain((kind) => fc.tuple(fc.constant(kind), fc.subarray(Object.keys(FLAGS[kind]))))
    fc.assert(
      fc.property(set, fc.constantFrom(',', '|', ' , '), ([kind, names], joint) => {
        const value = parseFlags(kind, '--flag', names)
        expect(flagNames(kind, value)).to.deep.equal(names)
        if (names.length > 0) expect(parseFlags(kind, '--flag', [names.join(joint)])).to.equal(value)
        expect(parseFlags(kind, '--flag', [String(value)])).to.equal(value)
      }),
    )
  })

  it('an empty name is an error: a variable that is not set must not take a limit away', () => {
    for (const text of ['', ' ', ',', 'history,', ',history', 'history,,closed', 'history|']) {
      expect(() => parseFlags('account', '--flag', [text]), text).to.throw(/--flag.*empty/)
    }
  })

  it('a number with a bit that has no name is refused, and said', () => {
    for (const [kind, value] of [
      ['account', '64'],
      ['transfer', '512'],
      ['account_filter', '8'],
      ['query_filter', '2'],
    ] as const) {
      expect(() => parseFlags(kind, '--flag', [value]), `${kind} ${value}`)
        .to.throw(`no flag`)
        .and.satisfy(isParixError)
    }
    expect(flagNames('query_filter', 3n)).to.deep.equal(['reversed', '2'])
  })

  it('reads the spellings of other clients', () => {
    expect(parseFlags('transfer', 'f', ['post-pending-transfer'])).to.equal(4n)
    expect(parseFlags('transfer', 'f', ['postPendingTransfer'])).to.equal(4n)
    expect(parseFlags('account', 'f', ['HISTORY'])).to.equal(8n)
  })
})
