import {parseJson} from '@parix/kit/json'
import {type CreateKind, FIELDS} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {PlainEvent} from '../../src/rows/plain-event.js'
import {JsonScanner} from '../../src/rows/plain-json.js'

interface Scanned {
  next: number
  fields: Record<string, string>
}

/** What is read of the line at `start`; undefined where it is left to the exact reader. */
function scan(
  text: string,
  {kind = 'transfer' as CreateKind, start = 0, scanner = new JsonScanner(kind)} = {},
): Scanned | undefined {
  const buffer = Buffer.from(text)
  const event = new PlainEvent({kind, keepTimestamps: false})
  const next = scanner.scan(buffer, start, event)
  if (next === -1) return undefined
  const names = FIELDS[kind].map(({name}) => name)
  const fields = names.flatMap((name, field) =>
    (event.present & (1 << field)) === 0
      ? []
      : [[name, Buffer.from(event.sources[field]!).toString('latin1', event.from[field], event.to[field])] as const],
  )
  return {next, fields: Object.fromEntries(fields)}
}

describe('a line of NDJSON, from bytes to digits', () => {
  const LINE = '{"id":"7","amount":5}'

  it('is its keys and digits, quoted or not, and says where the next line begins', () => {
    for (const [text, next] of [
      [`${LINE}\n`, 22],
      [`${LINE}\r\n`, 23],
      [LINE, 21],
      [`${LINE} \t\r\n${LINE}`, 25],
      [`  {\t"id" : "7" ,\r "amount": 5 }  \n`, 34],
    ] as const)
      expect(scan(text), JSON.stringify(text)).to.deep.equal({next, fields: {id: '7', amount: '5'}})
  })

  it('has the short names of a transfer, and an account has none', () => {
    expect(scan('{"from":1,"to":"2"}')?.fields).to.deep.equal({debit_account_id: '1', credit_account_id: '2'})
    expect(scan('{"from":1}', {kind: 'account'})).to.equal(undefined)
    expect(scan('{"debits_posted":"5","id":1}', {kind: 'account'})?.fields).to.deep.equal({id: '1', debits_posted: '5'})
    expect(scan('{"amount":1}', {kind: 'account'})).to.equal(undefined)
  })

  for (const [title, text] of [
    ['nothing', ''],
    ['an empty line', '\n'],
    ['an empty object', '{}'],
    ['a list', `[${LINE}]`],
    ['a comma at its end', '{"id":7,}'],
    ['no comma between', '{"id":7 "amount":5}'],
    ['no colon', '{"id" 7}'],
    ['a key that is not a field', '{"id":7,"note":5}'],
    ['a key that every object has', '{"id":7,"constructor":5}'],
    ['a key in other letters', '{"ID":7}'],
    ['a key with an escape', '{"\\u0069d":7}'],
    ['a key that is not closed', '{"id:7}'],
    ['a key that comes twice', '{"id":7,"id":7}'],
    ['a key under both of its names', '{"from":7,"debit_account_id":7}'],
    ['a sign', '{"id":-7}'],
    ['a fraction', '{"id":7.0}'],
    ['an exponent', '{"id":7e1}'],
    ['hex', '{"id":"0x7"}'],
    ['blanks in a text', '{"id":" 7"}'],
    ['an empty text', '{"id":""}'],
    ['half a text', '{"id":"7}'],
    ['null', '{"id":null}'],
    ['an object in it', '{"id":{}}'],
    ['an object that is not closed', '{"id":7'],
    ['something after it', '{"id":7}x'],
    ['another object after it', '{"id":7}{"id":8}'],
    ['a line end in it', '{"id":7,\n"amount":5}'],
    ['a byte order mark', '\ufeff{"id":7}'],
  ] as const)
    it(`leaves ${title} to the exact reader`, () => {
      expect(scan(text)).to.equal(undefined)
    })

  it('whatever it takes is what a parser of JSON reads, and nothing is left out', () => {
    let taken = 0
    const key = fc.constantFrom(
      'id',
      'from',
      'to',
      'amount',
      'ledger',
      'code',
      'flags',
      'debit_account_id',
      'note',
      'ID',
    )
    const value = fc.oneof(
      fc.bigInt({min: 0n, max: 2n ** 128n}).map(String),
      fc.constantFrom('0', '07', '-1', '1.5', 'null', '"x"', '"5"', '""', '{}', 'true'),
    )
    const blank = fc.constantFrom('', ' ', '\t', '\r')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, value, blank), {minLength: 1, maxLength: 5}),
        fc.constantFrom('\n', '\r\n', ''),
        (members, ending) => {
          const inside = members.map(([name, text, gap]) => `${gap}"${name}"${gap}:${gap}${text}${gap}`).join(',')
          const text = `{${inside}}${ending}`
          const found = scan(text)
          if (found === undefined) return
          taken++
          expect(found.next).to.equal(text.length)
          const aliases: Record<string, string> = {from: 'debit_account_id', to: 'credit_account_id'}
          // A zero before other digits is no JSON: what is made of it is not right (`PlainEvent.isRight`).
          fc.pre(members.every(([, written]) => !/^"?0\d/.test(written)))
          const parsed = Object.entries(parseJson(text) as Record<string, unknown>)
          expect(found.fields).to.deep.equal(
            Object.fromEntries(parsed.map(([name, one]) => [aliases[name] ?? name, String(one)])),
          )
        },
      ),
      {numRuns: 1000},
    )
    expect(taken).to.be.greaterThan(100)
  })

  it('lines of several layouts in turn are read as each alone, also when more come than it remembers', () => {
    const layouts = [
      (id: number) => `{"id":${id},"amount":5}`,
      (id: number) => `{"id":"${id}","amount":"5"}`,
      (id: number) => `{"amount":5,"id":${id}}`,
      (id: number) => `{ "id": ${id}, "amount": 5 }`,
      (id: number) => `{"id":${id},"amount":5,"flags":2}`,
      (id: number) => `{"id":${id}}`,
      (id: number) => `{"id":${id},"amount":5} `,
    ]
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(layouts.length - 1), fc.nat(1_000_000)), {minLength: 1, maxLength: 30}),
        (lines) => {
          const texts = lines.map(([layout, id]) => layouts[layout]!(id))
          const whole = texts.join('\n')
          const scanner = new JsonScanner('transfer')
          let start = 0
          for (const text of texts) {
            const found = scan(whole, {start, scanner})
            expect(found?.fields).to.deep.equal(scan(text)?.fields)
            start = found!.next
          }
          expect(start).to.equal(whole.length)
        },
      ),
      {numRuns: 200},
    )
  })

  it('a layout that was learned reads no line that only begins as it does', () => {
    const scanner = new JsonScanner('transfer')
    scan(LINE, {scanner})
    for (const text of [
      `${LINE}x`,
      `${LINE},`,
      '{"id":"7","amount":5',
      '{"id":"7","amount":}',
      '{"id":"","amount":5}',
      '{"id":"7","amount":5.1}',
    ])
      expect(scan(text, {scanner}), text).to.equal(undefined)
    expect(scan('{"id":"8","amount":6}', {scanner})?.fields).to.deep.equal({id: '8', amount: '6'})
  })
})
