import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {batches, Findings, type ImportBatch} from '../../src/import/batches.js'
import {wireRows} from '../../src/import/wire-rows.js'
import {importReader} from '../support/import-reader.js'
import {refusalOf} from '../support/refusal.js'

/** A batch as it was when it was given out: its memory may be another's later. */
interface Copy {
  count: number
  lines: number[]
  from: ImportBatch['from']
  to: ImportBatch['to']
  body: string
  ids: {first: string; last: string}
  events: string[]
}

describe('the rows of a file in requests', () => {
  let home: TestHome
  before(() => {
    home = makeHome()
  })
  after(() => home.remove())

  async function read(text: string, eventsMax: number, release: (n: number) => boolean = () => false): Promise<Copy[]> {
    const reader = await importReader(`${home.path}/f`, text, {format: 'ndjson'})
    const {first} = reader.rows
    const found: Copy[] = []
    for await (const batch of batches(
      wireRows(reader, first, () => {}),
      first,
      eventsMax,
    )) {
      const events = Array.from({length: batch.count}, (_, index) => batch.event(index))
      const {count, from, to} = batch
      const lines = [...batch.lines.subarray(0, count)]
      found.push({count, lines, from, to, body: batch.body.toString('latin1'), ids: batch.ids(), events})
      if (release(found.length)) batch.release()
    }
    return found
  }
  const line = (id: number, {linked = false, pad = 0, blank = 0, crlf = false} = {}) =>
    `${'\n'.repeat(blank)}{"id":"${id}","debit_account_id":"1","credit_account_id":"2","amount":"${'1'.padEnd(1 + (pad % 38), '0')}","ledger":700,"code":1${linked ? ',"flags":1' : ''}}${crlf ? '\r\n' : '\n'}`

  const shapes = fc.array(fc.record({linked: fc.boolean(), pad: fc.nat(37), blank: fc.nat(2), crlf: fc.boolean()}), {
    minLength: 1,
    maxLength: 30,
  })

  it('are as full as chains allow, hold every row once and in order, and each knows its lines and bytes', () =>
    fc.assert(
      fc.asyncProperty(shapes, fc.integer({min: 1, max: 7}), fc.array(fc.nat()), async (rows, eventsMax, draws) => {
        // Chains of any length that a request takes, one after the other.
        const linked: boolean[] = []
        for (let chain = 0; linked.length < rows.length; chain++) {
          const length = Math.min(
            1 + ((draws[chain % Math.max(1, draws.length)] ?? 0) % eventsMax),
            rows.length - linked.length,
          )
          for (let index = 1; index <= length; index++) linked.push(index < length)
        }
        const texts = rows.map((row, index) => line(index + 1, {...row, linked: linked[index]!}))
        const text = texts.join('')
        const found = await read(text, eventsMax)
        expect(found.flatMap(({events}) => events.map((event) => Number(JSON.parse(event).id)))).to.deep.equal(
          rows.map((_, index) => index + 1),
        )
        let byte = 0
        for (const [index, batch] of found.entries()) {
          expect(batch.body).to.equal(`[${batch.events.join(',')}]`)
          expect(batch.count).to.equal(batch.events.length).and.to.be.within(1, eventsMax)
          expect(batch.from.byte, 'begins where the one before ends').to.equal(byte)
          byte = batch.to.byte
          const part = text.slice(batch.from.byte, batch.to.byte)
          expect(part.split('\n').filter((one) => one.trim() !== '')).to.have.lengthOf(batch.count)
          expect(text.slice(0, batch.to.byte).split('\n').length, 'the next line').to.equal(batch.to.line)
          const starts = batch.lines.map((number) => text.split('\n')[number - 1])
          expect(starts.map((one) => JSON.parse(one!).id)).to.deep.equal(batch.events.map((one) => JSON.parse(one).id))
          expect(batch.ids).to.deep.equal({
            first: JSON.parse(batch.events[0]!).id,
            last: JSON.parse(batch.events.at(-1)!).id,
          })
          expect(JSON.parse(batch.events.at(-1)!).flags ?? 0, 'no chain is cut').to.equal(0)
          const next = found[index + 1]
          if (next === undefined) continue
          const chain = next.events.findIndex((event) => (JSON.parse(event).flags ?? 0) === 0) + 1
          expect(batch.count + chain, 'the next chain did not fit').to.be.greaterThan(eventsMax)
        }
        expect(byte).to.equal(text.length)
      }),
      {numRuns: 60},
    ))

  it('memory that is used again has nothing of the request before', () =>
    fc.assert(
      fc.asyncProperty(
        shapes,
        fc.integer({min: 1, max: 4}),
        fc.func(fc.boolean()),
        async (rows, eventsMax, released) => {
          const text = rows.map((row, index) => line(index + 1, {...row, linked: false})).join('')
          expect(await read(text, eventsMax, (n) => released(n))).to.deep.equal(await read(text, eventsMax))
        },
      ),
      {numRuns: 60},
    ))

  it('one that is under way is not written over while the next is built', async () => {
    const text = Array.from({length: 31}, (_, index) => line(index + 1, {linked: index % 4 === 1})).join('')
    const expected = (await read(text, 3)).map(({body}) => body)
    const reader = await importReader(`${home.path}/f`, text, {format: 'ndjson'})
    const all = batches(
      wireRows(reader, reader.rows.first, () => {}),
      reader.rows.first,
      3,
    )
    const found: string[] = []
    for (let current = await all.next(); current.done !== true; ) {
      const next = await all.next()
      found.push(current.value.body.toString('latin1'))
      current.value.release()
      current = next
    }
    expect(found).to.deep.equal(expected)
  })

  it('whose rows just fill what they are built in are whole', async () => {
    for (let width = 1; width <= 38; width++)
      for (const amount of [1, 38]) {
        const more = `,"user_data_128":"${'9'.repeat(width)}"`
        const text = line(1, {pad: amount - 1}).replace('}', `${more}}`)
        const [batch] = await read(text, 1)
        expect(JSON.parse(batch!.body), `${text.length} bytes`).to.have.lengthOf(1)
      }
  })

  it('grow with their rows: long ones do not end before their array does', async () => {
    const more = `,"user_data_128":"${'9'.repeat(38)}","user_data_64":"${'9'.repeat(19)}","user_data_32":4294967295`
    const long = (id: number) => line(id, {pad: 37}).replace('}', `${more}}`)
    const found = await read(Array.from({length: 50}, (_, index) => long(index + 1)).join(''), 25)
    expect(found.map(({count}) => count)).to.deep.equal([25, 25])
    for (const {body} of found) expect(JSON.parse(body)).to.have.lengthOf(25)
  })

  it('a chain of just the size of a request is one; of one more it is refused, with the line where it begins', async () => {
    const chain = (count: number) =>
      Array.from({length: count}, (_, index) => line(index + 2, {linked: index < count - 1})).join('')
    expect((await read(line(1) + chain(4), 4)).map(({count}) => count)).to.deep.equal([1, 4])
    const error = await refusalOf(() => read(line(1) + chain(5), 4))
    expect(error).to.include({kind: 'BAD_INPUT', code: 'chain_too_long'})
    expect(error.message).to.contain('begins in line 2').and.contain('takes 4 events')
  })

  it('a chain that is open at the end is refused, wherever the request ends', async () => {
    for (const eventsMax of [1, 2, 3, 8]) {
      const error = await refusalOf(() => read(line(1) + line(2) + line(3, {linked: true}), eventsMax))
      expect(error.code, String(eventsMax)).to.be.oneOf(['chain_open', 'chain_too_long'])
    }
    expect((await refusalOf(() => read(line(1, {linked: true}), 8))).message).to.contain('Line 1, the last, is linked')
  })

  it('a file without rows gives no request', async () => {
    expect(await read('\n\n', 4)).to.deep.equal([])
  })

  it('can begin after any request: what follows is the same as without an interruption', async () => {
    const text = Array.from({length: 11}, (_, index) =>
      line(index + 1, {blank: index % 2, linked: index % 3 === 0}),
    ).join('')
    const whole = await read(text, 3)
    const reader = await importReader(`${home.path}/f`, text, {format: 'ndjson'})
    for (const [index, {to}] of whole.entries()) {
      const rest: string[] = []
      for await (const batch of batches(
        wireRows(reader, to, () => {}),
        to,
        3,
      ))
        rest.push(batch.body.toString())
      expect(rest).to.deep.equal(whole.slice(index + 1).map(({body}) => body))
    }
  })

  it('memory for a response is that of an earlier one, once all of that batch was released, and is large enough', async () => {
    const reader = await importReader(`${home.path}/f`, [1, 2, 3, 4].map((id) => line(id)).join(''), {format: 'ndjson'})
    const lent: Buffer[] = []
    for await (const batch of batches(
      wireRows(reader, reader.rows.first, () => {}),
      reader.rows.first,
      1,
    )) {
      const memory = batch.responseMemory([9000, 5000, 9000, 12_000][lent.length]!)
      expect(batch.responseMemory(0)).to.equal(memory)
      lent.push(memory)
      if (lent.length !== 2) batch.release()
    }
    expect(lent.map(({length}) => length)).to.deep.equal([9000, 5000, 9000, 12_000])
    expect(lent.slice(0, 3).filter((memory) => memory === lent[0])).to.have.lengthOf(2)
    expect(lent[1]).to.not.equal(lent[0])
  })

  it('records are the events with every field exact', async () => {
    const reader = await importReader(`${home.path}/f`, line(1, {pad: 37}), {format: 'ndjson'})
    for await (const batch of batches(
      wireRows(reader, reader.rows.first, () => {}),
      reader.rows.first,
      3,
    ))
      expect(batch.records()).to.deep.equal([
        {id: 1n, debit_account_id: 1n, credit_account_id: 2n, amount: 10n ** 37n, ledger: 700n, code: 1n},
      ])
  })
})

describe('findings of a file', () => {
  it('keep the field and the line of each, a hundred at most, and the number of all', () => {
    const findings = new Findings()
    findings.throwIfAny('f.csv')
    for (let at = 1; at <= 120; at++) findings.add(at, [{field: 'id', message: 'id is missing'}, {message: 'is odd'}])
    expect(findings.count).to.equal(240)
    expect(findings.shown).to.have.lengthOf(100)
    expect(findings.shown.slice(0, 2)).to.deep.equal([
      {line: 1, field: 'id', message: 'id is missing'},
      {line: 1, message: 'is odd'},
    ])
  })
})
