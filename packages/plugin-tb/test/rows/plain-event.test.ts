import {parseJson} from '@parix/kit/json'
import type {CreateKind} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {validateEvents} from '../../src/events/validate-events.js'
import {createProblems} from '../../src/records/problems.js'
import {readRecord} from '../../src/records/read.js'
import {wireObject} from '../../src/records/wire.js'
import {EVENT_BYTES_MAX, PlainEvent} from '../../src/rows/plain-event.js'
import {JsonScanner} from '../../src/rows/plain-json.js'

/** What the bytes give: the event as it is sent, or undefined where the line is left to the exact reader. */
function plain(kind: CreateKind, line: string, scanner = new JsonScanner(kind)): string | undefined {
  const bytes = Buffer.from(line)
  const event = new PlainEvent({kind, keepTimestamps: false, asGiven: true})
  if (scanner.scan(bytes, 0, event) === -1 || !event.isRight()) return undefined
  const out = Buffer.alloc(EVENT_BYTES_MAX)
  const end = event.writeTo(out, 0)
  expect(out[0], 'a comma before it').to.equal(0x2c)
  return out.toString('latin1', 1, end)
}

/** The same by the exact reader; undefined where something is wrong with it. */
function exact(kind: CreateKind, line: string): string | undefined {
  const problems = createProblems()
  let record: ReturnType<typeof readRecord>
  try {
    record = readRecord(kind, (field) => field, parseJson(line), problems)
  } catch {
    return undefined
  }
  if (problems.count === 0)
    validateEvents(kind, [{record: {...record, flags: (record.flags ?? 0n) & ~1n}, place: (field) => field}], problems)
  return problems.count === 0 ? wireObject(kind, record) : undefined
}

const ACCOUNT = '{"id":"1","ledger":700,"code":10}'
const MOVE = '{"id":"7","debit_account_id":"1","credit_account_id":"2","amount":"5","ledger":700,"code":1}'
const with_ = (line: string, more: string) => `${line.slice(0, -1)},${more}}`

