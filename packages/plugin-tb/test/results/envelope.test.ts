import {expect} from 'chai'
import fc from 'fast-check'
import {
  type Asked,
  addresseeDoubt,
  type Envelope,
  envelopeDoubt,
  isStub,
  ledgerIn,
  otherLedgerIn,
} from '../../src/results/envelope.js'

const ASKED: Asked = {operation: 'create_transfers', database: {id: 'AB-1', name: 'books'}}
const GOOD: Envelope = {
  ok: true,
  success: true,
  error: null,
  mode: 'live',
  persisted: true,
  databaseId: 'ab-1',
  databaseName: 'Books',
  operation: 'create_transfers',
}

describe('whether a response of success is one beyond doubt', () => {
  it('nothing in it speaks against it: whole, empty, or any part of it', () => {
    fc.assert(
      fc.property(fc.subarray(Object.keys(GOOD)), (fields) => {
        expect(envelopeDoubt(Object.fromEntries(fields.map((field) => [field, GOOD[field]!])), ASKED)).to.equal(
          undefined,
        )
      }),
    )
  })

  for (const [field, value, doubt] of [
    ['ok', false, 'ok is false'],
    ['ok', 'true', 'ok is true'],
    ['ok', 1, 'ok is 1'],
    ['ok', null, 'ok is null'],
    ['success', false, 'success is false'],
    ['error', 'disk full', 'it reports an error: disk full'],
    ['error', {code: 7}, 'it reports an error: {"code":7}'],
    ['error', true, 'it reports an error: true'],
    ['error', 0, 'it reports an error: 0'],
    ['mode', 'stub', 'mode is stub'],
    ['mode', '', 'mode is '],
    ['persisted', false, 'persisted is false'],
    ['persisted', null, 'persisted is null'],
    ['databaseId', 'AB-2', 'it is about another database: AB-2'],
    ['databaseId', 7, 'it is about another database: 7'],
    ['databaseName', 'ledger', 'it is about another database: ledger'],
    ['operation', 'create_accounts', 'it is the response to another operation: create_accounts'],
    ['operation', null, 'it is the response to another operation: null'],
  ] as [string, Envelope[string], string][]) {
    it(`${field} ${JSON.stringify(value)} contradicts it`, () => {
      expect(envelopeDoubt({...GOOD, [field]: value}, ASKED)).to.equal(doubt)
    })
  }

  it('no error is said in four ways', () => {
    for (const error of [undefined, null, false, ''])
      expect(envelopeDoubt({...GOOD, ...(error !== undefined && {error})}, ASKED)).to.equal(undefined)
  })

  it('a database that was named by its id alone has no name to compare', () => {
    const asked: Asked = {...ASKED, database: {id: 'AB-1', name: 'AB-1'}}
    expect(addresseeDoubt({databaseName: 'anything'}, asked)).to.equal(undefined)
    expect(addresseeDoubt({databaseId: 'AB-2', databaseName: 'anything'}, asked)).to.contain('another database')
  })

  it('what it shows of a value is cut, and numbers beyond 2^53 are whole', () => {
    expect(envelopeDoubt({error: 'x'.repeat(500)}, ASKED)!.length).to.be.lessThan(160)
    expect(envelopeDoubt({error: {id: 2n ** 100n}}, ASKED)).to.contain(String(2n ** 100n))
  })
})

describe('a stub, behind which there is no ledger', () => {
  for (const [envelope, stub] of [
    [{}, false],
    [{mode: 'live', persisted: true}, false],
    [{mode: 'stub'}, true],
    [{persisted: false}, true],
    [{mode: 'stub', persisted: false}, true],
    [{mode: 'live', persisted: false}, false],
    [{mode: 'stub', persisted: true}, false],
    [{mode: 'stub', persisted: null}, false],
  ] as [Envelope, boolean][]) {
    it(`${JSON.stringify(envelope)} is ${stub ? 'one' : 'none'}`, () => {
      expect(isStub(envelope)).to.equal(stub)
    })
  }
})

describe('which ledger a response comes from', () => {
  it('the id of the ledger, else that of its cluster, and never a value that is not text', () => {
    expect(ledgerIn({ledgerId: 'a', clusterId: '0'})).to.equal('a')
    expect(ledgerIn({clusterId: '0'})).to.equal('cluster 0')
    for (const none of [{}, {ledgerId: 7}, {clusterId: 0}, {ledgerId: null, clusterId: null}])
      expect(ledgerIn(none as Envelope)).to.equal(undefined)
  })

  it('another one is only what is named in the same way, and differs', () => {
    for (const [envelope, recorded, other] of [
      [{ledgerId: 'b'}, 'a', 'b'],
      [{ledgerId: 'a'}, 'a', undefined],
      [{clusterId: '1'}, 'cluster 0', 'cluster 1'],
      [{clusterId: '0', ledgerId: 'x'}, 'cluster 0', undefined],
      [{clusterId: '1'}, 'a', undefined],
      [{ledgerId: 'b'}, 'cluster 0', undefined],
      [{}, 'a', undefined],
      [{}, 'cluster 0', undefined],
      [{ledgerId: 7}, 'a', undefined],
    ] as [Envelope, string, string | undefined][]) {
      expect(otherLedgerIn(envelope, recorded), `${JSON.stringify(envelope)} ${recorded}`).to.equal(other)
    }
  })

  it('a response is from the ledger that it names, and no other', () => {
    const text = fc.string({maxLength: 5})
    const envelope = fc.record({ledgerId: text, clusterId: text}, {requiredKeys: [], noNullPrototype: true})
    fc.assert(
      fc.property(envelope, (found) => {
        const ledger = ledgerIn(found)
        if (ledger !== undefined && (found.ledgerId === undefined || !found.ledgerId.startsWith('cluster ')))
          expect(otherLedgerIn(found, ledger)).to.equal(undefined)
      }),
    )
  })
})
