import {createHash} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {isParixError} from '@parix/kit/errors'
import type {CreateKind} from '@parix/ledger/schema'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {splitBatches} from '../../src/events/batches.js'
import {type EventFile, openEventFile} from '../../src/events/event-file.js'
import {readEvents} from '../../src/events/read-events.js'
import {wireList} from '../../src/records/wire.js'

const line = (id: number | string | bigint, more = '') =>
  `{"id":"${id}","debit_account_id":"1","credit_account_id":"2","amount":"5"${more},"ledger":700,"code":1}\n`

/** Generated ids rise from here. */
const GENERATED = 10n ** 20n

describe('a file of events that are never all in memory', () => {
  let home: TestHome
  let path: string
  before(() => {
    home = makeHome()
    path = join(home.path, 'rows.ndjson')
  })
  after(() => home.remove())

  async function open(text: string, eventsMax = 2, kind: CreateKind = 'transfer') {
    writeFileSync(path, text)
    return openEventFile(kind, {name: 'f', path, eventsMax})
  }

  /** The same file as `readEvents` and the outbox take it. */
  function exactly(text: string, eventsMax: number, kind: CreateKind) {
    let next = 0n
    const {records, generated} = readEvents(kind, {text, name: 'f'}, {}, () => GENERATED + next++)
    const bodies = splitBatches(kind, records, eventsMax).map((batch) => wireList(kind, batch))
    const contentKey = createHash('sha256')
      .update(
        wireList(
          kind,
          records.map(({id, ...rest}) => (generated.has(id!) ? rest : {id: id!, ...rest})),
        ),
      )
      .digest('hex')
    return {events: records.length, generated: generated.size, bodies, contentKey}
  }

  async function bodiesOf(file: EventFile): Promise<string[]> {
    const bodies: string[] = []
    let next = 0n
    for await (const {body} of file.batches(() => GENERATED + next++)) bodies.push(Buffer.from(body).toString('latin1'))
    return bodies
  }

  /** What `readEvents` and the outbox make of it, or the sentences with which they refuse it. */
  function whole(text: string, eventsMax: number, kind: CreateKind): ReturnType<typeof exactly> | string[] {
    try {
      return exactly(text, eventsMax, kind)
    } catch (error) {
      return sentences(error)
    }
  }

  function sentences(error: unknown): string[] {
    if (!isParixError(error)) throw error
    return error.details.errors ?? [error.message.replace(' Nothing was sent.', '')]
  }

  /** Rows as people write them; `n` is the number of the row. */
  const rowOf = fc.oneof(
    {weight: 5, arbitrary: fc.constant((n: number) => line(n))},
    {weight: 2, arbitrary: fc.constant((n: number) => line(n, ',"user_data_64":"18"'))},
    {weight: 2, arbitrary: fc.constant((n: number) => line(n).replace(`"id":"${n}",`, ''))},
    {weight: 2, arbitrary: fc.constant((n: number) => line(`0x${n.toString(16)}`))},
    {weight: 1, arbitrary: fc.constant((n: number) => line(n, ',"flags":["pending"],"timeout":"60"'))},
    {weight: 1, arbitrary: fc.constant((n: number) => line(n).replace('"debit_account_id"', '"from"'))},
    {weight: 1, arbitrary: fc.constant((n: number) => line(n, ',"pending_id":"777","flags":4'))},
    {weight: 1, arbitrary: fc.constant((n: number) => line(n, ',"flags":"linked"'))},
    {weight: 1, arbitrary: fc.constant((n: number) => ` ${line(n).replaceAll(',', ' , ')}`)},
    {weight: 1, arbitrary: fc.constant((n: number) => `\n${line(n)}`)},
  )
  /** One of these at most is in a file: of several, the reader of all events says those first that keep it from reading. */
  const wrong = fc.constantFrom(
    (n: number) => line(n, ',"note":"7"'),
    (n: number) => line(n).replace('"5"', '"5.5"'),
    (n: number) => line(n).replace('"amount":"5",', ''),
    (n: number) => line(n).replace('"2"', '"1"'),
    (n: number) => line(n, ',"timestamp":"1700000000000000000"'),
    (n: number) => line(n, ',"flags":["imported"],"timestamp":"1700000000000000000"'),
    () => line(1),
    () => line('0x1'),
    () => line(2n ** 128n - 1n),
    () => '{"id":"5"\n',
    () => '7\n',
    () => 'null\n',
  )

  it('sends the same requests, under the same key, as the reader that keeps all events in memory, or says what that says', () => {
    const rows = fc.array(rowOf, {minLength: 7, maxLength: 30})
    const fault = fc.option(fc.tuple(fc.nat({max: 29}), wrong), {freq: 2})
    return fc.assert(
      fc.asyncProperty(rows, fault, fc.integer({min: 1, max: 6}), async (all, one, eventsMax) => {
        const lines = all.map((make, index) => make(index + 2))
        // What can't be read keeps the other reader from saying that a chain is open.
        if (lines.at(-1)!.includes('"linked"')) lines.push(line(99))
        if (one !== null) lines.splice(1 + (one[0] % lines.length), 0, one[1](lines.length + 2))
        const text = line(1) + lines.join('')
        const expected = whole(text, eventsMax, 'transfer')
        let file: EventFile | undefined
        try {
          file = await open(text, eventsMax)
        } catch (error) {
          expect(sentences(error)).to.have.members(expected as string[])
          return
        }
        expect(file, String(expected)).not.to.equal(undefined)
        expect(expected).not.to.be.an('array')
        const {bodies, ...rest} = expected as ReturnType<typeof exactly>
        expect(file).to.include(rest)
        expect(await bodiesOf(file!)).to.deep.equal(bodies)
      }),
      {numRuns: 300},
    )
  })

  it('does the same for a JSON array, in whatever way it is written', () => {
    const rows = fc.array(rowOf, {minLength: 7, maxLength: 20})
    return fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('', '\n', ' \r\n\t'), fc.boolean(), async (all, blank, wide) => {
        const lines = all.map((make, index) => make(index + 1).trim())
        if (lines.at(-1)!.includes('"linked"')) lines.push(line(99))
        const written = wide ? lines.map((one) => one.replaceAll(',', `,${blank}`)) : lines
        const text = `${blank}[${written.join(`,${blank}`)}${blank}]${blank}`
        const expected = whole(text, 6, 'transfer')
        if (Array.isArray(expected)) return
        const file = await open(text, 6)
        const {bodies, ...rest} = expected
        expect(file).to.include(rest)
        expect(await bodiesOf(file!)).to.deep.equal(bodies)
        expect(file!.where(6)).to.equal(' item 7')
      }),
      {numRuns: 100},
    )
  })

  it('knows the line of each event, whatever lines are empty', async () => {
    const lines = [line(1), `\n${line(2)}`, line(3), `\n \n${line(4)}`, `${line(5)}\n`, line(6)]
    const file = await open(lines.join(''))
    expect(Array.from({length: 6}, (_, index) => file!.where(index))).to.deep.equal(
      [1, 3, 4, 7, 8, 10].map((number) => ` line ${number}`),
    )
  })

  it('says of every row what is wrong with it, with line and column, and how many rows that are', async () => {
    const rows = Array.from({length: 300}, (_, index) => line(index + 1).replace('"5"', index % 2 ? '"5.5"' : '"5"'))
    rows[10] = '{"id":"11"}}\n'
    const error = await open(rows.join('')).catch((reason: unknown) => reason)
    expect(isParixError(error) && error.message).to.equal('151 things are wrong with f. Nothing was sent.')
    const said = sentences(error)
    expect(said).to.have.length(101)
    expect(said[0]).to.equal(
      'f line 2: amount must be a whole number of the smallest unit (cents, not units), but is "5.5".',
    )
    expect(said.find((sentence) => sentence.includes('line 11,'))).to.match(/^f line 11, column 12 is not JSON: /)
    expect(said.at(-1)).to.equal('and 51 more')
  })

  it('holds imported events to rising times, across lines that are sent as they are', async () => {
    const imported = (id: number, timestamp: bigint) => line(id, `,"flags":["imported"],"timestamp":"${timestamp}"`)
    const times = [1_700_000_000_000_000_001n, 1_700_000_000_000_000_002n, 1_700_000_000_000_000_003n]
    expect(await open(times.map((time, index) => imported(index + 1, time)).join(''))).to.include({events: 3})
    const falling = await open(imported(1, times[1]!) + imported(2, times[1]!) + imported(3, times[0]!)).catch(
      sentences,
    )
    expect(falling).to.deep.equal([
      `f line 2: timestamp must be later than that of the object before it, ${times[1]}.`,
      `f line 3: timestamp must be later than that of the object before it, ${times[1]}.`,
    ])
    const mixed = await open(line(1) + line(2) + imported(3, times[0]!)).catch(sentences)
    expect(mixed).to.deep.equal([
      'f line 3: flags and f line 1: flags differ in imported: all objects of a call are, or none.',
    ])
  })

  it('refuses a chain that is open at the end, or that no request takes', async () => {
    const linked = (id: number) => line(id, ',"flags":1')
    for (const rows of [line(1) + line(2) + linked(3), line(1) + line(2) + line(3, ',"flags":["linked"]')])
      expect(await open(rows).catch(sentences)).to.deep.equal([
        'f line 3: flags hold linked, but nothing follows: the last of a chain must not be linked.',
      ])
    for (const [rows, events, first] of [
      [linked(1) + linked(2) + line(3), 3, 1],
      [line(1) + linked(2) + line(3) + linked(4) + linked(5) + linked(6) + line(7), 4, 4],
    ] as const)
      expect(await open(rows).catch(sentences)).to.deep.equal([
        `A chain of ${events} linked events begins with id ${first}; one request takes 2.`,
      ])
    expect(await open(linked(1) + line(2) + linked(3) + line(4))).to.include({events: 4})
  })

  it('gives an id to each row without one when its request is built, and has a key without them', async () => {
    const text = Array.from({length: 5}, (_, index) => line(index).replace(`"id":"${index}",`, '')).join('')
    const file = (await open(text))!
    expect(file.generated).to.equal(5)
    const ids = async () => {
      let next = 0n
      const found: string[] = []
      for await (const batch of file.batches(() => ++next)) found.push(...batch.records().map(({id}) => String(id)))
      return found
    }
    expect(await ids()).to.deep.equal(['1', '2', '3', '4', '5'])
    expect((await open(text))!.contentKey).to.equal(file.contentKey)
    expect((await open(text.replace('"5"', '"6"')))!.contentKey).not.to.equal(file.contentKey)
  })

  it('sends nothing of a file that is another by the time it is sent', async () => {
    const file = (await open(line(1) + line(2) + line('0x3')))!
    writeFileSync(path, line(1) + line(2) + line('abc'))
    expect(await bodiesOf(file).catch(sentences)).to.deep.equal(['f has changed while it was being read.'])
  })

  it('is opened where there is more than one request of it', async () => {
    expect(await open(line(1) + line(2) + line(3))).to.include({events: 3})
    expect(await open(line(1) + line(2)), 'one request').to.equal(undefined)
    expect(await open(line(1) + line(2) + line(3).trimEnd()), 'no newline at the end').to.include({events: 3})
    const list = `[${line(1)},${line(2)},${line(3)}]`
    for (const text of [list, `\ufeff${list}`, list.replaceAll('\n', ''), JSON.stringify(JSON.parse(list), null, 2)]) {
      const file = await open(text)
      expect(file, text).to.include({events: 3})
      expect(file!.where(2)).to.equal(' item 3')
    }
    const account = (id: number) => `{"id":${id},"ledger":700,"code":10}\n`
    expect(await open(account(1) + account(2) + account(3), 2, 'account')).to.include({events: 3})
  })

  for (const [title, text] of [
    ['a value that goes on in the next line', JSON.stringify(JSON.parse(line(1)), null, 2).repeat(3)],
    ['something other than an object in the first line', `7\n${line(1)}${line(2)}${line(3)}`],
    ['a list in every line', `[${line(1)},${line(2)},${line(3)}]`.replaceAll('\n', '').concat('\n').repeat(2)],
    ['a list in a later line', `${line(1)}${line(2)}[${line(3).trim()}]\n`],
    ['a list with a comma too many', `[${line(1)},${line(2)},${line(3)},]`],
    ['a list without a comma', `[${line(1)},${line(2)}${line(3)}]`],
    ['a list that is not closed', `[${line(1)},${line(2)},${line(3)}`],
    ['a list in a list', `[${line(1)},[${line(2)}],${line(3)}]`],
    ['a list with something else in it', `[${line(1)},${line(2)},${line(3)},7]`],
    ['a list and more after it', `[${line(1)},${line(2)},${line(3)}] x`],
    ['a list with an object that is not JSON', `[${line(1)},${line(2)},{"id":}]`],
    ['an empty list', ' [ ] '],
    ['nothing', ''],
  ]) {
    it(`is left to the reader of all events for ${title}`, async () => {
      expect(await open(text!)).to.equal(undefined)
    })
  }

  it('is left to the reader of all events where there is no such file: it says so', async () => {
    expect(await openEventFile('transfer', {name: 'f', path: join(home.path, 'missing'), eventsMax: 2})).to.equal(
      undefined,
    )
  })
})