describe('an event of plain digits, from bytes to bytes', () => {
  it('an account and a transfer are taken as they are', () => {
    expect(plain('account', ACCOUNT)).to.equal(ACCOUNT)
    expect(plain('transfer', MOVE)).to.equal(MOVE)
  })

  it('is written in the order of the record, with quotes by the width of the field, however it came', () => {
    expect(plain('transfer', '{ "code": 1 ,"ledger" : "700", "amount":5,"to":2, "from": "1","id":7 }')).to.equal(MOVE)
    expect(plain('account', '{"code":"10",\t"id":1,"ledger":"700"}\r\n')).to.equal(ACCOUNT)
  })

  it('whatever it takes, the exact reader takes, and would send the very same bytes', () => {
    const digits = fc.oneof(
      fc.constantFrom(
        '0',
        '1',
        '2',
        '007',
        '700',
        '65535',
        '65536',
        '4294967295',
        '4294967296',
        '18446744073709551615',
        '18446744073709551616',
      ),
      fc.constantFrom(
        '9'.repeat(38),
        String(2n ** 128n - 1n),
        String(2n ** 128n),
        '',
        '-1',
        '1.5',
        '1e3',
        '0x10',
        '1_0',
      ),
      fc.nat({max: 600}).map(String),
    )
    const FIELD = {
      account: [
        'id',
        'ledger',
        'code',
        'flags',
        'user_data_128',
        'user_data_64',
        'user_data_32',
        'reserved',
        'debits_posted',
        'timestamp',
        'from',
      ],
      transfer: [
        'id',
        'debit_account_id',
        'credit_account_id',
        'amount',
        'pending_id',
        'timeout',
        'ledger',
        'code',
        'flags',
        'user_data_128',
        'user_data_32',
        'timestamp',
        'note',
      ],
    }
    for (const kind of ['account', 'transfer'] as const) {
      const line = fc
        .record({
          base: fc.constantFrom(
            ...(kind === 'account'
              ? [ACCOUNT]
              : [MOVE, '{"id":"7","pending_id":"6","amount":"5","flags":4}', '{"id":"7","pending_id":"6","flags":8}']),
          ),
          changes: fc.array(fc.tuple(fc.constantFrom(...FIELD[kind]), digits, fc.boolean()), {maxLength: 3}),
        })
        .map(({base, changes}) => {
          const object = {...(JSON.parse(base) as Record<string, string | number>)}
          const texts = Object.entries(object).map(([name, value]) => [name, String(value), true] as const)
          const merged = new Map([...texts, ...changes].map(([name, text, quoted]) => [name, {text, quoted}]))
          return `{${[...merged].map(([name, {text, quoted}]) => `"${name}":${quoted ? `"${text}"` : text}`).join(',')}}`
        })
      let taken = 0
      fc.assert(
        fc.property(line, (text) => {
          const found = plain(kind, text)
          if (found === undefined) return
          taken++
          expect(found).to.equal(exact(kind, text))
        }),
        {numRuns: 1500},
      )
      expect(taken, kind).to.be.greaterThan(100)
    }
  })

  it('a scanner that has learned the layout of other lines reads the next as one that has not', () => {
    const spaced = fc.constantFrom('', ' ', '  ')
    const row = fc.tuple(fc.nat({max: 99}), fc.nat({max: 10 ** 6}), spaced, fc.boolean(), fc.boolean())
    fc.assert(
      fc.property(fc.array(row, {minLength: 2, maxLength: 12}), (rows) => {
        const scanner = new JsonScanner('transfer')
        for (const [id, amount, blank, flags, last] of rows) {
          const more = flags ? `,${blank}"flags":2` : ''
          const line = `{"id":${blank}"${id}","from":1,"to":2,"amount":${amount},"ledger":700,"code":1${more}${last ? `,"user_data_32":${amount % 7}` : ''}}`
          expect(plain('transfer', line, scanner), line).to.equal(plain('transfer', line))
        }
      }),
      {numRuns: 100},
    )
  })

  for (const [title, line] of [
    ['an id of 0', MOVE.replace('"7"', '"0"')],
    ['no id', MOVE.replace('"id":"7",', '')],
    ['a zero before the digits: ids would be compared as text', MOVE.replace('"7"', '"07"')],
    ['one account on both sides', MOVE.replace('"credit_account_id":"2"', '"credit_account_id":"1"')],
    ['no amount', MOVE.replace('"amount":"5",', '')],
    ['a ledger of 0', MOVE.replace('700', '0')],
    ['a code beyond 16 bits', MOVE.replace('"code":1', '"code":65536')],
    ['a ledger beyond 32 bits', MOVE.replace('700', '4294967296')],
    ['an amount of 39 digits: it may be beyond 128 bits', MOVE.replace('"5"', `"${'9'.repeat(39)}"`)],
    ['user data beyond 32 bits', with_(MOVE, '"user_data_32":4294967296')],
    ['a post, whose amount is reported', '{"id":"7","pending_id":"6","amount":"5","flags":4}'],
    ['a balancing transfer, whose amount is reported', with_(MOVE, '"flags":16')],
    ['a timestamp', with_(MOVE, '"timestamp":"1700000000000000000"')],
    ['a pending id without a flag for it', with_(MOVE, '"pending_id":"6"')],
    ['a timeout without the flag pending', with_(MOVE, '"timeout":5')],
    ['a name', MOVE.replace('"1"', '"@bank"')],
    ['a number with a fraction', MOVE.replace('"5"', '5.0')],
    ['a number below 0', MOVE.replace('"5"', '-5')],
    ['an empty value', MOVE.replace('"5"', '""')],
    ['a field that comes twice', with_(MOVE, '"amount":"6"')],
    ['a field under two names', with_(MOVE, '"from":"1"')],
    ['an unknown field', with_(MOVE, '"note":"5"')],
    ['an escape in a name', MOVE.replace('"id"', '"\\u0069d"')],
    ['something after the object', `${MOVE} x`],
    ['two objects on a line', `${MOVE}${MOVE}`],
    ['a list', `[${MOVE}]`],
    ['an object in it', MOVE.replace('"5"', '{}')],
    ['an object that is not closed', MOVE.slice(0, -1)],
    ['nothing', ''],
  ] as const) {
    it(`leaves ${title} to the exact reader`, () => {
      expect(plain('transfer', line)).to.equal(undefined)
    })
  }

  it('of accounts leaves both limits at once, a balance, and a reserved field to the exact reader', () => {
    expect(plain('account', with_(ACCOUNT, '"flags":2'))).to.equal(with_(ACCOUNT, '"flags":2'))
    for (const more of ['"flags":6', '"flags":16', '"flags":32', '"debits_posted":"5"', '"reserved":1'])
      expect(plain('account', with_(ACCOUNT, more)), more).to.equal(undefined)
  })

  it('knows its flags as they are sent', () => {
    for (const [keepTimestamps, more, flags] of [
      [false, '"flags":3', 3],
      [false, '"user_data_32":1', 0],
      [true, '"flags":1,"timestamp":"1700000000000000000"', 257],
    ] as const) {
      const event = new PlainEvent({kind: 'transfer', keepTimestamps})
      new JsonScanner('transfer').scan(Buffer.from(with_(MOVE, more)), 0, event)
      expect(event.isRight(), more).to.equal(true)
      expect(event.flags, more).to.equal(flags)
    }
  })

  it('with its own timestamp gets the flag imported, where that is nanoseconds beyond doubt', () => {
    const imported = (more: string) => {
      const event = new PlainEvent({kind: 'transfer', keepTimestamps: true})
      new JsonScanner('transfer').scan(Buffer.from(with_(MOVE, more)), 0, event)
      if (!event.isRight()) return undefined
      const out = Buffer.alloc(EVENT_BYTES_MAX)
      return JSON.parse(out.toString('latin1', 1, event.writeTo(out, 0))) as Record<string, unknown>
    }
    expect(imported('"timestamp":"1700000000000000000"')).to.include({flags: 256, timestamp: '1700000000000000000'})
    expect(imported('"flags":1,"timestamp":"1700000000000000000"')).to.include({flags: 257})
    for (const more of [
      '"flags":2',
      '"timestamp":"1700000000"',
      '"timestamp":"2700000000000000000"',
      '"flags":2,"timeout":5,"timestamp":"1700000000000000000"',
    ])
      expect(imported(more), more).to.equal(undefined)
  })
})
