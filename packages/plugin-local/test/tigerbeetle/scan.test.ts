import {RECORD_LAYOUT, type RecordField} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {parseBody} from '../../src/server/api/body.js'
import {readCarefully} from '../../src/server/tigerbeetle/events.js'
import {decodeRecords, RecordPool, type Records} from '../../src/server/tigerbeetle/records.js'
import {scanEvents} from '../../src/server/tigerbeetle/scan.js'

/** One for all: what an earlier request left in the memory must not be seen in a later one. */
const pool = new RecordPool()

const scan = (text: string, fields: readonly RecordField[] = RECORD_LAYOUT.transfer) =>
  scanEvents(new TextEncoder().encode(text), fields, pool)

const carefully = (text: string, fields: readonly RecordField[] = RECORD_LAYOUT.transfer) =>
  readCarefully(parseBody(new TextEncoder().encode(text)), fields, 'transfer')

const bytesOf = ({words, count}: Records) => Buffer.from(words.buffer, 0, count * 128).toString('hex')

/** Values of a field that lie where mistakes are made: around powers of two and of ten, and anywhere. */
function anyValueOf({bits}: RecordField): fc.Arbitrary<bigint> {
  const max = 2n ** BigInt(bits) - 1n
  const near = (base: bigint) => fc.bigInt(base - 2n, base + 2n).map((n) => (n < 0n ? 0n : n > max ? max : n))
  return fc.oneof(
    fc.bigInt(0n, max),
    fc.integer({min: 0, max: bits}).chain((power) => near(2n ** BigInt(power))),
    fc.integer({min: 0, max: 38}).chain((power) => near(10n ** BigInt(power))),
    fc.constantFrom(0n, 1n, max),
  )
}

interface Cell {
  field: RecordField
  value: bigint
  json: string
}

const blank = fc.constantFrom('', '', '', ' ', '\n', '\t\r\n ')

/** A field as JSON, in one of the spellings that are allowed. */
function cell(field: RecordField): fc.Arbitrary<Cell> {
  return fc
    .tuple(anyValueOf(field), fc.boolean(), blank, blank, fc.constantFrom('', '', '0', '000'))
    .map(([value, quoted, before, after, zeros]) => {
      const number = quoted ? `"${zeros}${value}"` : `${value}`
      return {field, value, json: `${before}"${field.name}"${after}:${before}${number}${after}`}
    })
}

/** An event with its id and any other fields, in any order. */
function event(fields: readonly RecordField[]): fc.Arbitrary<Cell[]> {
  const [id, ...others] = fields
  return fc
    .tuple(
      cell(id!),
      fc.subarray([...others], {minLength: 0}).chain((chosen) => fc.tuple(...chosen.map(cell))),
    )
    .chain(([first, rest]) => fc.shuffledSubarray([first, ...rest], {minLength: rest.length + 1}))
}

const asJson = (events: Cell[][], space: string) =>
  `${space}[${space}${events.map((cells) => `{${cells.map(({json}) => json).join(',')}}`).join(`${space},${space}`)}]${space}`

