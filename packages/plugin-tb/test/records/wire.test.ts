import {parseJson} from '@parix/kit/json'
import {FIELDS as FIELD_LISTS} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {type Row, rowRecord} from '../../src/reads/rows.js'
import {FIELDS, type LedgerRecord, type RecordKind} from '../../src/records/kinds.js'
import {wireIds, wireList, wireObject} from '../../src/records/wire.js'

const KINDS = Object.keys(FIELDS) as RecordKind[]

const recordOf = (kind: RecordKind): fc.Arbitrary<LedgerRecord> =>
  fc.record(
    Object.fromEntries(
      Object.entries(FIELDS[kind]).map(([name, {bits}]) => [name, fc.bigInt({min: 0n, max: 2n ** BigInt(bits) - 1n})]),
    ),
    {requiredKeys: [], noNullPrototype: true},
  )

describe('records as they are sent', () => {
  for (const kind of KINDS) {
    it(`${kind}: 64 and 128 bits are text, smaller ones numbers, every digit exact, in one order`, () => {
      fc.assert(
        fc.property(recordOf(kind), (record) => {
          const sent = parseJson(wireObject(kind, record)) as Record<string, unknown>
          const order = FIELD_LISTS[kind].map(({name}) => name).filter((name) => name in record)
          expect(Object.keys(sent)).to.deep.equal(order)
          for (const [name, value] of Object.entries(sent)) {
            expect(typeof value, name).to.equal(FIELDS[kind][name]!.bits > 32 ? 'string' : 'number')
            expect(BigInt(value as string)).to.equal(record[name as keyof LedgerRecord])
          }
        }),
      )
    })
  }

  it('the same record is the same bytes, whatever order its fields were given in', () => {
    fc.assert(
      fc.property(recordOf('transfer'), (record) => {
        const turned = Object.fromEntries(Object.entries(record).reverse())
        expect(wireObject('transfer', turned)).to.equal(wireObject('transfer', record))
      }),
    )
  })

  it('what is sent is read back as the same records', () => {
    for (const kind of ['account', 'transfer'] as const) {
      fc.assert(
        fc.property(fc.array(recordOf(kind), {maxLength: 4}), (records) => {
          expect((parseJson(wireList(kind, records)) as Row[]).map(rowRecord)).to.deep.equal(records)
        }),
      )
    }
  })

  it('what is not a field of the kind is never sent', () => {
    expect(wireObject('account', {id: 1n, amount: 5n} as LedgerRecord)).to.equal('{"id":"1"}')
    expect(wireObject('transfer', {})).to.equal('{}')
    expect(wireList('transfer', [])).to.equal('[]')
  })

  it('ids are text, in their order', () => {
    expect(wireIds([3n, 2n ** 128n - 1n, 0n])).to.equal('["3","340282366920938463463374607431768211455","0"]')
    expect(wireIds([])).to.equal('[]')
  })
})
