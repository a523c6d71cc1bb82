import {FIELDS, RECORD_LAYOUT} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {recordRows} from '../../src/server/tigerbeetle/record-rows.js'
import {asClientInteger, makeRecords, putField} from '../../src/server/tigerbeetle/records.js'
import {type Rows, rowsOf} from '../../src/server/tigerbeetle/rows.js'

function textOf(rows: Rows): string {
  const buffer = Buffer.alloc(rows.bytesMax)
  return buffer.toString('latin1', 0, rows.writeTo(buffer, 0))
}

/** Numbers at which digits, words and the exactness of doubles change, and any others. */
const integer = (bits: number) => {
  const edges = [0n, 9n, 10n, 999_999n, 1_000_000n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n]
  const more = [2n ** 64n - 1n, 2n ** 64n, 2n ** 96n, 10n ** 38n, 2n ** 128n - 1n, ...edges]
  const max = 2n ** BigInt(bits) - 1n
  return fc.oneof(fc.constantFrom(...more.filter((value) => value <= max)), fc.bigInt({min: 0n, max}))
}

describe('rows written from records', () => {
  for (const kind of ['account', 'transfer'] as const) {
    it(`are byte for byte what the objects give: ${kind}s`, () => {
      const fields = RECORD_LAYOUT[kind]
      const row = fc.tuple(...fields.map(({bits}) => integer(bits)))
      fc.assert(
        fc.property(fc.array(row, {maxLength: 4}), (rows) => {
          const records = makeRecords(rows.length)
          records.count = rows.length
          rows.forEach((values, index) => {
            for (const [i, value] of values.entries()) putField(records, index, fields[i]!, value)
          })
          const objects = rows.map((values) =>
            Object.fromEntries(values.map((value, i) => [fields[i]!.name, asClientInteger(fields[i]!, value)])),
          )
          expect(textOf(recordRows(records, fields))).to.equal(textOf(rowsOf(objects, FIELDS[kind])))
        }),
        {numRuns: 1000},
      )
    })
  }
})