describe('the quick scanner', () => {
  for (const [name, fields] of [
    ['accounts', RECORD_LAYOUT.account],
    ['transfers', RECORD_LAYOUT.transfer],
  ] as const) {
    it(`reads every value of ${name} exactly, however it is written`, () => {
      fc.assert(
        fc.property(fc.array(event(fields), {minLength: 1, maxLength: 6}), blank, (events, space) => {
          const records = scan(asJson(events, space), fields)
          expect(records).not.to.equal(null)
          const decoded = decodeRecords(records!, fields) as unknown as Record<string, bigint | number>[]
          expect(
            decoded.map((row) => Object.entries(row).map(([field, value]) => [field, BigInt(value)])),
          ).to.deep.equal(
            events.map((cells) =>
              fields.map((field) => [field.name, cells.find((given) => given.field === field)?.value ?? 0n]),
            ),
          )
        }),
        {numRuns: 400},
      )
    })
  }

  it('takes nothing that the careful way would read otherwise or refuse', () => {
    const text = fc
      .array(event(RECORD_LAYOUT.transfer), {minLength: 1, maxLength: 3})
      .map((events) => asJson(events, ''))
    const piece = fc.constantFrom(
      '"',
      ',',
      ':',
      '[',
      ']',
      '{',
      '}',
      '0',
      '1',
      '9'.repeat(40),
      '.',
      'e',
      '-',
      '\\',
      ' ',
      'é',
      '\u0000',
      'id',
    )
    const mutated = fc.tuple(text, fc.nat(), fc.nat(3), piece).map(([whole, place, cut, put]) => {
      const at = place % (whole.length + 1)
      return whole.slice(0, at) + put + whole.slice(at + cut)
    })
    let taken = 0
    fc.assert(
      fc.property(mutated, (whole) => {
        const quick = scan(whole)
        if (!quick) return
        taken++
        expect(bytesOf(quick)).to.equal(bytesOf(carefully(whole)))
      }),
      {numRuns: 3_000},
    )
    expect(taken).to.be.greaterThan(50)
  })

  it('reads events of a few forms in turn as each alone, and nothing that only begins as one of them', () => {
    const digits = fc.oneof(
      fc.nat(65535).map(String),
      fc.nat(65535).map(String),
      fc.bigInt(0n, 2n ** 128n).map(String),
      fc.constantFrom('0', '00', '01', '65535', '65536', '4294967295', '4294967296', '123456789012345', ''),
    )
    const forms = fc.array(event(RECORD_LAYOUT.transfer), {minLength: 1, maxLength: 6})
    const changes = fc.array(
      fc.record({
        form: fc.nat(),
        place: fc.nat(),
        put: digits,
        tail: fc.constantFrom(...Array<string>(20).fill(''), '.5', 'e1', ' ', '"'),
      }),
      {minLength: 1, maxLength: 8},
    )
    let taken = 0
    fc.assert(
      fc.property(forms, changes, (known, found) => {
        const texts = found.map(({form, place, put, tail}) => {
          const cells = known[form % known.length]!
          const changed = cells.map(({json}, at) =>
            at === place % cells.length ? json.replace(/\d+(?!.*\d)/s, put) + tail : json,
          )
          return `{${changed.join(',')}}`
        })
        const whole = `[${texts.join(',')}]`
        const quick = scan(whole)
        if (quick === null) return
        taken++
        expect(bytesOf(quick)).to.equal(bytesOf(carefully(whole)))
      }),
      {numRuns: 1500},
    )
    expect(taken).to.be.greaterThan(100)
  })

  it('leaves to the careful way what only that understands, and both agree', () => {
    const same: [string, string][] = [
      ['[{"\\u0069d":7}]', '[{"id":7}]'],
      ['[{"id":"\\u0037"}]', '[{"id":7}]'],
      ['[{"id":-0}]', '[{"id":0}]'],
      ['[{"id":7,"id":7}]', '[{"id":7}]'],
      ['\ufeff[{"id":7}]', '[{"id":7}]'],
      [`[{"id":"${'0'.repeat(300)}7"}]`, '[{"id":7}]'],
    ]
    for (const [odd, plain] of same) expect(bytesOf(scan(odd) ?? carefully(odd))).to.equal(bytesOf(scan(plain)!))
    for (const odd of same.slice(0, 5).map(([text]) => text)) expect(scan(odd)).to.equal(null)
  })

  it('refuses what is not JSON, or no such request', () => {
    const texts = [
      '',
      '[',
      '[]',
      '[{}]',
      '[{"id":1}',
      '[{"id":1},]',
      '[{"id":1,}]',
      '[{"id":1}]x',
      '[{"id":1}]]',
      '{"id":1}',
      '[{"id":01}]',
      '[{"id":1.0}]',
      '[{"id":1e1}]',
      '[{"id":-1}]',
      '[{"id":"1}]',
      '[{"id":"1"1}]',
      '[{"id":1"}]',
      '[{id:1}]',
      '[{"id" 1}]',
      '[{"id":}]',
      '[{"id":""}]',
      '[{"id":1 2}]',
      '[{"id":1}{"id":2}]',
      '[{"id":+1}]',
      '[{"idx":1}]',
      '[{"i":1}]',
      '[{"amount":1}]',
      '[{"id":1,"id":2}]',
      '[{"id":null}]',
      '[{"id":1}]\u00a0',
      '[{"id":340282366920938463463374607431768211456}]',
      '[{"id":1,"code":65536}]',
      '[{"id":1,"flags":65536}]',
      '[{"id":1,"ledger":4294967296}]',
      '[{"id":1,"user_data_64":18446744073709551616}]',
      `[{"id":${'9'.repeat(80)}}]`,
    ]
    for (const text of texts) expect([text, scan(text)]).to.deep.equal([text, null])
  })

  it('finds the memory of an earlier request empty', () => {
    const full = (count: number) =>
      `[${Array(count)
        .fill(`{"id":1,"amount":${2n ** 128n - 1n},"flags":65535}`)
        .join(',')}]`
    const first = scan(full(8189))!
    expect(first.words.at(-3)).to.equal((65535 << 16) >>> 0)
    pool.giveBack(first)
    const second = scan(`[${Array(8189).fill('{"id":7}').join(',')}]`)!
    expect(second.words === first.words).to.equal(true)
    expect(bytesOf(second)).to.equal(`07${'00'.repeat(127)}`.repeat(8189))
    pool.giveBack(second)
  })

  it('takes 8,189 events and no more', () => {
    const events = (count: number) => `[${Array(count).fill('{"id":1}').join(',')}]`
    expect(scan(events(8189))?.count).to.equal(8189)
    expect(scan(events(8190))).to.equal(null)
  })
})
